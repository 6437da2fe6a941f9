// Keeps Home Assistant informed of what the gateway is made of.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/devices.hpp"
#include "daemon/config/model.hpp"
#include "daemon/flow/kept_values.hpp"
#include "daemon/loop/event_loop.hpp"
#include "daemon/mqtt/discovery.hpp"
#include "daemon/mqtt/session.hpp"

namespace b2m {

/// Tells the device's message of MQTT discovery, retained, and again when something in it changes. A component that is
/// no more is removed by a message of its own, and then left out; what an earlier process has told is known from the
/// broker, which retains it. Loop only.
class HomeAssistant {
 public:
  /// All outlive it; `config` is the one in use.
  HomeAssistant(EventLoop& loop, const Config& config, const Devices& devices, Session& session, KeptValues& kept);

  /// To be called before any other state is published.
  void start();
  /// The configuration in use is another one, and its devices are there.
  void changed();
  void connected(bool connected);
  /// A sensor has been read, and perhaps for the first time.
  void measured(const SensorConfig& sensor, std::span<const Channel> channels, const Measurement& measurement);

  [[nodiscard]] std::vector<Subscription> subscriptions() const;
  /// False when the topic is none of subscriptions().
  bool take(const Message& message, bool retained);

 private:
  void publish();
  void note_topic();
  void tell_values();
  void take_earlier(const std::string& payload);
  [[nodiscard]] std::vector<SensorView> sensors() const;
  [[nodiscard]] DiscoveryComponents gone(const Discovery& now, std::span<const SensorView> sensors) const;

  const Config& config_;
  const Devices& devices_;
  Session& session_;
  KeptValues& kept_;
  Timer publish_timer_;
  Timer values_timer_;
  std::string topic_;                                              ///< empty: nothing is told
  DiscoveryComponents told_;                                       ///< and not removed yet
  std::map<std::string, std::size_t, std::less<>> told_channels_;  ///< fingerprints, by sensor
  std::set<std::string, std::less<>> fresh_;  ///< sensors whose values were told before Home Assistant knew them
  bool connected_ = false;
  bool removal_waits_ = false;  ///< for a connection
  bool home_started_ = false;   ///< and has not been told everything yet
};

}  // namespace b2m
