// The lines of all displays on the loop: what the sensors tell goes in, the texts that follow go to the displays.
#pragma once

#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "daemon/flow/display_feed.hpp"
#include "daemon/flow/reading.hpp"
#include "drivers/api/channel.hpp"

namespace b2m {

/// Loop only.
class DisplayRunner {
 public:
  using Show = std::function<void(const std::string& actuator, const std::string& text)>;

  /// Actuators without lines are left alone.
  DisplayRunner(EventLoop& loop, std::span<const ActuatorConfig> actuators, Show show);

  void start() { look(); }
  /// Those that have ended, by their ids, or are new begin with nothing known; the others go on as they are. start() is
  /// to follow.
  void change(std::span<const ActuatorConfig> actuators, const std::set<std::string, std::less<>>& ended);
  /// Nothing is known of the sensor any more.
  void forget(std::string_view sensor);
  void stop();
  void measured(const SensorConfig& sensor, std::span<const Channel> channels, const Measurement& measurement);
  void online(const SensorConfig& sensor, bool online);

 private:
  void look();

  std::map<std::string, DisplayFeed, std::less<>> displays_;  ///< by the actuator's id
  Show show_;
  Timer timer_;
  bool stopped_ = false;
};

}  // namespace b2m
