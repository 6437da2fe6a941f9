// PCA9685 (NXP, rev. 4), 16 channels of 12-bit PWM: lamps, fans, valves by percent. Several actuators may share a chip;
// they must agree on its frequency. Servos are of the driver pca9685_servo.
// Supported: each channel by itself, levels from nothing to all, inverted by active_low. Not supported: an external
// clock, open-drain outputs, the chip's sub-addresses and its address for all (which is switched off).
#include <memory>

#include "drivers/engine/level.hpp"
#include "drivers/engine/pca9685.hpp"

namespace b2m {
namespace {

constexpr OptionSpec options[] = {
    pca9685_channel_option,
    {.key = "frequency_hz",
     .type = OptionType::number,
     .summary = "of all channels of the chip; its oscillator is right within some 5 %",
     .fallback = "1000",
     .min = pca9685_lowest_hz,
     .max = pca9685_highest_hz},
    {.key = "active_low", .type = OptionType::boolean, .summary = "100 percent is low", .fallback = "false"},
};

constexpr std::string_view of_the_chip[] = {"frequency_hz"};

/// Worker only.
class Dimmer final : public Actuator {
 public:
  Dimmer(Pca9685 chip, unsigned channel, double frequency_hz, bool active_low)
      : chip_(chip), channel_(channel), frequency_hz_(frequency_hz), active_low_(active_low) {}

  Result<Progress> prepare() override { return chip_.prepare(frequency_hz_); }

  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override {
    B2M_TRY(chip_.restart());
    if (initial) return apply(*initial);
    B2M_ASSIGN(const auto found, chip_.pulse(channel_));
    return tidy(100 * turned(pca9685_fraction(found)));
  }

  Result<ActuatorState> apply(const ActuatorState& target) override {
    B2M_ASSIGN(const double percent, percent_of(target));
    B2M_TRY(chip_.set_pulse(channel_, pca9685_pulse(turned(percent / 100))));
    return percent;
  }

 private:
  [[nodiscard]] double turned(double fraction) const { return active_low_ ? 1 - fraction : fraction; }

  Pca9685 chip_;
  unsigned channel_;
  double frequency_hz_;
  bool active_low_;
};

std::unique_ptr<Actuator> make(const DriverContext& context) {
  const auto channel = static_cast<unsigned>(context.options.integer("channel"));
  return std::make_unique<Dimmer>(Pca9685(i2c_device(context)), channel, context.options.number("frequency_hz"),
                                  context.options.flag("active_low"));
}

}  // namespace

B2M_DRIVER(pca9685) = {
    .name = "pca9685",
    .summary = "a PWM channel of a 16-channel chip, in percent: lamp, fan, valve",
    .datasheet = "NXP PCA9685 rev. 4",
    .wiring = "OE to ground; V+ feeds servos and lamps, not the chip; the jumpers A0 to A5 add 1 to 32 to address 0x40",
    .bus = BusKind::i2c,
    .addresses = pca9685_addresses,
    .options = options,
    .make_actuator = make,
    .shared_chip = {.part = "channel", .agree = of_the_chip},
    .output = {.kind = ActuatorKind::range},
    .example = R"({"driver": "pca9685", "bus": "i2c-1", "address": "0x40", "channel": 3, "frequency_hz": 1000})",
};

}  // namespace b2m
