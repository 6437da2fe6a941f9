// PCA9685 (NXP, rev. 4), 16 channels of 12-bit PWM: lamps, fans, valves by percent. Several actuators may share a chip;
// they must agree on its frequency.
// Supported: each channel by itself, levels from nothing to all, inverted by active_low. Not supported: an external
// clock, open-drain outputs, the chip's sub-addresses and its address for all (which is switched off).
#include <fmt/format.h>

#include <memory>

#include "drivers/engine/pca9685.hpp"

namespace b2m {
namespace {

// All of A5 to A0 (§7.1), but for 0x70, where every chip answers after power-on, and the reserved ones above 0x77.
constexpr std::uint8_t addresses[] = {
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52,
    0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x61, 0x62, 0x63, 0x64, 0x65,
    0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77};

constexpr OptionSpec options[] = {
    {.key = "channel",
     .type = OptionType::integer,
     .summary = "output of the chip",
     .required = true,
     .min = 0,
     .max = pca9685_channels - 1},
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
    return 100 * turned(pca9685_fraction(found));
  }

  Result<ActuatorState> apply(const ActuatorState& target) override {
    B2M_ASSIGN(const double percent, percent_of(target));
    B2M_TRY(chip_.set_pulse(channel_, pca9685_pulse(turned(percent / 100))));
    return percent;
  }

 private:
  static Result<double> percent_of(const ActuatorState& state) {
    if (const bool* on = std::get_if<bool>(&state)) return *on ? 100 : 0;
    const double* percent = std::get_if<double>(&state);
    if (percent == nullptr) return fail(Errc::unsupported, "a dimmer takes percent");
    if (!(*percent >= 0 && *percent <= 100))
      return fail(Errc::out_of_range, fmt::format("{} is not a percentage from 0 to 100", *percent));
    return *percent;
  }
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
    .addresses = addresses,
    .options = options,
    .make_actuator = make,
    .shared_chip = {.part = "channel", .agree = of_the_chip},
    .output = {.kind = ActuatorKind::range},
    .example = R"({"driver": "pca9685", "bus": "i2c-1", "address": "0x40", "channel": 3, "frequency_hz": 1000})",
};

}  // namespace b2m
