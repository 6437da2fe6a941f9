// What an actuator is told: from the words people write to a state that it can take.
#pragma once

#include <optional>
#include <string_view>

#include <tl/expected.hpp>

#include "daemon/flow/command.hpp"
#include "drivers/api/driver.hpp"

namespace b2m {

/// "ON", "off", "toggle", "1", "true", "40", "40%" with any case and space around. For `text` all of it is text.
/// Errors: unknown_state, not_finite. Pure.
[[nodiscard]] tl::expected<Target, Refusal> parse_target(std::string_view text, ActuatorKind kind);

/// 1 and 0 are ON and OFF where there is nothing else. `number` is finite. Pure.
[[nodiscard]] Target number_target(double number, ActuatorKind kind);

/// "40", "+3.5", "1e3" as a whole; none when it is no number at all. Error: not_finite for "nan", "inf" and what is too
/// large. Pure.
[[nodiscard]] std::optional<tl::expected<double, Refusal>> parse_number(std::string_view text);

/// The state that a target means for an actuator named `id`; `newest` is what it was told last, which TOGGLE counts
/// from. Errors: unsupported, out_of_range. Pure.
[[nodiscard]] tl::expected<ActuatorState, Refusal> resolve(const Target& target, const OutputSpec& output,
                                                           const std::optional<ActuatorState>& newest,
                                                           std::string_view id);

/// ON and OFF in the terms of the output. Pure.
[[nodiscard]] ActuatorState on_state(const OutputSpec& output);
[[nodiscard]] ActuatorState off_state(const OutputSpec& output);

/// `text` without white space at its ends. Pure.
[[nodiscard]] std::string_view trimmed(std::string_view text) noexcept;
/// What a user reads back of what was sent: printable and short. Pure.
[[nodiscard]] std::string shown(std::string_view text);

}  // namespace b2m
