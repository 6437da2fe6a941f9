#include "drivers/engine/level.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace b2m {

Result<double> level_of(const ActuatorState& state, Range range, std::string_view unit) {
  if (const bool* on = std::get_if<bool>(&state)) return *on ? range.high : std::clamp(0.0, range.low, range.high);
  const double* level = std::get_if<double>(&state);
  if (level == nullptr) return fail(Errc::unsupported, "a number is expected, not a text");
  if (!range.contains(*level))
    return fail(Errc::out_of_range,
                fmt::format("{} {} is not within {} to {} {}", *level, unit, range.low, range.high, unit));
  return *level;
}

double tidy(double number) { return std::round(number * 1000) / 1000; }

}  // namespace b2m
