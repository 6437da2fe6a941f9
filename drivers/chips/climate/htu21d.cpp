// HTU21D, Si7021, SHT2x: humidity and temperature. TE, HPC199_6 (HTU21D(F)); Silicon Labs, Si7021-A20 rev. 1.2;
// Sensirion, Datasheet SHT21, version 4.
// Supported: measurements without holding the clock, 12 bits of humidity, 14 bits of temperature. Not supported: the
// heater (switched off at start), lower resolutions. Not probed: the two bytes that ask for the serial number would
// switch the outputs of a PWM chip at the same address.
#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"
#include "drivers/engine/checksum.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x40};

// The ends of the scale of temperature.
constexpr ChannelSpec channel_table[] = {{"temperature", Quantity::temperature, {-46.85, 128.87}, "±0.3 to ±0.4 °C"},
                                         {"humidity", Quantity::relative_humidity, {0, 100}, "±2 to ±3 %"}};

/// The longest conversions: HTU21D p. 3 and 5, SHT21 table 7, Si7021 table 2 (whose humidity takes a temperature
/// first).
struct Family {
  std::chrono::microseconds temperature;
  std::chrono::microseconds humidity;
};
constexpr Family htu21d{50ms, 16ms};
constexpr Family si7021{10800us, 22800us};
constexpr Family sht2x{85ms, 29ms};

constexpr Model models[] = {{.name = "htu21d"}, {.name = "htu20d"}, {.name = "si7021"}, {.name = "si7020"},
                            {.name = "si7013"}, {.name = "sht20"},  {.name = "sht21"},  {.name = "sht25"}};
constexpr Family family_of(std::string_view model) {
  if (model.starts_with("htu")) return htu21d;
  return model.starts_with("si") ? si7021 : sht2x;
}

constexpr std::uint8_t measure_temperature = 0xf3;
constexpr std::uint8_t measure_humidity = 0xf5;
constexpr std::uint8_t soft_reset = 0xfe;
constexpr std::uint8_t write_user_register = 0xe6;
constexpr std::uint8_t read_user_register = 0xe7;
constexpr std::uint8_t heater = 0x04;

/// HTU21D p. 14: the checksum begins with 0 and covers the status bits.
constexpr bool checksum_is_good(const std::array<std::uint8_t, 3>& answer) {
  return crc8({answer.data(), 2}, 0x31, 0x00) == answer[2];
}
static_assert(checksum_is_good({0x68, 0x3a, 0x7c}) && checksum_is_good({0x4e, 0x85, 0x6b}));

// HTU21D p. 15; the two low bits are status.
constexpr double steps(std::uint16_t word) { return (word & 0xfffc) / 65536.0; }
constexpr double celsius(std::uint16_t word) { return -46.85 + 175.72 * steps(word); }
/// Results just beyond the scale are legal.
constexpr double percent(std::uint16_t word) { return std::clamp(-6 + 125 * steps(word), 0.0, 100.0); }

/// Worker only.
class Htu21d final : public Sensor {
 public:
  Htu21d(I2cDevice device, Family family) : device_(device), family_(family) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  enum class Step : std::uint8_t { idle, temperature, humidity };
  Result<Progress> measure(Step step);
  Result<Progress> advance();
  Result<> heater_off() const;

  I2cDevice device_;
  Family family_;
  bool resetting_ = false;
  Step step_ = Step::idle;
  std::uint16_t temperature_ = 0;
  std::uint16_t humidity_ = 0;
  BoundedWait conversion_{2ms, 20, "finish its measurement"};
};

Result<Progress> Htu21d::init() {
  step_ = Step::idle;
  if (!resetting_) {
    B2M_TRY(device_.write({soft_reset}));
    resetting_ = true;
    return Progress::again_after(15ms);
  }
  resetting_ = false;
  B2M_TRY(heater_off());
  return Progress::done();
}

/// The reset leaves the heater as it is (HTU21D p. 12).
Result<> Htu21d::heater_off() const {
  B2M_ASSIGN(const std::uint8_t user, read_u8(device_, read_user_register));
  if ((user & heater) == 0) return {};
  return write_u8(device_, write_user_register, static_cast<std::uint8_t>(user & ~heater));
}

Result<Progress> Htu21d::trigger() {
  auto progress = step_ == Step::idle ? measure(Step::temperature) : advance();
  if (!progress || !progress->again()) step_ = Step::idle;
  return progress;
}

Result<Progress> Htu21d::measure(Step step) {
  const bool is_temperature = step == Step::temperature;
  B2M_TRY(device_.write({is_temperature ? measure_temperature : measure_humidity}));
  step_ = step;
  conversion_.restart();
  return Progress::again_after(is_temperature ? family_.temperature : family_.humidity);
}

/// Fetches what is being measured; the part does not acknowledge until it has finished.
Result<Progress> Htu21d::advance() {
  std::array<std::uint8_t, 3> answer{};
  const auto fetched = device_.read(answer);
  if (!fetched && fetched.error().code == Errc::no_ack) return conversion_.again();
  if (!fetched) return tl::unexpected(fetched.error());
  const bool is_temperature = step_ == Step::temperature;
  if (!checksum_is_good(answer)) return fail(Errc::checksum, is_temperature ? "temperature" : "humidity");
  (is_temperature ? temperature_ : humidity_) = be16(answer.data());
  return is_temperature ? measure(Step::humidity) : Progress::done();
}

Result<> Htu21d::read(Samples& samples) {
  samples.set(0, celsius(temperature_));
  samples.set(1, percent(humidity_));
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Htu21d>(i2c_device(context), family_of(models[context.model].name));
}

}  // namespace

B2M_DRIVER(htu21d) = {
    .name = "htu21d",
    .summary = "HTU21D, Si7021, SHT21 and related humidity and temperature sensors",
    .datasheet = "TE, HPC199_6 (HTU21D); Silicon Labs, Si7021-A20 rev. 1.2; Sensirion, Datasheet SHT21, version 4",
    .wiring = "the address is fixed, so two need two buses or a multiplexer",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channel_table,
    .every_min = 200ms,
    .make_sensor = make,
    .example = R"({"driver": "htu21d", "bus": "i2c-1", "address": "0x40"})",
};

}  // namespace b2m
