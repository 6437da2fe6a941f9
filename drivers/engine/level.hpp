// What outputs with a range are told: a number between two ends.
#pragma once

#include <string_view>

#include "drivers/api/driver.hpp"

namespace b2m {

/// The number that a state means for an output that takes `range`: ON is its upper end, OFF what is nearest to 0.
/// Errors: out_of_range, also for what is no number; unsupported for a text. Pure.
[[nodiscard]] Result<double> level_of(const ActuatorState& state, Range range, std::string_view unit);

/// Percent. As above.
[[nodiscard]] inline Result<double> percent_of(const ActuatorState& state) { return level_of(state, {0, 100}, "%"); }

/// A number read back from hardware, without the digits that rounding to its steps has left. Pure.
[[nodiscard]] double tidy(double number);

}  // namespace b2m
