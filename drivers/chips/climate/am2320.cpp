// AM2320, AM2321, AM2322: humidity and temperature. Aosong, AM2320 product manual V1.0.
// Supported: the I2C mode. Not supported: the single-bus mode, the user registers. Not probed: the part sleeps, and
// waking it would write to others of this address.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"
#include "drivers/engine/checksum.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x5c};

constexpr ChannelSpec channel_table[] = {{"temperature", Quantity::temperature, {-40, 80}, "±0.5 °C"},
                                         {"humidity", Quantity::relative_humidity, {0, 100}, "±3 %"}};

constexpr Model models[] = {{.name = "am2320"}, {.name = "am2321"}, {.name = "am2322"}};

// §8.2: a Modbus frame without the address. Humidity stands in registers 0 and 1, temperature in 2 and 3.
constexpr std::uint8_t read_registers_function = 0x03;
constexpr std::uint8_t value_bytes = 4;
using Frame = std::array<std::uint8_t, 8>;  ///< function, count, values, checksum with the low byte first

/// Tenths of a degree with a separate sign.
constexpr double celsius(std::uint16_t word) { return (word & 0x7fff) / ((word & 0x8000) != 0 ? -10.0 : 10.0); }
static_assert(celsius(0x8064) == -10);

Result<> check(const Frame& frame) {
  if (crc16_modbus({frame.data(), 6}) != le16(&frame[6])) return fail(Errc::checksum, "frame of the measurement");
  if (frame[0] == read_registers_function && frame[1] == value_bytes) return {};
  return fail(Errc::io, fmt::format("the part answers {:02x} {:02x}", frame[0], frame[1]));
}

/// The part sleeps between readings. What wakes it is not acknowledged, and it falls asleep again after some
/// milliseconds, so that a late question has to wake it anew.
/// Worker only.
class Am2320 final : public Sensor {
 public:
  explicit Am2320(I2cDevice device) : device_(device) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> wake();
  Result<Progress> ask();

  static constexpr unsigned most_wakes = 4;
  I2cDevice device_;
  unsigned wakes_ = 0;  ///< of this reading so far
};

Result<Progress> Am2320::init() {
  wakes_ = 0;
  return Progress::done();
}

Result<Progress> Am2320::trigger() {
  auto progress = wakes_ == 0 ? wake() : ask();
  if (!progress || !progress->again()) wakes_ = 0;
  return progress;
}

Result<Progress> Am2320::wake() {
  const auto written = device_.write({0x00});
  if (!written && written.error().code != Errc::no_ack) return tl::unexpected(written.error());
  ++wakes_;
  return Progress::again_after(1ms);
}

Result<Progress> Am2320::ask() {
  const auto asked = device_.write({read_registers_function, 0x00, value_bytes});
  if (!asked && asked.error().code == Errc::no_ack && wakes_ < most_wakes) return wake();
  if (!asked) return tl::unexpected(asked.error());
  return Progress::done_after(2ms);  // 1.5 ms at least
}

Result<> Am2320::read(Samples& samples) {
  Frame frame{};
  B2M_TRY(device_.read(frame));
  B2M_TRY(check(frame));
  samples.set(0, celsius(be16(&frame[4])));
  samples.set(1, be16(&frame[2]) / 10.0);
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) { return std::make_unique<Am2320>(i2c_device(context)); }

}  // namespace

B2M_DRIVER(am2320) = {
    .name = "am2320",
    .summary = "Aosong AM2320 humidity and temperature sensor",
    .datasheet = "Aosong, AM2320 product manual V1.0",
    .wiring = "the bare part needs pull-ups of 4.7 to 10 kΩ from SDA and SCL to 3.3 V",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channel_table,
    .every_min = 2s,
    .make_sensor = make,
    .example = R"({"driver": "am2320", "bus": "i2c-1", "address": "0x5c"})",
};

}  // namespace b2m
