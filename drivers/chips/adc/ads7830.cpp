// ADS7830 (8 bits) and ADS7828 (12 bits): eight-input analog-to-digital converters. Texas Instruments, SBAS302C and
// SBAS181C. Supported: the eight inputs to COM, with the internal or an external reference. Not supported: differences.
// The parts have no identity: whatever answers at their address is taken for one.
#include <array>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x48, 0x49, 0x4a, 0x4b};

constexpr std::uint8_t inputs = 8;

// A running sensor tells the range of its reference.
constexpr Range span{0, 5.5};
// clang-format off
constexpr ChannelSpec channels[] = {{"ain0", Quantity::voltage, span, "CH0 to COM"}, {"ain1", Quantity::voltage, span, "CH1 to COM"},
                                    {"ain2", Quantity::voltage, span, "CH2 to COM"}, {"ain3", Quantity::voltage, span, "CH3 to COM"},
                                    {"ain4", Quantity::voltage, span, "CH4 to COM"}, {"ain5", Quantity::voltage, span, "CH5 to COM"},
                                    {"ain6", Quantity::voltage, span, "CH6 to COM"}, {"ain7", Quantity::voltage, span, "CH7 to COM"}};
// clang-format on

constexpr Model models[] = {{.name = "ads7830", .summary = "8 bits"}, {.name = "ads7828", .summary = "12 bits"}};
constexpr std::array<unsigned, 2> bits{8, 12};

// Command byte, tables 1 and 2 of both.
constexpr std::uint8_t single_ended = 0x80;
constexpr std::uint8_t converter_on = 0x04;
constexpr std::uint8_t reference_on = 0x08;
constexpr double internal_reference_volt = 2.5;

/// The even inputs come first: bit 2 of the code tells odd from even.
constexpr std::uint8_t command(unsigned input, bool internal) {
  const unsigned code = (input & 1) << 2 | input >> 1;
  return static_cast<std::uint8_t>(single_ended | code << 4 | converter_on | (internal ? reference_on : 0U));
}
static_assert(command(0, true) == 0x8c);
static_assert(command(1, false) == 0xc4);
static_assert(command(7, false) == 0xf4);

/// Worker only.
class Ads7830 final : public Sensor {
 public:
  /// Without an external reference the internal one is switched on.
  Ads7830(I2cDevice device, unsigned resolution, std::optional<double> external_volt)
      : device_(device),
        bits_(resolution),
        internal_(!external_volt),
        reference_volt_(external_volt.value_or(internal_reference_volt)) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<> read(Samples& samples) override;

 private:
  Result<std::uint32_t> convert(unsigned input) const;
  [[nodiscard]] Result<double> decode(std::uint32_t code) const;

  I2cDevice device_;
  unsigned bits_;
  bool internal_;
  double reference_volt_;
};

/// The internal reference takes its time to charge the capacitor at its pin; SBAS181C shows 1.2 ms for 1 µF, modules
/// have more.
Result<Progress> Ads7830::init() {
  B2M_TRY(convert(0));
  return Progress::done_after(internal_ ? 20ms : 0ms);
}

std::vector<Channel> Ads7830::channels() const {
  auto found = to_channels(b2m::channels);
  for (auto& channel : found) channel.range = {0, reference_volt_};
  return found;
}

/// The conversion takes place while the part holds the clock of the answer; the result is right aligned.
Result<std::uint32_t> Ads7830::convert(unsigned input) const {
  std::array<std::uint8_t, 2> bytes{};
  const auto answer = std::span(bytes).first(bits_ > 8 ? 2 : 1);
  B2M_TRY(read_registers(device_, command(input, internal_), answer));
  return to_unsigned(answer, ByteOrder::big_endian) & ((1U << bits_) - 1);
}

/// Volt. An input may well be above the internal reference, but hardly above an external one, which often is the supply
/// of what is measured.
Result<double> Ads7830::decode(std::uint32_t code) const {
  if (internal_ && code == (1U << bits_) - 1) return fail(Errc::out_of_range, "the input is at or beyond 2.5 V");
  return code * reference_volt_ / (1U << bits_);
}

Result<> Ads7830::read(Samples& samples) {
  for (unsigned input = 0; input < inputs; ++input) {
    B2M_ASSIGN(const std::uint32_t code, convert(input));
    samples.set(input, decode(code));
  }
  return {};
}

constexpr OptionSpec options[] = {
    {.key = "reference_v",
     .type = OptionType::number,
     .summary = "voltage of an external reference; without it the internal one of 2.5 V is used",
     .min = 0.05,
     .max = 5.5}};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  std::optional<double> external_volt;
  if (context.options.has("reference_v")) external_volt = context.options.number("reference_v");
  return std::make_unique<Ads7830>(i2c_device(context), bits[context.model], external_volt);
}

}  // namespace

B2M_DRIVER(ads7830) = {
    .name = "ads7830",
    .summary = "TI ADS7830 and ADS7828 analog-to-digital converters",
    .datasheet = "Texas Instruments, SBAS302C (ADS7830), SBAS181C (ADS7828)",
    .wiring =
        "A0 and A1 add 1 and 2 to address 0x48. No input may exceed the supply: divide higher "
        "voltages",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .make_sensor = make,
    .example = R"({"driver": "ads7830", "bus": "i2c-1", "address": "0x48"})",
};

}  // namespace b2m
