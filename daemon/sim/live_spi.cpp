// Converters on SPI with moving values.
#include <algorithm>
#include <cmath>

#include "daemon/sim/live_wires.hpp"

namespace b2m {
namespace {

/// Microchip, DS21295D §6.1 and DS21298E §6.1: the place of the input's number depends on the bits of the result.
template <unsigned bits>
SpiModel make_mcp3xxx(const LiveContext& context, const Options& options) {
  std::vector<MovingValue> inputs;
  for (std::uint32_t i = 0; i < 8; ++i) inputs.push_back(context.moving(Quantity::voltage, i));
  return [inputs, reference = options.number("reference_v")](std::span<const std::uint8_t> out,
                                                             std::span<std::uint8_t> in) {
    if (out.size() != 3) return;
    const unsigned word = unsigned{out[0]} << 16 | unsigned{out[1]} << 8;
    const unsigned input = bits == 10 ? word >> 12 & 7 : word >> 14 & 7;
    constexpr unsigned end = 1U << bits;
    const double code = std::clamp(std::floor(inputs[input]() / reference * end), 0.0, end - 1.0);
    in[1] = static_cast<std::uint8_t>(static_cast<unsigned>(code) >> 8);
    in[2] = static_cast<std::uint8_t>(static_cast<unsigned>(code) & 0xff);
  };
}

/// Maxim, MAX31855 rev. 5, table 2.
SpiModel make_max31855(const LiveContext& context, const Options& /*options*/) {
  return [hot = MovingValue(context.clock, {60, 95}, context.seed), cold = context.moving(Quantity::temperature)](
             std::span<const std::uint8_t> out, std::span<std::uint8_t> in) {
    if (out.size() != 4) return;
    const auto field = [](double value, double step) { return static_cast<unsigned>(std::lround(value / step)); };
    const unsigned word = field(hot(), 0.25) << 18 | field(cold(), 0.0625) << 4;
    for (unsigned i = 0; i < 4; ++i) in[i] = static_cast<std::uint8_t>(word >> (24 - 8 * i) & 0xff);
  };
}

/// Maxim, MAX31865 rev. 3, table 1; the thermometer by IEC 60751 above 0 °C.
SpiModel make_max31865(const LiveContext& context, const Options& options) {
  const auto refresh = [celsius = context.moving(Quantity::temperature), r0 = options.number("r0_ohm"),
                        reference = options.number("reference_ohm")](SpiRegisters::Contents& registers) {
    const double t = celsius();
    const double resistance = r0 * (1 + 3.9083e-3 * t - 5.775e-7 * t * t);
    const auto code = static_cast<unsigned>(std::clamp(std::round(resistance / reference * 32768), 0.0, 32767.0));
    registers[1] = static_cast<std::uint8_t>(code >> 7);
    registers[2] = static_cast<std::uint8_t>(code << 1 & 0xff);
    registers[0] &= 0xdd;  // one shot and clear reset themselves
  };
  return SpiRegisters({}, refresh);
}

using Row = PartRow<SpiModel>;
constexpr std::array rows{Row{"mcp3008", make_mcp3xxx<10>}, Row{"mcp3004", make_mcp3xxx<10>},
                          Row{"mcp3208", make_mcp3xxx<12>}, Row{"mcp3204", make_mcp3xxx<12>},
                          Row{"max31855", make_max31855},   Row{"max31865", make_max31865}};

}  // namespace

MakePart<SpiModel> find_live_spi(std::string_view name) noexcept { return find_part(rows, name); }

}  // namespace b2m
