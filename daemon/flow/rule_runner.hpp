// The rules on the loop: what the devices tell goes in, what follows goes to the commander.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/flow/commander.hpp"
#include "daemon/flow/local_time.hpp"
#include "daemon/flow/reading.hpp"
#include "daemon/flow/rules.hpp"
#include "drivers/api/channel.hpp"

namespace b2m {

/// Knows nothing of a broker and needs none. Loop only.
class RuleRunner {
 public:
  /// `commander` outlives it.
  RuleRunner(EventLoop& loop, std::vector<RuleConfig> rules, Commander& commander);

  void start() { look(); }
  /// As Rules::change(); what it decides follows with the next look, for which start() is to be called.
  void change(std::vector<RuleConfig> rules);
  /// As Rules::forget().
  void forget(std::string_view device) { rules_.forget(device); }
  void stop();
  void measured(const SensorConfig& sensor, std::span<const Channel> channels, const Measurement& measurement);
  void reached(const ActuatorConfig& actuator, const ActuatorState& state);
  void online(const std::string& device, bool online);
  void happened(const SensorConfig& sensor, std::string_view event);

  [[nodiscard]] const Rules& rules() const noexcept { return rules_; }

 private:
  void look();
  void carry_out(const std::vector<Rules::Firing>& firings);
  void rearm();

  Commander& commander_;
  Rules rules_;
  DayTimes day_times_;  ///< that some rule depends on
  Timer timer_;
  WallTimer wall_timer_;
  bool stopped_ = false;
};

}  // namespace b2m
