// BME280 and BMP280: pressure, temperature and, BME280 alone, humidity. Bosch Sensortec, BST-BME280-DS001 rev. 1.23 and
// BST-BMP280-DS001 rev. 1.26; sections below are the BME280's.
// Supported: forced mode, oversampling, IIR filter; which of the two it is is read from the chip, since a BMP280 is
// often sold as a BME280. Not supported: normal mode, SPI.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

// §5.3, memory map.
constexpr std::uint8_t reg_calibration_tp = 0x88;
constexpr std::uint8_t reg_calibration_h1 = 0xa1;
constexpr std::uint8_t reg_id = 0xd0;
constexpr std::uint8_t reg_reset = 0xe0;
constexpr std::uint8_t reg_calibration_h2 = 0xe1;
constexpr std::uint8_t reg_ctrl_hum = 0xf2;
constexpr std::uint8_t reg_status = 0xf3;
constexpr std::uint8_t reg_ctrl_meas = 0xf4;
constexpr std::uint8_t reg_config = 0xf5;
constexpr std::uint8_t reg_data = 0xf7;

constexpr std::uint8_t reset_word = 0xb6;
constexpr std::uint8_t status_im_update = 0x01;
constexpr std::uint8_t status_measuring = 0x08;
constexpr std::uint8_t forced_mode = 0x01;

constexpr std::uint8_t id_bme280 = 0x60;
constexpr std::array<std::uint8_t, 3> ids_bmp280{0x58, 0x56, 0x57};  // the latter two are engineering samples

// §5.4.7, §5.4.8: what a measurement that was skipped, or has not taken place since the reset, reads.
constexpr std::uint32_t skipped_20_bits = 0x80000;
constexpr std::uint32_t skipped_16_bits = 0x8000;

/// §4.2.2, table 16.
struct Calibration {
  std::uint16_t t1;
  std::int16_t t2, t3;
  std::uint16_t p1;
  std::int16_t p2, p3, p4, p5, p6, p7, p8, p9;
  std::uint8_t h1, h3;
  std::int16_t h2, h4, h5;
  std::int8_t h6;
};

struct RawValues {
  std::uint32_t pressure, temperature, humidity;
};

constexpr std::int16_t le16_signed(const std::uint8_t* at) { return static_cast<std::int16_t>(le16(at)); }

/// T and P from 0x88 (24 bytes); H is all zero.
constexpr Calibration parse_calibration(const std::array<std::uint8_t, 24>& b) {
  Calibration c{};
  c.t1 = le16(&b[0]);
  c.t2 = le16_signed(&b[2]);
  c.t3 = le16_signed(&b[4]);
  c.p1 = le16(&b[6]);
  std::int16_t* const p[] = {&c.p2, &c.p3, &c.p4, &c.p5, &c.p6, &c.p7, &c.p8, &c.p9};
  for (std::size_t i = 0; i < std::size(p); ++i) *p[i] = le16_signed(&b[8 + 2 * i]);
  return c;
}

/// H from 0xa1 and from 0xe1 (7 bytes); H4 and H5 are 12 bits with sign that share byte 0xe5.
constexpr void parse_humidity_calibration(Calibration& c, std::uint8_t h1, const std::array<std::uint8_t, 7>& b) {
  c.h1 = h1;
  c.h2 = le16_signed(&b[0]);
  c.h3 = b[2];
  c.h4 = static_cast<std::int16_t>(sign_extend(static_cast<std::uint32_t>(b[3] << 4 | (b[4] & 0x0f)), 12));
  c.h5 = static_cast<std::int16_t>(sign_extend(static_cast<std::uint32_t>(b[5] << 4 | b[4] >> 4), 12));
  c.h6 = static_cast<std::int8_t>(b[6]);
}

/// §4.1, eight bytes from 0xf7; pressure and temperature are the upper 20 of 24 bits.
constexpr RawValues parse_data(const std::array<std::uint8_t, 8>& b) {
  return {.pressure = be24(&b[0]) >> 4, .temperature = be24(&b[3]) >> 4, .humidity = be16(&b[6])};
}

