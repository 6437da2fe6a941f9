// A servo on a channel of a PCA9685 (NXP, rev. 4), the chip of the common boards for 16 servos. Dimmers on the same
// chip are of the driver pca9685, at the same frequency.
// Supported: the angle, over any range of angles and pulses. Not supported: to let go of a servo that has arrived.
#include <algorithm>
#include <memory>

#include "drivers/engine/level.hpp"
#include "drivers/engine/pca9685.hpp"
#include "drivers/engine/servo.hpp"

namespace b2m {
namespace {

constexpr OptionSpec options[] = {
    pca9685_channel_option,      servo_options::min_angle,
    servo_options::max_angle,    servo_options::min_pulse_us,
    servo_options::max_pulse_us, servo_options::frequency_hz("of all channels of the chip"),
};

constexpr std::string_view of_the_chip[] = {"frequency_hz"};

/// Worker only.
class Pca9685Servo final : public Actuator {
 public:
  Pca9685Servo(Pca9685 chip, unsigned channel, const ServoTravel& travel, double frequency_hz)
      : chip_(chip), channel_(channel), travel_(travel), frequency_hz_(frequency_hz) {}

  Result<Progress> prepare() override { return chip_.prepare(frequency_hz_); }

  /// A servo without pulses is limp, and stays so; where it stands, nobody knows.
  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override {
    B2M_TRY(chip_.restart());
    if (initial) return apply(*initial);
    B2M_ASSIGN(const auto found, chip_.pulse(channel_));
    const double pulse = pca9685_fraction(found) * pca9685_period(frequency_hz_);
    return servo_angle(travel_, pulse).value_or(std::clamp(0.0, travel_.angle.low, travel_.angle.high));
  }

  Result<ActuatorState> apply(const ActuatorState& target) override {
    B2M_ASSIGN(const double angle, level_of(target, travel_.angle, "°"));
    const double share = servo_pulse(travel_, angle) / pca9685_period(frequency_hz_);
    B2M_TRY(chip_.set_pulse(channel_, pca9685_pulse(share)));
    return angle;
  }

 private:
  Pca9685 chip_;
  unsigned channel_;
  ServoTravel travel_;
  double frequency_hz_;
};

std::unique_ptr<Actuator> make(const DriverContext& context) {
  return std::make_unique<Pca9685Servo>(Pca9685(i2c_device(context)),
                                        static_cast<unsigned>(context.options.integer("channel")),
                                        servo_travel(context.options), context.options.number("frequency_hz"));
}

}  // namespace

B2M_DRIVER(pca9685_servo) = {
    .name = "pca9685_servo",
    .summary = "a servo on a 16-channel PWM chip, by angle",
    .datasheet = "NXP PCA9685 rev. 4; TowerPro, SG90",
    .wiring = "OE to ground; V+ is the servos' supply, 5 to 6 V; the jumpers A0 to A5 add 1 to 32 to address 0x40",
    .bus = BusKind::i2c,
    .addresses = pca9685_addresses,
    .options = options,
    .check_options = check_servo,
    .make_actuator = make,
    .shared_chip = {.part = "channel", .agree = of_the_chip},
    .output = servo_default_output,
    .output_of = servo_output,
    .example = R"({"driver": "pca9685_servo", "bus": "i2c-1", "address": "0x40", "channel": 0, "min_pulse_us": 500,
                   "max_pulse_us": 2500})",
};

}  // namespace b2m
