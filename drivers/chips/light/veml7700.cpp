// VEML7700 and VEML6030: ambient light. Vishay, documents 84286 and 84366 (rev. 1.7 and later), and the application
// note 84323 of 6 March 2025. Supported: gain and integration time, fixed or following the light. Not supported: the
// white channel, interrupts, power saving. Vishay corrected the resolution from 0.0036 to 0.0042 lx per count in
// November 2023; this driver uses the corrected one, so that it shows a sixth more than software written before.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "drivers/engine/exposure.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x10, 0x48};
constexpr std::uint8_t veml7700_address[] = {0x10};

// "Command register format"; 16 bits, low byte first.
constexpr std::uint8_t reg_config = 0x00;
constexpr std::uint8_t reg_power_saving = 0x03;
constexpr std::uint8_t reg_als = 0x04;
constexpr std::uint8_t reg_id = 0x07;
constexpr std::uint8_t id = 0x81;  // the high byte tells the address
constexpr unsigned shut_down = 0x0001;

// 84323: more than 120 klx is what the correction makes of counts that the part is not specified for.
constexpr ChannelSpec channels[] = {{"illuminance", Quantity::illuminance, {0, 150e3}, "±10 %"}};

constexpr Model models[] = {
    {.name = "veml7700", .addresses = veml7700_address, .summary = "0x10"},
    {.name = "veml6030", .summary = "0x10 or 0x48"},
};

// The codes do not rise with their values.
constexpr std::array gains{Gain{"1/8", 0.125, 2}, Gain{"1/4", 0.25, 3}, Gain{"1", 1, 0}, Gain{"2", 2, 1}};
constexpr std::array times{IntegrationTime{"25ms", 25ms, 12},  IntegrationTime{"50ms", 50ms, 8},
                           IntegrationTime{"100ms", 100ms, 0}, IntegrationTime{"200ms", 200ms, 1},
                           IntegrationTime{"400ms", 400ms, 2}, IntegrationTime{"800ms", 800ms, 3}};
constexpr auto gain_names = auto_and_names_of(gains);
constexpr auto time_names = auto_and_names_of(times);

/// 84323, "Resolution and maximum detection range" and, above 1000 lx, its correction of the part's nonlinearity.
constexpr double lux(std::uint16_t counts, double sensitivity) {
  constexpr double finest = 0.0042;  // lx per count at gain 2 and 800 ms
  const double x = counts * finest * (2 * 800) / sensitivity;
  if (x <= 1000) return x;
  return (((6.0135e-13 * x - 9.3924e-9) * x + 8.1488e-5) * x + 1.0023) * x;
}

/// Worker only.
class Veml7700 final : public ExposureSensor {
 public:
  Veml7700(I2cDevice device, std::vector<Exposure> ladder) : ExposureSensor(std::move(ladder)), device_(device) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(b2m::channels); }
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> prepare() override;
  Result<Progress::Duration> start(const Exposure& exposure) override;
  Result<std::uint32_t> fetch() override;
  [[nodiscard]] Result<> write_le16(std::uint8_t reg, unsigned value) const {
    return device_.write({reg, static_cast<std::uint8_t>(value & 0xff), static_cast<std::uint8_t>(value >> 8)});
  }

  I2cDevice device_;
  std::uint16_t counts_ = 0;
};

Result<> check_identity(const I2cDevice& device) {
  B2M_ASSIGN(const std::uint16_t found, read_le16(device, reg_id));
  if ((found & 0xff) == id) return {};
  return fail(Errc::wrong_chip, fmt::format("register 0x07 reads 0x{:04x}, expected 0x..81", found));
}

Result<Progress> Veml7700::prepare() {
  B2M_TRY(check_identity(device_));
  B2M_TRY(write_le16(reg_power_saving, 0));
  return Progress::done();
}

/// The part has no flag for a finished measurement and keeps the former result, which was taken at another setting:
/// twice the time covers its oscillator, whose tolerance is not specified. 2.5 ms: waking up.
Result<Progress::Duration> Veml7700::start(const Exposure& exposure) {
  const unsigned config = static_cast<unsigned>(exposure.gain.code) << 11 | static_cast<unsigned>(exposure.time.code)
                                                                                << 6;
  B2M_TRY(write_le16(reg_config, config | shut_down));
  B2M_TRY(write_le16(reg_config, config));
  return 2500us + 2 * exposure.time.time;
}

Result<std::uint32_t> Veml7700::fetch() {
  B2M_ASSIGN(counts_, read_le16(device_, reg_als));
  return counts_;
}

Result<> Veml7700::read(Samples& samples) {
  B2M_TRY(usable());
  samples.set(0, lux(counts_, exposure().sensitivity()));
  return {};
}

constexpr OptionSpec options[] = {
    {.key = "gain",
     .type = OptionType::choice,
     .summary = "how much a count is amplified; auto follows the light",
     .fallback = "auto",
     .choices = gain_names},
    {.key = "integration_time",
     .type = OptionType::choice,
     .summary = "how long is counted; auto follows the light, 100 ms evens out lamps at the mains",
     .fallback = "auto",
     .choices = time_names},
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Veml7700>(i2c_device(context), make_ladder(gains, times, context.options));
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(check_identity(device));
  return device.address == veml7700_address[0] ? "veml7700" : "veml6030";
}

}  // namespace

B2M_DRIVER(veml7700) = {
    .name = "veml7700",
    .summary = "Vishay VEML7700 and VEML6030 ambient light sensors",
    .datasheet = "Vishay, documents 84286, 84366 and application note 84323",
    .wiring = "VEML6030: ADDR to ground is address 0x10, to 3.3 V 0x48; the VEML7700 is always at 0x10",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 500ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "veml7700", "bus": "i2c-1", "address": "0x10"})",
};

}  // namespace b2m