// §8.1, the formulas in double precision. They hang together by the fine temperature, in 1/5120 °C.

constexpr double fine_temperature(std::uint32_t raw, const Calibration& c) {
  const double x = raw / 16384.0 - c.t1 / 1024.0;
  return x * c.t2 + x * x / 64 * c.t3;
}

constexpr double celsius(double t_fine) { return t_fine / 5120; }

/// The two halves of the pressure formula: the divisor (var1 of the datasheet) …
constexpr double pressure_divisor(double t_fine, const Calibration& c) {
  const double x = t_fine / 2 - 64000;
  const double y = (c.p3 * x * x / 524288 + c.p2 * x) / 524288;
  return (1 + y / 32768) * c.p1;
}

/// … and the rest. Pa.
constexpr double pressure_with_divisor(std::uint32_t raw, double t_fine, double divisor, const Calibration& c) {
  const double x = t_fine / 2 - 64000;
  const double y = (x * x * c.p6 / 32768 + x * c.p5 * 2) / 4 + c.p4 * 65536.0;
  const double p = (1048576.0 - raw - y / 4096) * 6250 / divisor;
  return p + (c.p9 * p * p / 2147483648.0 + p * c.p8 / 32768 + c.p7) / 16;
}

/// Pa; an error where the formula would divide by zero.
Result<double> pressure_pa(std::uint32_t raw, double t_fine, const Calibration& c) {
  const double divisor = pressure_divisor(t_fine, c);
  if (divisor == 0) return fail(Errc::out_of_range, "the calibration of the chip makes no sense");
  return pressure_with_divisor(raw, t_fine, divisor, c);
}

/// %RH, limited to 0 … 100 as the datasheet does.
constexpr double relative_humidity(std::uint32_t raw, double t_fine, const Calibration& c) {
  const double x = t_fine - 76800;
  const double slope = c.h2 / 65536.0 * (1 + c.h6 / 67108864.0 * x * (1 + c.h3 / 67108864.0 * x));
  const double h = (raw - (c.h4 * 64.0 + c.h5 / 16384.0 * x)) * slope;
  return std::clamp(h * (1 - c.h1 * h / 524288), 0.0, 100.0);
}

namespace worked_example {  // BST-BMP280-DS001 §3.12: 25.08 °C and 100653.27 Pa
constexpr Calibration c{.t1 = 27504,
                        .t2 = 26435,
                        .t3 = -1000,
                        .p1 = 36477,
                        .p2 = -10685,
                        .p3 = 3024,
                        .p4 = 2855,
                        .p5 = 140,
                        .p6 = -7,
                        .p7 = 15500,
                        .p8 = -14600,
                        .p9 = 6000,
                        .h1 = 0,
                        .h3 = 0,
                        .h2 = 0,
                        .h4 = 0,
                        .h5 = 0,
                        .h6 = 0};
constexpr double t_fine = fine_temperature(519888, c);
constexpr double pa = pressure_with_divisor(415148, t_fine, pressure_divisor(t_fine, c), c);
constexpr bool near(double a, double b, double tolerance) { return a - b < tolerance && b - a < tolerance; }
static_assert(near(celsius(t_fine), 25.08, 0.005));
static_assert(near(pa, 100653.27, 0.01));
}  // namespace worked_example

/// §9.1, the longest time: 1.25 ms + 2.3 ms for each sample + 0.575 ms for pressure and humidity each.
constexpr std::chrono::microseconds measuring_time(unsigned oversampling, bool humidity) {
  const std::chrono::microseconds sampling = oversampling * 2300us;
  return 1250us + sampling + (sampling + 575us) + (humidity ? sampling + 575us : 0us);
}
static_assert(measuring_time(1, true) == 9300us);

constexpr std::string_view oversamplings[] = {"x1", "x2", "x4", "x8", "x16"};
constexpr std::string_view filters[] = {"off", "2", "4", "8", "16"};

