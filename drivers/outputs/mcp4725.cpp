// MCP4725 (Microchip, DS22039D), 12-bit digital-to-analog converter: a voltage from nothing to its supply.
// Supported: the DAC register by the fast write (§6.1.1), and what it holds read back. Not supported: the EEPROM with
// what the output is after power-on, which is never written; the power-down modes, which a command ends.
#include <array>
#include <cmath>
#include <memory>

#include "drivers/engine/level.hpp"

namespace b2m {
namespace {

// §7.2: A2 and A1 by the order code, A0 by a pin.
constexpr std::uint8_t addresses[] = {0x60, 0x61, 0x62, 0x63, 0x64, 0x65, 0x66, 0x67};

constexpr std::string_view unit = "V";
constexpr double lowest_supply_v = 2.7;  // §1, electrical characteristics
constexpr double highest_supply_v = 5.5;
constexpr double codes = 4096;

constexpr OptionSpec options[] = {{.key = "reference_v",
                                   .type = OptionType::number,
                                   .summary = "voltage of its supply, which is its reference: 3.3, 5",
                                   .required = true,
                                   .min = lowest_supply_v,
                                   .max = highest_supply_v}};

OutputSpec output_of(const Options& given) {
  return {.kind = ActuatorKind::range, .range = {0, given.number("reference_v")}, .unit = unit};
}

/// VOUT = VDD × code / 4096: the highest code is one step below the supply.
constexpr double volts(unsigned code, double reference_v) { return reference_v * code / codes; }
unsigned code_of(double volt, double reference_v) {
  return static_cast<unsigned>(std::min(std::round(volt / reference_v * codes), codes - 1));
}

/// Worker only.
class Mcp4725 final : public Actuator {
 public:
  Mcp4725(I2cDevice device, double reference_v) : device_(device), reference_v_(reference_v) {}

  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override {
    if (initial) return apply(*initial);
    B2M_ASSIGN(const auto found, output());
    return found.powered_down ? 0 : tidy(volts(found.code, reference_v_));
  }

  Result<ActuatorState> apply(const ActuatorState& target) override {
    B2M_ASSIGN(const double volt, level_of(target, {0, reference_v_}, unit));
    const auto code = code_of(volt, reference_v_);
    B2M_TRY(device_.write({static_cast<std::uint8_t>(code >> 8), static_cast<std::uint8_t>(code & 0xff)}));
    B2M_ASSIGN(const auto reached, output());
    if (reached.powered_down || reached.code != code)
      return fail(Errc::io,
                  "the DAC register does not hold what was written: another part, or one that is busy with "
                  "its EEPROM");
    return volt;
  }

 private:
  struct Output {
    bool powered_down;
    unsigned code;
  };
  /// §6.2: the status, then the DAC register.
  [[nodiscard]] Result<Output> output() const {
    constexpr unsigned power_down = 0x06;
    std::array<std::uint8_t, 3> bytes{};
    B2M_TRY(device_.read(bytes));
    return Output{.powered_down = (bytes[0] & power_down) != 0,
                  .code = static_cast<unsigned>(bytes[1]) << 4 | static_cast<unsigned>(bytes[2]) >> 4};
  }

  I2cDevice device_;
  double reference_v_;
};

std::unique_ptr<Actuator> make(const DriverContext& context) {
  return std::make_unique<Mcp4725>(i2c_device(context), context.options.number("reference_v"));
}

}  // namespace

B2M_DRIVER(mcp4725) = {
    .name = "mcp4725",
    .summary = "Microchip MCP4725 digital-to-analog converter, in volts",
    .datasheet = "Microchip, DS22039D",
    .wiring =
        "its supply is its reference. SparkFun's board is at 0x60, Adafruit's at 0x62, either one higher with A0 "
        "at the supply; after power-on the output is what its EEPROM says, mostly half the supply",
    .bus = BusKind::i2c,
    .addresses = addresses,
    .options = options,
    .make_actuator = make,
    .output = {.kind = ActuatorKind::range, .range = {0, highest_supply_v}, .unit = unit},
    .output_of = output_of,
    .example = R"({"driver": "mcp4725", "bus": "i2c-1", "address": "0x62", "reference_v": 3.3})",
};

}  // namespace b2m
