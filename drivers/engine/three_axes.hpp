// What accelerometers, gyroscopes and magnetometers share: three signed numbers, whose ends mean "beyond the range".
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "drivers/api/channel.hpp"

namespace b2m {

inline constexpr double standard_gravity = 9.80665;  ///< m/s²

/// What stands in the three words, in SI.
struct AxisScale {
  double si_per_step;
  std::int32_t lowest;   ///< this content and anything below means: beyond the range
  std::int32_t highest;  ///< likewise
};

/// The value of one axis, or out_of_range with the advice to choose a larger `option`. Pure.
[[nodiscard]] inline Result<double> axis_value(const AxisScale& scale, std::int32_t raw,
                                               std::string_view option = "range") {
  if (raw > scale.lowest && raw < scale.highest) return raw * scale.si_per_step;
  return fail(Errc::out_of_range, std::string("beyond the range: choose a larger `").append(option).append("`"));
}

/// The channels of a table with the range `largest` in place of the widest one, for quantity `of`. Pure.
[[nodiscard]] inline std::vector<Channel> within(std::vector<Channel> channels, Quantity of, double largest) {
  for (auto& channel : channels)
    if (channel.quantity == of) channel.range = {-largest, largest};
  return channels;
}

}  // namespace b2m
