// APDS-9960: ambient light, colour and proximity. Broadcom (Avago), AV02-4191EN of 13 November 2015.
// Supported: colour and proximity, measured together; four gains and integration times from 28 to 712 ms. Not
// supported: gestures, interrupts, proximity offsets. The maker publishes no formula for lux, so that light is told in
// counts.
#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/exposure.hpp"
#include "drivers/engine/identity.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x39};

// "Register set".
constexpr std::uint8_t reg_enable = 0x80;
constexpr std::uint8_t reg_time = 0x81;
constexpr std::uint8_t reg_proximity_pulse = 0x8e;
constexpr std::uint8_t reg_control = 0x8f;
constexpr std::uint8_t reg_id = 0x92;
constexpr std::uint8_t reg_status = 0x93;
constexpr std::uint8_t reg_data = 0x94;  ///< clear, red, green, blue, proximity
constexpr std::uint8_t id = 0xab;
constexpr std::uint8_t id_of_some_lots = 0xa8;  // sold under the same name, and not in the datasheet
constexpr std::uint8_t power_on = 0x01;
constexpr std::uint8_t measure_both = power_on | 0x02 | 0x04;
constexpr std::uint8_t both_valid = 0x03;
constexpr std::uint8_t clear_saturated = 0x80;
constexpr std::uint8_t proximity_saturated = 0x40;
constexpr std::uint8_t eight_pulses_of_8us = 0x47;  // the conditions of "Proximity characteristics"

// Counts are published as they would be at gain 1 in 100 ms, so that they do not jump when the setting follows the
// light.
constexpr double reference_sensitivity = 100;
constexpr Range counts{0, 40000};
constexpr ChannelSpec channels[] = {
    {"clear", Quantity::count, counts, "ambient light, at gain 1 in 100 ms"},
    {"red", Quantity::count, counts, "at gain 1 in 100 ms"},
    {"green", Quantity::count, counts, "at gain 1 in 100 ms"},
    {"blue", Quantity::count, counts, "at gain 1 in 100 ms"},
    {"proximity", Quantity::count, {0, 255}, "reflected infrared light; more is nearer"},
};

constexpr std::array gains{Gain{"1", 1, 0}, Gain{"4", 4, 1}, Gain{"16", 16, 2}, Gain{"64", 64, 3}};

/// 2.78 ms a cycle, 1025 counts each at most ("ATIME register"); taken as clipped a little below, at 1024.
constexpr IntegrationTime cycles(std::string_view name, unsigned number) {
  return {name, number * 2780us, static_cast<std::uint8_t>(256 - number), std::min(1024U * number, 65535U)};
}
constexpr std::array times{cycles("28ms", 10), cycles("103ms", 37), cycles("200ms", 72), cycles("712ms", 256)};
constexpr auto gain_names = auto_and_names_of(gains);
constexpr auto time_names = names_of(times);
constexpr std::string_view proximity_gains[] = {"1", "2", "4", "8"};  // in the order of their codes

/// Worker only.
class Apds9960 final : public ExposureSensor {
 public:
  Apds9960(I2cDevice device, std::vector<Exposure> ladder, unsigned proximity_gain)
      : ExposureSensor(std::move(ladder)), device_(device), proximity_gain_(proximity_gain) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(b2m::channels); }
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> prepare() override;
  Result<Progress::Duration> start(const Exposure& exposure) override;
  Result<bool> finished() override;
  Result<std::uint32_t> fetch() override;
  [[nodiscard]] Result<double> proximity() const;

  I2cDevice device_;
  unsigned proximity_gain_;  ///< its code
  std::uint8_t status_ = 0;
  std::array<std::uint16_t, 4> light_{};  ///< clear, red, green, blue
  std::uint8_t proximity_ = 0;
};

Result<> check_identity(const I2cDevice& device) { return expect_any_u8(device, reg_id, {id, id_of_some_lots}); }

/// The part needs 5.7 ms to wake up ("System state machine").
Result<Progress> Apds9960::prepare() {
  B2M_TRY(check_identity(device_));
  B2M_TRY(write_u8(device_, reg_enable, power_on));
  B2M_TRY(write_u8(device_, reg_proximity_pulse, eight_pulses_of_8us));
  return Progress::done_after(7ms);
}

/// Enabling both engines starts their measurements; disabling them has cleared the flags. The LED has its full 100 mA.
Result<Progress::Duration> Apds9960::start(const Exposure& exposure) {
  B2M_TRY(write_u8(device_, reg_enable, power_on));
  B2M_TRY(write_u8(device_, reg_time, exposure.time.code));
  B2M_TRY(write_u8(device_, reg_control, static_cast<std::uint8_t>(proximity_gain_ << 2 | exposure.gain.code)));
  B2M_TRY(write_u8(device_, reg_enable, measure_both));
  return exposure.time.time * 11 / 10 + 10ms;
}

Result<bool> Apds9960::finished() {
  B2M_ASSIGN(status_, read_u8(device_, reg_status));
  return (status_ & both_valid) == both_valid;
}

Result<std::uint32_t> Apds9960::fetch() {
  std::array<std::uint8_t, 9> data{};
  B2M_TRY(read_registers(device_, reg_data, data));
  for (std::size_t i = 0; i < light_.size(); ++i) light_[i] = le16(&data[2 * i]);
  proximity_ = data[8];
  if ((status_ & clear_saturated) != 0) return exposure().time.full_scale;
  return *std::max_element(light_.begin(), light_.end());
}

Result<double> Apds9960::proximity() const {
  if ((status_ & proximity_saturated) != 0) return fail(Errc::out_of_range, "too much ambient light");
  return proximity_;
}

/// Too much light for the colours need not be too much for the proximity.
Result<> Apds9960::read(Samples& samples) {
  const auto light = usable();
  if (!light && light.error().code != Errc::out_of_range) return light;
  const double scale = reference_sensitivity / exposure().sensitivity();
  for (std::size_t i = 0; i < light_.size(); ++i)
    samples.set(i, light ? Result<double>(light_[i] * scale) : tl::unexpected(light.error()));
  samples.set(light_.size(), proximity());
  return {};
}

constexpr OptionSpec options[] = {
    {.key = "gain",
     .type = OptionType::choice,
     .summary = "of the light; auto follows it",
     .fallback = "auto",
     .choices = gain_names},
    {.key = "integration_time",
     .type = OptionType::choice,
     .summary = "how long light is counted; longer is finer in the dark",
     .fallback = "103ms",
     .choices = time_names},
    {.key = "proximity_gain",
     .type = OptionType::choice,
     .summary = "larger sees farther",
     .fallback = "4",
     .choices = proximity_gains},
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const auto* gain =
      std::find(std::begin(proximity_gains), std::end(proximity_gains), context.options.text("proximity_gain"));
  return std::make_unique<Apds9960>(i2c_device(context), make_ladder(gains, times, context.options),
                                    static_cast<unsigned>(gain - proximity_gains));
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(check_identity(device));
  return "apds9960";
}

}  // namespace

B2M_DRIVER(apds9960) = {
    .name = "apds9960",
    .summary = "Broadcom APDS-9960 light, colour and proximity sensor",
    .datasheet = "Broadcom, AV02-4191EN",
    .wiring =
        "some modules supply the infrared LED apart (VL) or by a solder jumper: without it there is "
        "no proximity",
    .bus = BusKind::i2c,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 500ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "apds9960", "bus": "i2c-1", "address": "0x39"})",
};

}  // namespace b2m
