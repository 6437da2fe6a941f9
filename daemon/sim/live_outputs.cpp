// Chips of lines and outputs: GPIO expanders (Microchip DS20001952D and DS20001919F, NXP PCF8574 rev. 5 and PCF8575
// rev. 4), whose inputs change every few seconds, each at its own pace, the PWM chip PCA9685 (NXP rev. 4) and the
// digital-to-analog converter MCP4725 (Microchip DS22039D).
#include <array>

#include "daemon/sim/live_models.hpp"
#include "daemon/sim/port_models.hpp"
#include "daemon/sim/register_models.hpp"

namespace b2m {
namespace {

using Registers = ByteRegisterModel::Registers;

/// The levels that the world puts on sixteen pins.
std::uint16_t moving_levels(const LiveContext& context) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(context.clock().time_since_epoch()).count();
  unsigned levels = 0;
  for (unsigned pin = 0; pin < 16; ++pin)
    if (seconds / (5 + (context.seed + pin) % 8) % 2 == 1) levels |= 1U << pin;
  return static_cast<std::uint16_t>(levels);
}

/// GPIO shows the latch of an output and the world at an input. `ports` registers each of the eleven.
std::unique_ptr<ChipModel> make_mcp230xx(const LiveContext& context, std::size_t ports) {
  constexpr std::size_t gpio = 9;
  constexpr std::size_t olat = 10;
  Registers registers{};
  for (std::size_t port = 0; port < ports; ++port) registers[port] = 0xff;  // IODIR
  const auto refresh = [context, ports](Registers& bytes) {
    const auto outside = moving_levels(context);
    for (std::size_t port = 0; port < ports; ++port) {
      const unsigned inputs = bytes[port];
      const unsigned latch = bytes[olat * ports + port];
      bytes[gpio * ports + port] =
          static_cast<std::uint8_t>((latch & ~inputs) | (static_cast<unsigned>(outside >> (8 * port)) & inputs));
    }
  };
  return std::make_unique<ByteRegisterModel>(registers, ByteRegisterModel::Behaviour{.refresh = refresh});
}

std::unique_ptr<ChipModel> make_pcf857x(const LiveContext& context, unsigned ports) {
  return std::make_unique<PortModel>([context] { return moving_levels(context); }, ports);
}

/// MCP4725: the fast write (§6.1.1) and the read command (§6.2). The EEPROM, whose commands are ignored, holds half of
/// the range, as delivered. Worker only.
class LiveMcp4725 final : public ChipModel {
 public:
  Result<> write(std::span<const std::uint8_t> bytes) override {
    constexpr unsigned not_fast = 0xc0;
    for (std::size_t i = 0; i + 1 < bytes.size() && (bytes[i] & not_fast) == 0; i += 2)
      register_ = static_cast<unsigned>(bytes[i]) << 8 | bytes[i + 1];
    return {};
  }
  Result<> read(std::span<std::uint8_t> into) override {
    constexpr unsigned ready = 0xc0;
    const std::array<unsigned, 5> bytes{ready | (register_ >> 12 & 3) << 1, register_ >> 4 & 0xff,
                                        (register_ & 0x0f) << 4, half_range >> 8, half_range & 0xff};
    for (std::size_t i = 0; i < into.size(); ++i) into[i] = static_cast<std::uint8_t>(bytes[i % bytes.size()]);
    return {};
  }

 private:
  static constexpr unsigned half_range = 0x800;
  unsigned register_ = half_range;  ///< two bits of power-down, twelve of the code
};

}  // namespace

std::unique_ptr<ChipModel> make_live_mcp4725(const LiveContext& /*context*/) { return std::make_unique<LiveMcp4725>(); }

std::unique_ptr<ChipModel> make_live_mcp23017(const LiveContext& context) { return make_mcp230xx(context, 2); }
std::unique_ptr<ChipModel> make_live_mcp23008(const LiveContext& context) { return make_mcp230xx(context, 1); }
std::unique_ptr<ChipModel> make_live_pcf8574(const LiveContext& context) { return make_pcf857x(context, 1); }
std::unique_ptr<ChipModel> make_live_pcf8575(const LiveContext& context) { return make_pcf857x(context, 2); }

/// PRE_SCALE takes a value in sleep alone; RESTART marks a sleep into which running channels were sent (§7.3.1.1).
std::unique_ptr<ChipModel> make_live_pca9685(const LiveContext& /*context*/) {
  constexpr std::uint8_t mode1 = 0x00;
  constexpr std::uint8_t prescale = 0xfe;
  constexpr std::uint8_t sleep = 0x10;
  constexpr std::uint8_t restart = 0x80;
  Registers registers{};
  registers[mode1] = 0x11;
  registers[0x01] = 0x04;
  registers[prescale] = 0x1e;
  for (std::size_t channel = 0; channel < 16; ++channel) registers[0x09 + 4 * channel] = 0x10;  // full OFF
  const auto written = [kept = registers](Registers& bytes, std::uint8_t reg, std::uint8_t value) mutable {
    if (reg == mode1) {
      const bool falls_asleep = (kept[mode1] & sleep) == 0 && (value & sleep) != 0;
      const bool marked = (value & restart) == 0 && (falls_asleep || (kept[mode1] & restart) != 0);
      bytes[mode1] = static_cast<std::uint8_t>((value & ~restart) | (marked ? restart : 0));
    }
    if (reg == prescale && (kept[mode1] & sleep) == 0) bytes[prescale] = kept[prescale];
    kept = bytes;
  };
  return std::make_unique<ByteRegisterModel>(registers, ByteRegisterModel::Behaviour{.written = written});
}

}  // namespace b2m