std::uint8_t position(std::span<const std::string_view> choices, std::string_view choice) {
  return static_cast<std::uint8_t>(std::find(choices.begin(), choices.end(), choice) - choices.begin());
}

// The range of operation.
constexpr ChannelSpec temperature{"temperature", Quantity::temperature, {-40, 85}, "±1 °C"};
constexpr ChannelSpec humidity{"humidity", Quantity::relative_humidity, {0, 100}, "±3 %, BME280 alone"};
constexpr ChannelSpec pressure{"pressure", Quantity::atmospheric_pressure, {30e3, 110e3}, "±1 hPa"};
constexpr ChannelSpec bme280_channels[] = {temperature, humidity, pressure};
constexpr ChannelSpec bmp280_channels[] = {temperature, pressure};

/// Measures in forced mode; the chip sleeps between.
/// Worker only.
class Bme280 final : public Sensor {
 public:
  Bme280(I2cDevice device, bool humidity_wanted, std::uint8_t oversampling_code, std::uint8_t filter_code)
      : device_(device),
        humidity_wanted_(humidity_wanted),
        oversampling_code_(oversampling_code),
        filter_code_(filter_code) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override {
    return has_humidity_ ? to_channels(bme280_channels) : to_channels(bmp280_channels);
  }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> reset();
  Result<Progress> configure();
  Result<> read_calibration();
  Result<Progress> start_measurement();
  Result<Progress> await_measurement();

  I2cDevice device_;
  bool humidity_wanted_;
  std::uint8_t oversampling_code_;  ///< 0 to 4 for ×1 to ×16
  std::uint8_t filter_code_;
  bool has_humidity_ = false;
  bool resetting_ = false;
  bool measuring_ = false;
  Calibration calibration_{};
  BoundedWait copying_{2ms, 10, "finish its reset"};
  BoundedWait conversion_{2ms, 20, "finish its measurement"};
};

Result<Progress> Bme280::init() {
  measuring_ = false;
  auto progress = resetting_ ? configure() : reset();
  resetting_ = progress && progress->again();
  return progress;
}

Result<Progress> Bme280::reset() {
  B2M_ASSIGN(const std::uint8_t id, read_u8(device_, reg_id));
  const bool is_bmp280 = std::find(ids_bmp280.begin(), ids_bmp280.end(), id) != ids_bmp280.end();
  if (id != id_bme280 && !is_bmp280)
    return fail(Errc::wrong_chip, fmt::format("chip id 0x{:02x} is neither a BME280 (0x60) nor a BMP280 (0x58)", id));
  has_humidity_ = humidity_wanted_ && !is_bmp280;
  B2M_TRY(write_u8(device_, reg_reset, reset_word));
  copying_.restart();
  return Progress::again_after(2ms);  // §1.1: start-up time
}

/// Waits until the calibration has been copied into its registers (§5.4.4), then reads it. The filter is set while the
/// chip still sleeps, since it ignores the register otherwise (§5.4.6).
Result<Progress> Bme280::configure() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_status));
  if ((status & status_im_update) != 0) return copying_.again();
  B2M_TRY(read_calibration());
  B2M_TRY(write_u8(device_, reg_config, static_cast<std::uint8_t>(filter_code_ << 2)));
  return Progress::done();
}

Result<> Bme280::read_calibration() {
  std::array<std::uint8_t, 24> tp{};
  B2M_TRY(read_registers(device_, reg_calibration_tp, tp));
  calibration_ = parse_calibration(tp);
  if (calibration_.t1 == 0 || calibration_.p1 == 0) return fail(Errc::not_ready, "the chip shows no calibration");
  if (!has_humidity_) return {};
  B2M_ASSIGN(const std::uint8_t h1, read_u8(device_, reg_calibration_h1));
  std::array<std::uint8_t, 7> h{};
  B2M_TRY(read_registers(device_, reg_calibration_h2, h));
  parse_humidity_calibration(calibration_, h1, h);
  return {};
}

Result<Progress> Bme280::trigger() {
  auto progress = measuring_ ? await_measurement() : start_measurement();
  measuring_ = progress && progress->again();
  return progress;
}

