// TSL2561 and TSL2560: ambient light. TAOS (ams), TAOS059N.
// Supported: two gains, three integration times, both packages. Not supported: interrupts, manual
// timing.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/exposure.hpp"
#include "drivers/engine/identity.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x39, 0x29, 0x49};  // the first is the one of an open address pin

// "Register set"; each access begins with a command byte.
constexpr std::uint8_t command = 0x80;
constexpr std::uint8_t word_command = 0xa0;
constexpr std::uint8_t reg_control = command | 0x00;
constexpr std::uint8_t reg_timing = command | 0x01;
constexpr std::uint8_t reg_id = command | 0x0a;
constexpr std::uint8_t reg_data_0 = word_command | 0x0c;
constexpr std::uint8_t reg_data_1 = word_command | 0x0e;
constexpr std::uint8_t power_off = 0x00;
constexpr std::uint8_t power_on = 0x03;

// The most that the formula makes of a full scale of broadband light alone.
constexpr ChannelSpec channels[] = {{"illuminance", Quantity::illuminance, {0, 75e3}, "typically ±15 %"}};

constexpr Model models[] = {{.name = "tsl2561", .summary = "also GY-2561"}, {.name = "tsl2560", .summary = "SMBus"}};

constexpr std::array gains{Gain{"1", 1, 0x00}, Gain{"16", 16, 0x10}};
// Note 6 of the operating characteristics: the full scale is reached before 16 bits are.
constexpr std::array times{IntegrationTime{"13.7ms", 13700us, 0, 5047}, IntegrationTime{"101ms", 101ms, 1, 37177},
                           IntegrationTime{"402ms", 402ms, 2, 65535}};
constexpr auto gain_names = auto_and_names_of(gains);
constexpr auto time_names = names_of(times);
constexpr std::string_view package_names[] = {automatic, "T", "CS"};

enum class Package : std::uint8_t { t, cs };

/// One row of "Calculating lux": up to `ratio` of channel 1 to channel 0, lux = a × CH0 - b × CH0 × ratio^exponent.
struct Segment {
  double ratio, a, b, exponent;
};
constexpr std::array segments_t{Segment{0.50, 0.0304, 0.062, 1.4}, Segment{0.61, 0.0224, 0.031, 1},
                                Segment{0.80, 0.0128, 0.0153, 1}, Segment{1.30, 0.00146, 0.00112, 1}};
constexpr std::array segments_cs{Segment{0.52, 0.0315, 0.0593, 1.4}, Segment{0.65, 0.0229, 0.0291, 1},
                                 Segment{0.80, 0.0157, 0.0180, 1}, Segment{1.30, 0.00338, 0.00260, 1}};

/// The relative lengths of the integration times are exact, their names are rounded: 11, 81 and 322 clock cycles.
constexpr double cycles(std::uint8_t time_code) {
  constexpr std::array table{11.0, 81.0, 322.0};
  return table[time_code];
}

/// "Calculating lux", for counts at gain 16 and 402 ms. Beyond the last row there is no visible light.
double lux(double ch0, double ch1, Package package) {
  if (ch0 <= 0) return 0;
  const double ratio = ch1 / ch0;
  const auto& segments = package == Package::t ? segments_t : segments_cs;
  const auto* row = std::find_if(segments.begin(), segments.end(), [&](const Segment& s) { return ratio <= s.ratio; });
  if (row == segments.end()) return 0;
  return std::max(0.0, ch0 * (row->a - row->b * std::pow(ratio, row->exponent)));
}

/// The package of a part number, the upper half of the identity register.
Result<Package> package_of(std::uint8_t identity) {
  switch (identity >> 4) {
    case 0:
    case 1: return Package::cs;
    case 4:
    case 5: return Package::t;
    default: return fail(Errc::wrong_chip, "the part number is not that of a TSL2560 or TSL2561");
  }
}

/// Worker only.
class Tsl2561 final : public ExposureSensor {
 public:
  Tsl2561(I2cDevice device, std::vector<Exposure> ladder, std::string_view package)
      : ExposureSensor(std::move(ladder)),
        device_(device),
        choose_(package == automatic),
        package_(package == "CS" ? Package::cs : Package::t) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(b2m::channels); }
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> prepare() override;
  Result<Progress::Duration> start(const Exposure& exposure) override;
  Result<std::uint32_t> fetch() override;

  I2cDevice device_;
  bool choose_;  ///< the package by the part number
  Package package_;
  std::uint16_t ch0_ = 0;  ///< visible and infrared light
  std::uint16_t ch1_ = 0;  ///< infrared light
};

Result<Progress> Tsl2561::prepare() {
  B2M_ASSIGN(const std::uint8_t identity, read_u8(device_, reg_id));
  B2M_ASSIGN(const Package found, package_of(identity));
  if (choose_) package_ = found;
  return Progress::done();
}

/// Switching the power on starts a measurement. The oscillator may be 6 % slower than nominal.
Result<Progress::Duration> Tsl2561::start(const Exposure& exposure) {
  B2M_TRY(write_u8(device_, reg_control, power_off));
  B2M_TRY(write_u8(device_, reg_timing, exposure.gain.code | exposure.time.code));
  B2M_TRY(write_u8(device_, reg_control, power_on));
  return exposure.time.time * 11 / 10 + 2ms;
}

Result<std::uint32_t> Tsl2561::fetch() {
  B2M_ASSIGN(ch0_, read_le16(device_, reg_data_0));
  B2M_ASSIGN(ch1_, read_le16(device_, reg_data_1));
  return std::max(ch0_, ch1_);
}

Result<> Tsl2561::read(Samples& samples) {
  B2M_TRY(usable());
  const double scale = 16 / exposure().gain.factor * cycles(2) / cycles(exposure().time.code);
  samples.set(0, lux(ch0_ * scale, ch1_ * scale, package_));
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
     .summary = "how long is counted; 402ms is finer, but clips at half of the light",
     .fallback = "101ms",
     .choices = time_names},
    {.key = "package",
     .type = OptionType::choice,
     .summary = "T (also FN, CL) or CS, whose formulas differ; auto takes it from the part number",
     .fallback = "auto",
     .choices = package_names},
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Tsl2561>(i2c_device(context), make_ladder(gains, times, context.options),
                                   context.options.text("package"));
}

/// The part number alone is little to tell a chip by; the control register's upper bits read 0 besides.
Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(expect_u8(device, reg_id, 0x50, 0xf0));
  B2M_TRY(expect_u8(device, reg_control, 0x00, 0xfc));
  return "tsl2561";
}

}  // namespace

B2M_DRIVER(tsl2561) = {
    .name = "tsl2561",
    .summary = "ams TSL2561 and TSL2560 ambient light sensors",
    .datasheet = "TAOS, TAOS059N",
    .wiring = "ADDR to ground is address 0x29, open 0x39, to 3.3 V 0x49",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 500ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "tsl2561", "bus": "i2c-1", "address": "0x39"})",
};

}  // namespace b2m
