// TCS34725, TCS34727, TCS34721, TCS34723: colour. ams, TCS3472 datasheet v1-02; illuminance and colour temperature by
// TAOS DesignNote DN40 (version 1.0, August 2013). Supported: four gains, integration times from 24 to 614 ms. Not
// supported: interrupts, the wait timer.
#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/exposure.hpp"
#include "drivers/engine/identity.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x29, 0x39};
constexpr std::uint8_t address_29[] = {0x29};
constexpr std::uint8_t address_39[] = {0x39};

// "Register description"; each access begins with a command that lets the address count up.
constexpr std::uint8_t command = 0xa0;
constexpr std::uint8_t reg_enable = command | 0x00;
constexpr std::uint8_t reg_time = command | 0x01;
constexpr std::uint8_t reg_control = command | 0x0f;
constexpr std::uint8_t reg_id = command | 0x12;
constexpr std::uint8_t reg_status = command | 0x13;
constexpr std::uint8_t reg_data = command | 0x14;
constexpr std::uint8_t power_on = 0x01;
constexpr std::uint8_t converter_on = 0x02;
constexpr std::uint8_t valid = 0x01;
constexpr std::uint8_t id_tcs34725 = 0x44;  // also TCS34721
constexpr std::uint8_t id_tcs34727 = 0x4d;  // also TCS34723

constexpr Model models[] = {
    {.name = "tcs34725", .addresses = address_29, .summary = "also TCS34727"},
    {.name = "tcs34721", .addresses = address_39, .summary = "also TCS34723"},
};

// Counts are published as they would be at gain 1 in 100 ms, so that they do not jump when the setting follows the
// light.
constexpr double reference_sensitivity = 100;
constexpr Range counts{0, 45000};
constexpr ChannelSpec channels[] = {
    {"illuminance", Quantity::illuminance, {0, 200e3}, "by DN40"},
    {"color_temperature", Quantity::color_temperature, {1391, 40000}, "by DN40; fails in the dark"},
    {"clear", Quantity::count, counts, "at gain 1 in 100 ms"},
    {"red", Quantity::count, counts, "at gain 1 in 100 ms"},
    {"green", Quantity::count, counts, "at gain 1 in 100 ms"},
    {"blue", Quantity::count, counts, "at gain 1 in 100 ms"},
};

constexpr std::array gains{Gain{"1", 1, 0}, Gain{"4", 4, 1}, Gain{"16", 16, 2}, Gain{"60", 60, 3}};

/// 2.4 ms a cycle, 1024 counts each, 16 bits at most. DN40, "Saturation": below 150 ms the ripple of lamps clips
/// the analog part before the count shows it, at three quarters.
constexpr IntegrationTime cycles(std::string_view name, unsigned number) {
  const std::uint32_t digital = std::min(1024U * number, 65535U);
  const bool ripple = number * 2.4 < 150;
  return {name, number * 2400us, static_cast<std::uint8_t>(256 - number), ripple ? digital * 3 / 4 : digital};
}
constexpr std::array times{cycles("24ms", 10), cycles("101ms", 42), cycles("154ms", 64), cycles("614ms", 256)};
constexpr auto gain_names = auto_and_names_of(gains);
constexpr auto time_names = names_of(times);

struct Counts {
  std::uint16_t clear, red, green, blue;
};

/// The light that all filters let through: infrared, since the sum of the colours is more than the clear light by twice
/// of it.
constexpr double infrared(const Counts& c) { return std::max(0.0, (c.red + c.green + c.blue - c.clear) / 2.0); }

/// DN40, "Lux equation", with the coefficients of the TCS3472 in open air.
constexpr double lux(const Counts& c, double sensitivity, double glass_attenuation) {
  constexpr double device_factor = 310;
  const double ir = infrared(c);
  const double weighted = 0.136 * (c.red - ir) + 1.0 * (c.green - ir) - 0.444 * (c.blue - ir);
  return std::max(0.0, weighted) * glass_attenuation * device_factor / sensitivity;
}

