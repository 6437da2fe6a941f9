// A servo on a PWM channel of the kernel: Linux, Documentation/driver-api/pwm.rst.
// Supported: the angle, over any range of angles and pulses. Not supported: to let go of a servo that has arrived; it
// holds its place.
#include <algorithm>
#include <cmath>
#include <memory>

#include "drivers/engine/kernel_pwm.hpp"
#include "drivers/engine/level.hpp"
#include "drivers/engine/servo.hpp"

namespace b2m {
namespace {

constexpr OptionSpec options[] = {
    pwm_options::chip,
    pwm_options::channel,
    servo_options::min_angle,
    servo_options::max_angle,
    servo_options::min_pulse_us,
    servo_options::max_pulse_us,
    servo_options::frequency_hz("of the pulses; digital servos take more"),
    pwm_options::active_low,
};

/// Worker only.
class Servo final : public Actuator {
 public:
  Servo(KernelPwm channel, const ServoTravel& travel, std::chrono::nanoseconds period)
      : channel_(std::move(channel)), travel_(travel), period_(period) {}

  Result<Progress> prepare() override { return channel_.prepare(period_); }

  /// A servo without pulses is limp, and stays so; where it stands, nobody knows.
  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override {
    if (initial) return apply(*initial);
    B2M_ASSIGN(const auto found, channel_.pulse());
    const double pulse = std::chrono::duration<double>(found.active).count();
    return servo_angle(travel_, pulse).value_or(std::clamp(0.0, travel_.angle.low, travel_.angle.high));
  }

  Result<ActuatorState> apply(const ActuatorState& target) override {
    B2M_ASSIGN(const double angle, level_of(target, travel_.angle, "°"));
    const auto pulse = std::llround(servo_pulse(travel_, angle) * 1e9);
    B2M_TRY(channel_.set_pulse({period_, std::chrono::nanoseconds(pulse)}));
    return angle;
  }

 private:
  KernelPwm channel_;
  ServoTravel travel_;
  std::chrono::nanoseconds period_;
};

std::unique_ptr<Actuator> make(const DriverContext& context) {
  return std::make_unique<Servo>(KernelPwm(context), servo_travel(context.options),
                                 pwm_period(context.options.number("frequency_hz")));
}

}  // namespace

B2M_DRIVER(servo) = {
    .name = "servo",
    .summary = "a servo on a PWM channel of the kernel, by angle",
    .datasheet = "Linux, Documentation/driver-api/pwm.rst; TowerPro, SG90",
    .wiring =
        "a supply of its own, 5 to 6 V, with its ground joined to the board's; the pin drives the signal wire alone",
    .bus = BusKind::files,
    .options = options,
    .check_options = check_servo,
    .make_actuator = make,
    .output = servo_default_output,
    .output_of = servo_output,
    .example = R"({"driver": "servo", "chip": "300a000.pwm", "channel": 2, "min_angle": 0, "max_angle": 180})",
};

}  // namespace b2m