/// §5.4.3: ctrl_hum takes effect with the following write to ctrl_meas. A BMP280 has no such register.
Result<Progress> Bme280::start_measurement() {
  const auto code = static_cast<unsigned>(oversampling_code_ + 1);
  if (has_humidity_) B2M_TRY(write_u8(device_, reg_ctrl_hum, static_cast<std::uint8_t>(code)));
  B2M_TRY(write_u8(device_, reg_ctrl_meas, static_cast<std::uint8_t>(code << 5 | code << 2 | forced_mode)));
  conversion_.restart();
  return Progress::again_after(measuring_time(1u << oversampling_code_, has_humidity_));
}

Result<Progress> Bme280::await_measurement() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_status));
  if ((status & status_measuring) != 0) return conversion_.again();
  return Progress::done();
}

/// One burst, so that the values belong together (§4.1).
Result<> Bme280::read(Samples& samples) {
  std::array<std::uint8_t, 8> bytes{};
  B2M_TRY(read_registers(device_, reg_data, std::span(bytes).first(has_humidity_ ? 8 : 6)));
  const RawValues raw = parse_data(bytes);
  // Without a temperature there is nothing to compensate the others with.
  if (raw.temperature == skipped_20_bits) return fail(Errc::not_ready, "no temperature was measured");
  const double t_fine = fine_temperature(raw.temperature, calibration_);
  std::size_t next = 0;
  samples.set(next++, celsius(t_fine));
  if (has_humidity_) {
    samples.set(next++, raw.humidity == skipped_16_bits
                            ? fail(Errc::not_ready, "no humidity was measured")
                            : Result<double>(relative_humidity(raw.humidity, t_fine, calibration_)));
  }
  samples.set(next, raw.pressure == skipped_20_bits ? fail(Errc::not_ready, "no pressure was measured")
                                                    : pressure_pa(raw.pressure, t_fine, calibration_));
  return {};
}

constexpr std::uint8_t addresses[] = {0x76, 0x77};

constexpr Model models[] = {
    {.name = "bme280", .channels = bme280_channels, .summary = "with humidity; also a BMP280 sold as one"},
    {.name = "bmp280", .channels = bmp280_channels, .summary = "without humidity"},
};

constexpr OptionSpec options[] = {
    {.key = "oversampling",
     .type = OptionType::choice,
     .summary = "samples averaged in the chip, of each quantity",
     .fallback = "x1",
     .choices = oversamplings},
    {.key = "filter",
     .type = OptionType::choice,
     .summary = "coefficient of the chip's IIR filter of temperature and pressure",
     .fallback = "off",
     .choices = filters},
};

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_ASSIGN(const std::uint8_t id, read_u8(device, reg_id));
  if (id == id_bme280) return "bme280";
  if (std::find(ids_bmp280.begin(), ids_bmp280.end(), id) != ids_bmp280.end()) return "bmp280";
  return fail(Errc::wrong_chip, fmt::format("chip id 0x{:02x}", id));
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const bool humidity_wanted = models[context.model].name == "bme280";
  return std::make_unique<Bme280>(i2c_device(context), humidity_wanted,
                                  position(oversamplings, context.options.text("oversampling")),
                                  position(filters, context.options.text("filter")));
}

}  // namespace

B2M_DRIVER(bme280) = {
    .name = "bme280",
    .summary = "Bosch BME280 and BMP280 pressure, temperature and humidity sensors",
    .datasheet = "Bosch Sensortec, BST-BME280-DS001 rev. 1.23; BST-BMP280-DS001 rev. 1.26",
    .wiring =
        "SDO to ground is address 0x76, to 3.3 V 0x77; CSB stays at 3.3 V. Bare boards are 3.3 V "
        "only, GY-BME280 with a regulator also take 5 V",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = bme280_channels,
    .options = options,
    .every_min = 150ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "bme280", "bus": "i2c-1", "address": "0x76"})",
};

}  // namespace b2m
