// LM75 family (NXP LM75B rev. 6.1, TI TMP102 SBOS397H, TI TMP117 SNOSD82D): the temperature stands left aligned in
// register 0.
#include <cmath>

#include "daemon/sim/live_models.hpp"
#include "daemon/sim/register_models.hpp"

namespace b2m {
namespace {

using Registers = WordRegisterModel::Registers;

/// `unused_bits` low bits of the result read 0.
std::unique_ptr<ChipModel> make(const LiveContext& context, const Registers& registers, double kelvin_per_step,
                                unsigned unused_bits) {
  const auto refresh = [celsius = context.moving(Quantity::temperature), kelvin_per_step,
                        unused_bits](Registers& words) {
    const auto steps = static_cast<int>(std::floor(celsius() / kelvin_per_step));
    words[0] = static_cast<std::uint16_t>(static_cast<unsigned>(steps) << unused_bits);
  };
  return std::make_unique<WordRegisterModel>(registers, WordRegisterModel::Behaviour{.refresh = refresh});
}

/// Power-on limits of 75 °C and 80 °C.
Registers with_limits(std::uint16_t configuration) {
  Registers registers{};
  registers[1] = configuration;
  registers[2] = 0x4b00;
  registers[3] = 0x5000;
  return registers;
}

}  // namespace

// Twelve bits whatever the part: a driver masks what its part does not have, as it must with real clones.
std::unique_ptr<ChipModel> make_live_lm75(const LiveContext& context) {
  return make(context, with_limits(0), 0.0625, 4);
}

std::unique_ptr<ChipModel> make_live_tmp102(const LiveContext& context) {
  return make(context, with_limits(0x60a0), 0.0625, 4);
}

std::unique_ptr<ChipModel> make_live_tmp117(const LiveContext& context) {
  Registers registers{};
  registers[1] = 0x2220;     // Data_Ready, the power-on configuration
  registers[0x0f] = 0x0117;  // device id
  return make(context, registers, 0.0078125, 0);
}

}  // namespace b2m
