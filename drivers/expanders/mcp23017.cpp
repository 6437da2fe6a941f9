// MCP23017 and MCP23008 (Microchip, DS20001952D and DS20001919F), GPIO expanders of 16 and 8 lines.
// Supported: inputs with and without pull-up, outputs, interrupt on change (INTA and INTB mirrored, active low, open
// drain, so that several chips may share a line). Not supported: input polarity (active_low is the daemon's),
// comparing with a default value, pulses shorter than the time until the chip is read.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <vector>

#include "drivers/api/driver.hpp"

namespace b2m {
namespace {

// The registers in the order of both chips (DS20001952D table 3-1, DS20001919F table 1-3): one byte each on the
// MCP23008, two, A and B, on the MCP23017 with IOCON.BANK = 0.
enum Register : std::uint8_t { iodir, ipol, gpinten, defval, intcon, iocon, gppu, intf, intcap, gpio, olat };
constexpr std::size_t registers = olat + 1;

constexpr std::uint8_t iocon_mirror = 0x40;  // INTA and INTB tell both ports; not there on the MCP23008
constexpr std::uint8_t iocon_open_drain = 0x04;
// IOCON of port A while IOCON.BANK = 1, as other software may have left it; GPINTENB otherwise, which is set up later.
constexpr std::uint8_t iocon_of_bank_1 = 0x05;

/// Worker only.
class Mcp230xx final : public Expander {
 public:
  Mcp230xx(I2cDevice device, unsigned lines) : device_(device), ports_(lines / 8), mask_(lines == 16 ? 0xffff : 0xff) {}

  Result<ExpanderLines> found() override;
  Result<> set_up(const ExpanderLines& lines) override;
  Result<> drive(const ExpanderLines& lines) override;
  Result<std::uint16_t> read(const ExpanderLines& lines) override;

 private:
  using Values = std::array<std::uint16_t, registers>;

  [[nodiscard]] Values wanted(const ExpanderLines& lines) const;
  [[nodiscard]] std::uint8_t address_of(Register reg) const { return static_cast<std::uint8_t>(reg * ports_); }
  Result<> write(Register first, Register last, const Values& values) const;
  [[nodiscard]] Result<Values> read_all() const;
  [[nodiscard]] Result<> set_bank() const;
  [[nodiscard]] Result<Values> read_as_set_up(const ExpanderLines& lines) const;

  I2cDevice device_;
  unsigned ports_;
  std::uint16_t mask_;
};

/// The latch of a line that is no output stays at its level for a pulled-up line, as after power-on of most wirings.
Mcp230xx::Values Mcp230xx::wanted(const ExpanderLines& lines) const {
  const auto masked = [&](int word) { return static_cast<std::uint16_t>(word & mask_); };
  const std::uint8_t configuration = iocon_open_drain | (ports_ == 2 ? iocon_mirror : 0);
  Values values{};
  values[iodir] = masked(~lines.outputs);
  values[gpinten] = masked(lines.inputs);
  values[iocon] = static_cast<std::uint16_t>(ports_ == 2 ? configuration << 8 | configuration : configuration);
  values[gppu] = masked(lines.pull_ups);
  values[olat] = masked(lines.levels | ~lines.outputs);
  return values;
}

/// Consecutive registers in one transfer.
Result<> Mcp230xx::write(Register first, Register last, const Values& values) const {
  std::vector<std::uint8_t> bytes{address_of(first)};
  for (std::size_t reg = first; reg <= last; ++reg)
    for (unsigned port = 0; port < ports_; ++port)
      bytes.push_back(static_cast<std::uint8_t>(values[reg] >> (8 * port)));
  return device_.write(bytes);
}

/// Reading GPIO, which is among them, ends an interrupt.
Result<Mcp230xx::Values> Mcp230xx::read_all() const {
  std::array<std::uint8_t, registers * 2> bytes{};
  B2M_TRY(read_registers(device_, 0, std::span(bytes).first(registers * ports_)));
  Values values{};
  for (std::size_t i = 0; i < registers * ports_; ++i)
    values[i / ports_] = static_cast<std::uint16_t>(values[i / ports_] | bytes[i] << (8 * (i % ports_)));
  return values;
}

/// From here on the registers are where this file has them, and reads go on from one to the next (SEQOP = 0).
Result<> Mcp230xx::set_bank() const {
  if (ports_ == 2) B2M_TRY(write_u8(device_, iocon_of_bank_1, 0));
  return write(iocon, iocon, wanted({}));
}

Result<ExpanderLines> Mcp230xx::found() {
  B2M_TRY(set_bank());
  B2M_ASSIGN(const auto values, read_all());
  return ExpanderLines{.outputs = static_cast<std::uint16_t>(~values[iodir] & mask_), .levels = values[olat]};
}

Result<> Mcp230xx::set_up(const ExpanderLines& lines) {
  const auto values = wanted(lines);
  B2M_TRY(set_bank());
  B2M_TRY(write(olat, olat, values));
  B2M_TRY(write(ipol, gppu, values));
  return write(iodir, iodir, values);
}

/// All registers, of a chip that is what it was made; one that lost its supply meanwhile has all lines as inputs.
Result<Mcp230xx::Values> Mcp230xx::read_as_set_up(const ExpanderLines& lines) const {
  B2M_ASSIGN(const auto values, read_all());
  const auto expected = wanted(lines);
  for (const auto reg : {iodir, ipol, gpinten, gppu, olat})
    if (values[reg] != expected[reg])
      return fail(Errc::io, fmt::format("register 0x{:02x} is 0x{:04x} instead of 0x{:04x}: the chip was reset, or "
                                        "somebody else writes to it",
                                        address_of(reg), values[reg], expected[reg]));
  return values;
}

Result<> Mcp230xx::drive(const ExpanderLines& lines) {
  B2M_TRY(write(olat, olat, wanted(lines)));
  B2M_TRY(read_as_set_up(lines));
  return {};
}

Result<std::uint16_t> Mcp230xx::read(const ExpanderLines& lines) {
  B2M_ASSIGN(const auto values, read_as_set_up(lines));
  return values[gpio];
}

std::unique_ptr<Expander> make(const I2cDevice& device, const ExpanderTraits& traits) {
  return std::make_unique<Mcp230xx>(device, traits.lines);
}

constexpr std::uint8_t addresses[] = {0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27};

constexpr Model models[] = {
    {.name = "mcp23017",
     .summary = "lines 0 to 7 are GPA0 to GPA7, 8 to 15 are GPB0 to GPB7",
     // GPA7 and GPB7 as inputs can disturb the bus (DS20001952D, table 2-1).
     .expander = {.lines = 16, .switched_pull_ups = true, .doubtful_inputs = 0x8080}},
    {.name = "mcp23008", .summary = "lines 0 to 7 are GP0 to GP7", .expander = {.lines = 8, .switched_pull_ups = true}},
};

}  // namespace

B2M_DRIVER(mcp23017) = {
    .name = "mcp23017",
    .summary = "GPIO expanders of 16 and 8 lines, with pull-ups and interrupt",
    .datasheet = "Microchip MCP23017 DS20001952D, MCP23008 DS20001919F",
    .wiring = "RESET to the supply; A0 to A2 to ground for 0x20, each adds 1, 2 and 4; GPA7 and GPB7 not as inputs",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .make_expander = make,
    .example = R"({"driver": "input", "line": "mcp23017@i2c-1:0x20/5", "pull": "up", "interrupt_line": "PC9"})",
};

}  // namespace b2m
