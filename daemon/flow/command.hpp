// What travels down the road: commands, and what became of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "daemon/flow/reading.hpp"
#include "drivers/api/driver.hpp"

namespace b2m {

/// "The opposite of what it is now."
struct Toggle {
  friend bool operator==(const Toggle&, const Toggle&) = default;
};

/// A share of what the actuator can do: 0 is the lower end of its range, 100 the upper.
struct Percent {
  double value = 0;
  friend bool operator==(const Percent&, const Percent&) = default;
};

using Target = std::variant<bool, double, std::string, Toggle, Percent>;

/// A parsed command: it is well formed, whether the actuator can do it is not yet known.
struct Command {
  Target target;
  std::optional<std::chrono::nanoseconds> duration = {};  ///< then the opposite (`for`, set_on_ms, set_off_ms)
  std::string id = {};                                    ///< the sender's; empty for none
  std::optional<WallTime> time = {};                      ///< when it was given, where the sender says so
  friend bool operator==(const Command&, const Command&) = default;
};

/// Why a command is not carried out: `error` is a stable word, `message` is for people.
struct Refusal {
  std::string error;
  std::string message;
  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// Of a command that waits while its actuator is to be left as it is, since the gateway stops. Pure.
[[nodiscard]] Refusal stopping(std::string_view actuator);
/// Of a command that waits while a new configuration ends or changes its actuator. Pure.
[[nodiscard]] Refusal reloading(std::string_view actuator);

/// What makes an output change. All of them take the same road.
enum class Source : std::uint8_t {
  command,      ///< MQTT, D-Bus or the command line
  rule,         ///< one of `rules`
  start,        ///< `initial`
  revert,       ///< the end of a `for`
  max_on,       ///< on for too long
  broker_lost,  ///< `on_broker_lost`
  interlock,    ///< found on together with one that it may not be on with
  exit,         ///< `on_exit`
};
[[nodiscard]] std::string_view name(Source source) noexcept;

/// Whether a state counts as on: true, a number that is not 0, a text that is not empty. Pure.
[[nodiscard]] inline bool is_on(const ActuatorState& state) {
  if (const auto* number = std::get_if<double>(&state)) return *number != 0;
  if (const auto* text = std::get_if<std::string>(&state)) return !text->empty();
  return std::get<bool>(state);
}

/// What became of a command.
struct Outcome {
  std::string id = {};                      ///< the command's
  std::optional<ActuatorState> state = {};  ///< reached, when it was carried out
  std::optional<Refusal> refusal = {};
};

}  // namespace b2m
