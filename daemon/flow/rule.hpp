// Rules as values: what has to be so, and what is then done.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/flow/command.hpp"

namespace b2m {

enum class ConditionKind : std::uint8_t {
  threshold,  ///< a channel, or an actuator with a range, above or below or between numbers
  is_on,      ///< a channel of states, or an actuator
  is_off,
  stale,    ///< a sensor, or one channel of it, that can no longer be told
  event,    ///< something that happens to a sensor and is over at once
  between,  ///< a time of day
  all,
  any,
};

/// A condition, or several put together.
struct Condition {
  ConditionKind kind = ConditionKind::all;
  std::string source = {};              ///< a sensor or an actuator
  std::string channel = {};             ///< empty: an actuator, or a sensor as a whole
  std::optional<double> above = {};     ///< published units; with `below`, between both
  std::optional<double> below = {};     ///< published units
  double hysteresis = 0;                ///< how far back a number must come for the condition to end
  std::string event = {};               ///< one of the driver's
  std::chrono::minutes from{0};         ///< of the day, local time; included
  std::chrono::minutes to{0};           ///< excluded; before `from`: past midnight
  std::chrono::nanoseconds lasting{0};  ///< how long it must be so before it counts
  std::vector<Condition> parts = {};    ///< of all and any
  friend bool operator==(const Condition&, const Condition&) = default;
};

struct RuleAction {
  std::string actuator;
  Command command;
  friend bool operator==(const RuleAction&, const RuleAction&) = default;
};

/// What a condition that can no longer be told counts as.
enum class WhenUnknown : std::uint8_t { otherwise, keep, then };

struct RuleConfig {
  std::string name;  ///< "rule 1" where none is given
  Condition when;
  std::vector<RuleAction> then_actions = {};
  std::vector<RuleAction> else_actions = {};
  WhenUnknown unknown = WhenUnknown::otherwise;
  friend bool operator==(const RuleConfig&, const RuleConfig&) = default;
};

}  // namespace b2m
