// The gateway's place on the bus: its connection and its name, for as long as the daemon runs.
#pragma once

#include <optional>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include "daemon/dbus/bus.hpp"
#include "daemon/dbus/objects.hpp"
#include "daemon/loop/backoff.hpp"
#include "daemon/loop/event_loop.hpp"

namespace b2m::dbus {

/// A bus that is missing, hangs or goes away, and a name that may not be owned, never end the daemon: they are told
/// once and tried again for ever, more and more slowly. Loop only.
class Service final : GatewayListener {
 public:
  /// The port outlives it. An empty `reload` answers NotSupported.
  Service(EventLoop& loop, BusType type, GatewayPort& port, Reload reload);
  ~Service() override;
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;

 private:
  static constexpr std::chrono::seconds first_pause{1};
  static constexpr std::chrono::seconds longest_pause{60};

  void connect();
  int try_connect();
  void leave();
  void fail(const std::string& words);
  void on_name(sd_bus_message* reply);
  static int on_name_reply(sd_bus_message* reply, void* userdata, sd_bus_error*);
  static int on_disconnected(sd_bus_message*, void* userdata, sd_bus_error*);

  void sensor_changed(std::string_view id) override { objects_.sensor_changed(id); }
  void actuator_changed(std::string_view id) override { objects_.actuator_changed(id); }
  void gateway_changed() override { objects_.gateway_changed(); }
  void devices_changed() override { objects_.devices_changed(); }

  EventLoop& loop_;
  const BusType type_;
  GatewayPort& port_;
  Objects objects_;
  Timer retry_timer_;
  Backoff backoff_{first_pause, longest_pause};
  std::minstd_rand random_{std::random_device()()};
  BusConnection bus_;
  Slot name_slot_;
  Slot disconnected_slot_;
  std::set<std::string> told_;  ///< reasons since the name was had last: each is told once
};

}  // namespace b2m::dbus
