// TSL2591: ambient light. ams, TSL2591 datasheet v1-06 (DS000338). The datasheet has no formula for lux; used is the
// one ams published later for parts of this kind, lux = (C0 - C1) × (1 - C1 / C0) / counts per lux, with 408 as the
// device factor.
// Supported: four gains, six integration times. Not supported: interrupts.
#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/exposure.hpp"
#include "drivers/engine/identity.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x29};

// "Register description"; each access begins with the command for normal operation.
constexpr std::uint8_t command = 0xa0;
constexpr std::uint8_t reg_enable = command | 0x00;
constexpr std::uint8_t reg_control = command | 0x01;
constexpr std::uint8_t reg_id = command | 0x12;
constexpr std::uint8_t reg_status = command | 0x13;
constexpr std::uint8_t reg_data = command | 0x14;
constexpr std::uint8_t id = 0x50;
constexpr std::uint8_t power_on = 0x01;
constexpr std::uint8_t als_on = 0x02;
constexpr std::uint8_t als_valid = 0x01;

// The most that the formula makes of a full scale of visible light alone.
constexpr ChannelSpec channels[] = {{"illuminance", Quantity::illuminance, {0, 155e3}}};

constexpr std::array gains{Gain{"1", 1, 0x00}, Gain{"25", 25, 0x10}, Gain{"428", 428, 0x20}, Gain{"9876", 9876, 0x30}};
constexpr std::array times{IntegrationTime{"100ms", 100ms, 0, 36863}, IntegrationTime{"200ms", 200ms, 1},
                           IntegrationTime{"300ms", 300ms, 2},        IntegrationTime{"400ms", 400ms, 3},
                           IntegrationTime{"500ms", 500ms, 4},        IntegrationTime{"600ms", 600ms, 5}};
constexpr auto gain_names = auto_and_names_of(gains);
constexpr auto time_names = names_of(times);

/// `all` light and its `infrared` part. More infrared than all is noise in the dark: the square would hide it.
constexpr double lux(std::uint16_t all, std::uint16_t infrared, double sensitivity) {
  constexpr double device_factor = 408;
  if (all == 0 || infrared >= all) return 0;
  const double visible = all - infrared;
  return visible * visible / all * device_factor / sensitivity;
}

/// Worker only.
class Tsl2591 final : public ExposureSensor {
 public:
  Tsl2591(I2cDevice device, std::vector<Exposure> ladder) : ExposureSensor(std::move(ladder)), device_(device) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(b2m::channels); }
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> prepare() override;
  Result<Progress::Duration> start(const Exposure& exposure) override;
  Result<bool> finished() override;
  Result<std::uint32_t> fetch() override;

  I2cDevice device_;
  std::uint16_t all_ = 0;
  std::uint16_t infrared_ = 0;
};

Result<Progress> Tsl2591::prepare() {
  B2M_TRY(expect_u8(device_, reg_id, id));
  return Progress::done();
}

/// Enabling the converter starts a measurement and clears the flag of the former. A cycle may take 8 % longer.
Result<Progress::Duration> Tsl2591::start(const Exposure& exposure) {
  B2M_TRY(write_u8(device_, reg_enable, power_on));
  B2M_TRY(write_u8(device_, reg_control, exposure.gain.code | exposure.time.code));
  B2M_TRY(write_u8(device_, reg_enable, power_on | als_on));
  return exposure.time.time * 108 / 100 + 2ms;
}

Result<bool> Tsl2591::finished() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_status));
  return (status & als_valid) != 0;
}

Result<std::uint32_t> Tsl2591::fetch() {
  std::array<std::uint8_t, 4> data{};
  B2M_TRY(read_registers(device_, reg_data, data));
  all_ = le16(&data[0]);
  infrared_ = le16(&data[2]);
  return std::max(all_, infrared_);
}

Result<> Tsl2591::read(Samples& samples) {
  B2M_TRY(usable());
  samples.set(0, lux(all_, infrared_, exposure().sensitivity()));
  return {};
}

constexpr OptionSpec options[] = {
    {.key = "gain",
     .type = OptionType::choice,
     .summary = "auto follows the light",
     .fallback = "auto",
     .choices = gain_names},
    {.key = "integration_time",
     .type = OptionType::choice,
     .summary = "how long is counted; longer is finer in the dark",
     .fallback = "100ms",
     .choices = time_names},
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Tsl2591>(i2c_device(context), make_ladder(gains, times, context.options));
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(expect_u8(device, reg_id, id));
  return "tsl2591";
}

}  // namespace

B2M_DRIVER(tsl2591) = {
    .name = "tsl2591",
    .summary = "ams TSL2591 ambient light sensor",
    .datasheet = "ams, TSL2591 datasheet DS000338 v1-06",
    .wiring = "the address is fixed, so two need two buses or a multiplexer",
    .bus = BusKind::i2c,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 500ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "tsl2591", "bus": "i2c-1", "address": "0x29"})",
};

}  // namespace b2m
