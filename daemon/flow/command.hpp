// What travels down the road: commands, and what became of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "daemon/loop/event_loop.hpp"
#include "drivers/api/driver.hpp"

namespace b2m {

/// "The opposite of what it is now."
struct Toggle {
  friend bool operator==(const Toggle&, const Toggle&) = default;
};

using Target = std::variant<bool, double, std::string, Toggle>;

/// A parsed command: it is well formed, whether the actuator can do it is not yet known.
struct Command {
  Target target;
  std::optional<std::chrono::nanoseconds> duration = {};  ///< then the opposite (`for`, set_on_ms, set_off_ms)
  std::string id = {};                                    ///< the sender's; empty for none
  friend bool operator==(const Command&, const Command&) = default;
};

/// Why a command is not carried out: `error` is a stable word, `message` is for people.
struct Refusal {
  std::string error;
  std::string message;
};

/// What became of a command.
struct Outcome {
  std::string id = {};                      ///< the command's
  std::optional<ActuatorState> state = {};  ///< reached, when it was carried out
  std::optional<Refusal> refusal = {};
};

}  // namespace b2m
