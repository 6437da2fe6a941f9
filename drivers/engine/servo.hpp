// Servos for models: the angle follows the length of a pulse, some 50 times a second. 1500 µs is the middle of all of
// them; 1000 µs and 2000 µs are what makers agree about (TowerPro, SG90: -90° and 90°), many turn further.
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "drivers/api/driver.hpp"

namespace b2m {

/// What a servo does between two pulses; the second may be the shorter one, then it turns the other way round.
struct ServoTravel {
  Range angle{-90, 90};     ///< in degrees
  double low_pulse = 1e-3;  ///< in seconds, at the lower end of the angle
  double high_pulse = 2e-3;
};

/// The pulse for an angle, in seconds. Pure.
[[nodiscard]] constexpr double servo_pulse(const ServoTravel& travel, double angle) noexcept {
  const double share = (angle - travel.angle.low) / (travel.angle.high - travel.angle.low);
  return travel.low_pulse + share * (travel.high_pulse - travel.low_pulse);
}
static_assert(servo_pulse({}, -90) == 1e-3 && servo_pulse({}, 0) == 1.5e-3 && servo_pulse({}, 90) == 2e-3);

/// The angle that a pulse found stands for, within the travel; none without a pulse. Pure.
[[nodiscard]] std::optional<double> servo_angle(const ServoTravel& travel, double pulse);

/// The options that every driver of servos has.
namespace servo_options {

inline constexpr OptionSpec min_angle{.key = "min_angle",
                                      .type = OptionType::number,
                                      .summary = "degrees at one end of the travel",
                                      .fallback = "-90",
                                      .min = -1800,
                                      .max = 1800};
inline constexpr OptionSpec max_angle{.key = "max_angle",
                                      .type = OptionType::number,
                                      .summary = "degrees at the other end; ON goes there, OFF to 0 or what is nearest",
                                      .fallback = "90",
                                      .min = -1800,
                                      .max = 1800};
inline constexpr OptionSpec min_pulse_us{.key = "min_pulse_us",
                                         .type = OptionType::number,
                                         .summary = "pulse at min_angle; many servos take 500 for their whole travel",
                                         .fallback = "1000",
                                         .min = 100,
                                         .max = 5000};
inline constexpr OptionSpec max_pulse_us{
    .key = "max_pulse_us",
    .type = OptionType::number,
    .summary = "pulse at max_angle, often up to 2500; the two pulses exchanged turn the other way round",
    .fallback = "2000",
    .min = 100,
    .max = 5000};
/// Of 50 Hz servos of all kinds; digital ones take up to some 330.
constexpr OptionSpec frequency_hz(std::string_view summary) {
  return {
      .key = "frequency_hz", .type = OptionType::number, .summary = summary, .fallback = "50", .min = 40, .max = 400};
}

}  // namespace servo_options

/// From the options above. Pure.
[[nodiscard]] ServoTravel servo_travel(const Options& options);
/// CheckOptions of the options above.
[[nodiscard]] std::optional<OptionProblem> check_servo(const Options& options);
/// OutputOf of the options above.
[[nodiscard]] OutputSpec servo_output(const Options& options);
inline constexpr OutputSpec servo_default_output{.kind = ActuatorKind::range, .range = {-90, 90}, .unit = "°"};

}  // namespace b2m
