// PCF8574, PCF8574A and PCF8575 (NXP PCF8574/74A rev. 5, PCF8575 rev. 4), GPIO expanders of 8 and 16 lines without
// registers: a write sets the port, a read samples it.
// Supported: inputs, outputs, the interrupt output (open drain; it tells of every line that is not driven low). Not
// supported: pull-ups that can be switched off (a current source of 0.1 mA is always there), pulses shorter than the
// time until the chip is read.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "drivers/api/driver.hpp"

namespace b2m {
namespace {

/// A line that is high is an input as well: only ground is driven for good. There is no read-back of what was written,
/// so the levels at the lines are all that can be found. Worker only.
class Pcf857x final : public Expander {
 public:
  Pcf857x(I2cDevice device, unsigned lines) : device_(device), ports_(lines / 8), mask_(lines == 16 ? 0xffff : 0xff) {}

  Result<ExpanderLines> found() override {
    B2M_ASSIGN(const auto levels, sample());
    return ExpanderLines{.outputs = mask_, .levels = levels};
  }

  /// The port is all there is, and a write of it changes every line at once.
  Result<> set_up(const ExpanderLines& lines) override {
    const auto port = static_cast<std::uint16_t>(lines.levels | ~lines.outputs);
    const std::array bytes{static_cast<std::uint8_t>(port & 0xff), static_cast<std::uint8_t>(port >> 8)};
    return device_.write(std::span(bytes).first(ports_));
  }

  Result<> drive(const ExpanderLines& lines) override { return set_up(lines); }

  Result<std::uint16_t> read(const ExpanderLines& lines) override {
    B2M_ASSIGN(const auto levels, sample());
    const unsigned lost = levels & lines.outputs & static_cast<unsigned>(~lines.levels) & mask_;
    if (lost == 0) return levels;
    return fail(Errc::io, fmt::format("lines that are driven low are high (mask 0x{:04x}): the chip was reset, or "
                                      "somebody else writes to it",
                                      lost));
  }

 private:
  [[nodiscard]] Result<std::uint16_t> sample() const {
    std::array<std::uint8_t, 2> bytes{};
    B2M_TRY(device_.read(std::span(bytes).first(ports_)));
    return static_cast<std::uint16_t>(bytes[0] | bytes[1] << 8);
  }

  I2cDevice device_;
  unsigned ports_;
  std::uint16_t mask_;
};

std::unique_ptr<Expander> make(const I2cDevice& device, const ExpanderTraits& traits) {
  return std::make_unique<Pcf857x>(device, traits.lines);
}

constexpr std::uint8_t low_addresses[] = {0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27};
constexpr std::uint8_t high_addresses[] = {0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f};
constexpr std::uint8_t addresses[] = {0x20, 0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27,
                                      0x38, 0x39, 0x3a, 0x3b, 0x3c, 0x3d, 0x3e, 0x3f};

constexpr Model models[] = {
    {.name = "pcf8574",
     .addresses = low_addresses,
     .summary = "lines 0 to 7 are P0 to P7",
     .expander = {.lines = 8, .open_drain = true}},
    {.name = "pcf8574a",
     .addresses = high_addresses,
     .summary = "lines 0 to 7 are P0 to P7",
     .expander = {.lines = 8, .open_drain = true}},
    {.name = "pcf8575",
     .addresses = low_addresses,
     .summary = "lines 0 to 7 are P00 to P07, 8 to 15 are P10 to P17",
     .expander = {.lines = 16, .open_drain = true}},
};

}  // namespace

B2M_DRIVER(pcf8574) = {
    .name = "pcf8574",
    .summary = "GPIO expanders of 8 and 16 lines that drive only to ground, with interrupt",
    .datasheet = "NXP PCF8574/PCF8574A rev. 5, PCF8575 rev. 4",
    .wiring = "A0 to A2 add 1, 2 and 4 to the lowest address; lines source almost nothing, so loads go to the supply",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .make_expander = make,
    .example = R"({"driver": "input", "line": "pcf8574@i2c-1:0x20/3", "active_low": true, "poll": "20ms"})",
};

}  // namespace b2m
