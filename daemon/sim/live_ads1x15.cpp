// TI ADS1115 (SBAS444E) and ADS1015 (SBAS473F): the configuration selects inputs and full scale, the result is a signed
// fraction of the full scale, left aligned in the ADS1015.
#include <algorithm>
#include <cmath>
#include <vector>

#include "daemon/sim/ads1x15_scale.hpp"
#include "daemon/sim/live_models.hpp"
#include "daemon/sim/register_models.hpp"

namespace b2m {
namespace {

using Registers = WordRegisterModel::Registers;

constexpr unsigned ground = 4;
struct Inputs {
  unsigned positive;
  unsigned negative;
};
// SBAS444E table 8-3, MUX[2:0].
constexpr std::array<Inputs, 8> multiplexer{
    {{0, 1}, {0, 3}, {1, 3}, {2, 3}, {0, ground}, {1, ground}, {2, ground}, {3, ground}}};

double volts_between(const std::vector<MovingValue>& inputs, Inputs pair) {
  return inputs[pair.positive]() - (pair.negative == ground ? 0 : inputs[pair.negative]());
}

std::uint16_t to_code(double volts, double full_scale) {
  return static_cast<std::uint16_t>(std::lround(std::clamp(volts / full_scale * 32768, -32768.0, 32767.0)));
}

std::unique_ptr<ChipModel> make(const LiveContext& context, std::uint16_t result_mask) {
  std::vector<MovingValue> inputs;
  for (std::uint32_t i = 0; i < ground; ++i) inputs.push_back(context.moving(Quantity::voltage, i));
  const auto refresh = [inputs = std::move(inputs), result_mask](Registers& registers) {
    const std::uint16_t configuration = registers[1];
    const double volts = volts_between(inputs, multiplexer[configuration >> 12 & 7]);
    registers[0] = to_code(volts, ads1x15_full_scale(configuration)) & result_mask;
    registers[1] |= 0x8000;  // OS: no conversion is running
  };
  Registers registers{};
  registers[1] = 0x8583;  // power-on values of table 8-2
  registers[2] = 0x8000;
  registers[3] = 0x7fff;
  return std::make_unique<WordRegisterModel>(registers, WordRegisterModel::Behaviour{.refresh = refresh});
}

}  // namespace

std::unique_ptr<ChipModel> make_live_ads1115(const LiveContext& context) { return make(context, 0xffff); }
std::unique_ptr<ChipModel> make_live_ads1015(const LiveContext& context) { return make(context, 0xfff0); }

}  // namespace b2m
