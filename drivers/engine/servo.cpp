#include "drivers/engine/servo.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "drivers/engine/level.hpp"

namespace b2m {

std::optional<double> servo_angle(const ServoTravel& travel, double pulse) {
  if (!(pulse > 0)) return std::nullopt;
  const double share = (pulse - travel.low_pulse) / (travel.high_pulse - travel.low_pulse);
  const double angle = travel.angle.low + share * (travel.angle.high - travel.angle.low);
  return std::clamp(tidy(angle), travel.angle.low, travel.angle.high);
}

ServoTravel servo_travel(const Options& options) {
  return {.angle = {options.number("min_angle"), options.number("max_angle")},
          .low_pulse = options.number("min_pulse_us") / 1e6,
          .high_pulse = options.number("max_pulse_us") / 1e6};
}

std::optional<OptionProblem> check_servo(const Options& options) {
  const auto travel = servo_travel(options);
  if (!(travel.angle.low < travel.angle.high))
    return OptionProblem{"max_angle",
                         fmt::format("{}° is not above min_angle, {}°", travel.angle.high, travel.angle.low),
                         "to turn the other way round, exchange min_pulse_us and max_pulse_us"};
  if (travel.low_pulse == travel.high_pulse)
    return OptionProblem{"max_pulse_us", "is the same as min_pulse_us: the servo would not move"};
  if (const double longest = std::max(travel.low_pulse, travel.high_pulse);
      longest * options.number("frequency_hz") >= 1)
    return OptionProblem{"frequency_hz", fmt::format("a pulse of {:.0f} µs does not fit into a period of {:.0f} µs",
                                                     longest * 1e6, 1e6 / options.number("frequency_hz"))};
  return std::nullopt;
}

OutputSpec servo_output(const Options& options) {
  auto output = servo_default_output;
  output.range = servo_travel(options).angle;
  return output;
}

}  // namespace b2m
