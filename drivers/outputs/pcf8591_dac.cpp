// The analog output of a PCF8591 (NXP, rev. 7), 8 bits; its inputs are a sensor of the driver pcf8591, at the same
// address.
// Supported: the output. Not supported: to find out what it is, since the part cannot tell; `initial` is not "keep".
#include <array>
#include <cmath>
#include <memory>

#include "drivers/engine/level.hpp"
#include "drivers/engine/pcf8591.hpp"

namespace b2m {
namespace {

constexpr std::string_view unit = "V";
constexpr double lowest_reference_v = 0.1;
constexpr double highest_reference_v = 6;  // §9, VDD
constexpr double codes = 256;

constexpr OptionSpec options[] = {{.key = "reference_v",
                                   .type = OptionType::number,
                                   .summary = "voltage between VREF and AGND, often the supply",
                                   .required = true,
                                   .min = lowest_reference_v,
                                   .max = highest_reference_v}};

OutputSpec output_of(const Options& given) {
  return {.kind = ActuatorKind::range, .range = {0, given.number("reference_v")}, .unit = unit};
}

constexpr std::string_view cannot_be_kept = "the output of a PCF8591 cannot be read back";

/// `initial` is a key of every actuator, and not there where the driver is made without a configuration.
std::optional<OptionProblem> check(const Options& given) {
  if (!given.has("initial") || given.text("initial") != "keep") return std::nullopt;
  return OptionProblem{"initial", std::string(cannot_be_kept), R"(write "restore" in place of "keep")"};
}

/// Worker only.
class Pcf8591Dac final : public Actuator {
 public:
  Pcf8591Dac(I2cDevice device, double reference_v) : device_(device), reference_v_(reference_v) {}

  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override {
    if (initial) return apply(*initial);
    return fail(Errc::unsupported, std::string(cannot_be_kept));
  }

  /// §8.3: the byte after the control byte is the DAC's.
  Result<ActuatorState> apply(const ActuatorState& target) override {
    B2M_ASSIGN(const double volt, level_of(target, {0, reference_v_}, unit));
    const double code = std::min(std::round(volt / reference_v_ * codes), codes - 1);
    B2M_TRY(device_.write({pcf8591_output_enabled, static_cast<std::uint8_t>(code)}));
    return volt;
  }

 private:
  I2cDevice device_;
  double reference_v_;
};

std::unique_ptr<Actuator> make(const DriverContext& context) {
  return std::make_unique<Pcf8591Dac>(i2c_device(context), context.options.number("reference_v"));
}

}  // namespace

B2M_DRIVER(pcf8591_dac) = {
    .name = "pcf8591_dac",
    .summary = "the analog output of an NXP PCF8591, in volts",
    .datasheet = "NXP, PCF8591 rev. 7",
    .wiring =
        "A0 to A2 add 1, 2 and 4 to address 0x48. AOUT drives next to nothing: into 10 kΩ it reaches some 90 % of "
        "the supply",
    .bus = BusKind::i2c,
    .addresses = pcf8591_addresses,
    .options = options,
    .check_options = check,
    .make_actuator = make,
    .output = {.kind = ActuatorKind::range, .range = {0, highest_reference_v}, .unit = unit},
    .output_of = output_of,
    .example = R"({"driver": "pcf8591_dac", "bus": "i2c-1", "address": "0x48", "reference_v": 3.3})",
};

}  // namespace b2m
