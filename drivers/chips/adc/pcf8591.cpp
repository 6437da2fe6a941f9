// PCF8591: four-input, 8-bit analog-to-digital converter. NXP, PCF8591 rev. 7.
// Supported: the four inputs to ground; the analog output is an actuator of the driver pcf8591_dac. Not supported:
// differences. The part has no identity: whatever answers at its address is taken for one.
#include <array>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/pcf8591.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t inputs = 4;
constexpr double codes = 256;

// Counts as long as the reference is not told, volts with it: a running sensor tells which.
constexpr Range counts{0, codes - 1};
constexpr ChannelSpec channels[] = {{"ain0", Quantity::count, counts, "AIN0; volts with `reference_v`"},
                                    {"ain1", Quantity::count, counts, "AIN1; volts with `reference_v`"},
                                    {"ain2", Quantity::count, counts, "AIN2; volts with `reference_v`"},
                                    {"ain3", Quantity::count, counts, "AIN3; volts with `reference_v`"}};

/// Worker only.
class Pcf8591 final : public Sensor {
 public:
  /// Without a reference the channels are counts.
  Pcf8591(I2cDevice device, std::optional<double> reference_volt) : device_(device), reference_volt_(reference_volt) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<> read(Samples& samples) override;

 private:
  Result<std::uint8_t> convert(std::uint8_t input) const;

  I2cDevice device_;
  std::optional<double> reference_volt_;
};

/// There is nothing to set up, but a chip that is missing shows here.
Result<Progress> Pcf8591::init() {
  B2M_TRY(convert(0));
  return Progress::done();
}

std::vector<Channel> Pcf8591::channels() const {
  auto found = to_channels(b2m::channels);
  if (!reference_volt_) return found;
  for (auto& channel : found) {
    channel.quantity = Quantity::voltage;
    channel.range = {0, *reference_volt_};
  }
  return found;
}

/// §8.3: each byte read starts a conversion and returns the one before. The first is of whatever was selected formerly,
/// the second was taken right after the input was switched, the third after it had time to settle.
Result<std::uint8_t> Pcf8591::convert(std::uint8_t input) const {
  std::array<std::uint8_t, 3> bytes{};
  // §8.2: the rest of the control byte of a single input is its number.
  B2M_TRY(read_registers(device_, static_cast<std::uint8_t>(pcf8591_output_enabled | input), bytes));
  return bytes.back();
}

Result<> Pcf8591::read(Samples& samples) {
  for (std::uint8_t input = 0; input < inputs; ++input) {
    B2M_ASSIGN(const std::uint8_t code, convert(input));
    samples.set(input, reference_volt_ ? code * *reference_volt_ / codes : code);
  }
  return {};
}

constexpr OptionSpec options[] = {{.key = "reference_v",
                                   .type = OptionType::number,
                                   .summary = "voltage between VREF and AGND, often the supply; without it the "
                                              "channels are counts from 0 to 255",
                                   .min = 0.1,
                                   .max = 6}};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  std::optional<double> reference_volt;
  if (context.options.has("reference_v")) reference_volt = context.options.number("reference_v");
  return std::make_unique<Pcf8591>(i2c_device(context), reference_volt);
}

}  // namespace

B2M_DRIVER(pcf8591) = {
    .name = "pcf8591",
    .summary = "NXP PCF8591 analog-to-digital converter",
    .datasheet = "NXP, PCF8591 rev. 7",
    .wiring =
        "A0 to A2 add 1, 2 and 4 to address 0x48. On the YL-40 board jumpers connect inputs to its "
        "own photoresistor, thermistor and potentiometer: pull those of inputs that you use",
    .bus = BusKind::i2c,
    .addresses = pcf8591_addresses,
    .channels = channels,
    .options = options,
    .make_sensor = make,
    .example = R"({"driver": "pcf8591", "bus": "i2c-1", "address": "0x48", "reference_v": 3.3})",
};

}  // namespace b2m