/// DN40, "CCT equation"; K.
Result<double> color_temperature(const Counts& c) {
  const double red = c.red - infrared(c);
  const double blue = c.blue - infrared(c);
  if (red <= 0 || blue < 0) return fail(Errc::out_of_range, "too little red light to tell a colour temperature");
  return 3810 * blue / red + 1391;
}

/// Worker only.
class Tcs34725 final : public ExposureSensor {
 public:
  Tcs34725(I2cDevice device, std::vector<Exposure> ladder, double glass_attenuation)
      : ExposureSensor(std::move(ladder)), device_(device), glass_attenuation_(glass_attenuation) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(b2m::channels); }
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> prepare() override;
  Result<Progress::Duration> start(const Exposure& exposure) override;
  Result<bool> finished() override;
  Result<std::uint32_t> fetch() override;

  I2cDevice device_;
  double glass_attenuation_;
  Counts counts_{};
};

Result<> check_identity(const I2cDevice& device) { return expect_any_u8(device, reg_id, {id_tcs34725, id_tcs34727}); }

/// The oscillator needs 2.4 ms after power-on before the converter may be enabled.
Result<Progress> Tcs34725::prepare() {
  B2M_TRY(check_identity(device_));
  B2M_TRY(write_u8(device_, reg_enable, power_on));
  return Progress::done_after(3ms);
}

/// Enabling the converter starts a measurement and clears the flag of the former.
Result<Progress::Duration> Tcs34725::start(const Exposure& exposure) {
  B2M_TRY(write_u8(device_, reg_enable, power_on));
  B2M_TRY(write_u8(device_, reg_time, exposure.time.code));
  B2M_TRY(write_u8(device_, reg_control, exposure.gain.code));
  B2M_TRY(write_u8(device_, reg_enable, power_on | converter_on));
  return exposure.time.time * 11 / 10 + 5ms;
}

Result<bool> Tcs34725::finished() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_status));
  return (status & valid) != 0;
}

Result<std::uint32_t> Tcs34725::fetch() {
  std::array<std::uint8_t, 8> data{};
  B2M_TRY(read_registers(device_, reg_data, data));
  counts_ = {le16(&data[0]), le16(&data[2]), le16(&data[4]), le16(&data[6])};
  return std::max({counts_.clear, counts_.red, counts_.green, counts_.blue});
}

Result<> Tcs34725::read(Samples& samples) {
  B2M_TRY(usable());
  const double scale = reference_sensitivity / exposure().sensitivity();
  samples.set(0, lux(counts_, exposure().sensitivity(), glass_attenuation_));
  samples.set(1, color_temperature(counts_));
  samples.set(2, counts_.clear * scale);
  samples.set(3, counts_.red * scale);
  samples.set(4, counts_.green * scale);
  samples.set(5, counts_.blue * scale);
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
     .fallback = "154ms",
     .choices = time_names},
    {.key = "glass_attenuation",
     .type = OptionType::number,
     .summary = "what a window in front divides the light by: 1 without one",
     .fallback = "1",
     .min = 1,
     .max = 1000},
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Tcs34725>(i2c_device(context), make_ladder(gains, times, context.options),
                                    context.options.number("glass_attenuation"));
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(check_identity(device));
  return device.address == address_39[0] ? "tcs34721" : "tcs34725";
}

}  // namespace

B2M_DRIVER(tcs34725) = {
    .name = "tcs34725",
    .summary = "ams TCS34725 and relatives, colour sensors",
    .datasheet = "ams, TCS3472 datasheet v1-02; TAOS, DesignNote DN40",
    .wiring = "the LED of the module is switched by its pin LED: to ground it is dark",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 1s,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "tcs34725", "bus": "i2c-1", "address": "0x29"})",
};

}  // namespace b2m
