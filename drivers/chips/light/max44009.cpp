// MAX44009: ambient light. Maxim, 19-5719 rev. 4.
// Supported: the automatic mode with a result each 800 ms. Not supported: manual ranges, continuous mode, interrupt.
// The part has no identity: whatever answers at its address is taken for one.
#include <array>
#include <memory>

#include "drivers/api/driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x4a, 0x4b};

// "Register and bit descriptions".
constexpr std::uint8_t reg_config = 0x02;
constexpr std::uint8_t reg_lux_high = 0x03;
constexpr std::uint8_t reg_lux_low = 0x04;
constexpr std::uint8_t automatic_mode = 0x00;

constexpr ChannelSpec channels[] = {{"illuminance", Quantity::illuminance, {0, 188006.4}, "±15 %"}};

/// Exponent and mantissa: 0.045 lx per step. The largest exponent says that there is more light than the part can
/// measure.
constexpr unsigned overrange = 15;
constexpr unsigned exponent(std::uint8_t high) { return high >> 4; }
constexpr double lux(std::uint8_t high, std::uint8_t low) {
  const unsigned mantissa = (high & 0x0fU) << 4 | (low & 0x0fU);
  return (1U << exponent(high)) * mantissa * 0.045;
}
static_assert(lux(0x01, 0x00) == 16 * 0.045);

/// Worker only.
class Max44009 final : public Sensor {
 public:
  explicit Max44009(I2cDevice device) : device_(device) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(b2m::channels); }
  Result<> read(Samples& samples) override;

 private:
  I2cDevice device_;
};

/// A measurement begins each 800 ms and may take as long.
Result<Progress> Max44009::init() {
  B2M_TRY(write_u8(device_, reg_config, automatic_mode));
  return Progress::done_after(1700ms);
}

/// Both halves in one transaction: the part holds its result until the stop condition ("Reading from the lux
/// registers").
Result<> Max44009::read(Samples& samples) {
  std::array<std::uint8_t, 1> high{};
  std::array<std::uint8_t, 1> low{};
  const std::array ops{I2cOp{.write = {&reg_lux_high, 1}}, I2cOp{.read = high}, I2cOp{.write = {&reg_lux_low, 1}},
                       I2cOp{.read = low}};
  B2M_TRY(device_.bus->transfer(device_.address, ops));
  if (exponent(high[0]) == overrange) return fail(Errc::out_of_range, "too much light");
  samples.set(0, lux(high[0], low[0]));
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) { return std::make_unique<Max44009>(i2c_device(context)); }

}  // namespace

B2M_DRIVER(max44009) = {
    .name = "max44009",
    .summary = "Maxim MAX44009 ambient light sensor",
    .datasheet = "Maxim, 19-5719 rev. 4",
    .wiring = "A0 to ground is address 0x4a, to 3.3 V 0x4b",
    .bus = BusKind::i2c,
    .addresses = addresses,
    .channels = channels,
    .every_min = 800ms,
    .make_sensor = make,
    .example = R"({"driver": "max44009", "bus": "i2c-1", "address": "0x4a"})",
};

}  // namespace b2m
