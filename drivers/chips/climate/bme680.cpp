// BME680, BME688: temperature, pressure, humidity and the resistance of a heated gas sensor. Bosch Sensortec,
// BST-BME680-DS001 rev. 1.9 (sections below) and BST-BME688-DS000 rev. 1.4.
// Supported: forced mode with one heater step; oversampling, IIR filter; which of the two it is is read from the chip.
// Not supported: parallel mode and heater profiles, SPI. Air quality indices need the maker's closed library.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x76, 0x77};

// The largest resistance is that of a BME688 in its lowest range.
constexpr ChannelSpec channel_table[] = {
    {"temperature", Quantity::temperature, {-40, 85}, "±1 °C"},
    {"humidity", Quantity::relative_humidity, {0, 100}, "±3 %"},
    {"pressure", Quantity::atmospheric_pressure, {30e3, 110e3}, "±0.6 hPa"},
    {"gas_resistance", Quantity::resistance, {0, 102.4e6}, "falls with volatile organic compounds; drifts at first"}};
constexpr std::size_t gas_channel = 3;

constexpr Model models[] = {{.name = "bme680"}, {.name = "bme688"}};

// §5.2, memory map.
constexpr std::uint8_t reg_calibration_3 = 0x00;
constexpr std::uint8_t reg_field = 0x1d;
constexpr std::uint8_t reg_heater_resistance = 0x5a;
constexpr std::uint8_t reg_gas_wait = 0x64;
constexpr std::uint8_t reg_ctrl_gas_1 = 0x71;
constexpr std::uint8_t reg_ctrl_hum = 0x72;
constexpr std::uint8_t reg_ctrl_meas = 0x74;
constexpr std::uint8_t reg_config = 0x75;
constexpr std::uint8_t reg_calibration_1 = 0x8a;
constexpr std::uint8_t reg_id = 0xd0;
constexpr std::uint8_t reg_reset = 0xe0;
constexpr std::uint8_t reg_calibration_2 = 0xe1;
constexpr std::uint8_t reg_variant = 0xf0;

constexpr std::uint8_t chip_id = 0x61;
constexpr std::uint8_t variant_bme688 = 0x01;
constexpr std::uint8_t reset_word = 0xb6;
constexpr std::uint8_t forced_mode = 0x01;
constexpr std::uint8_t new_data = 0x80;
constexpr std::uint8_t gas_valid = 0x20;
constexpr std::uint8_t heater_stable = 0x10;
constexpr std::uint32_t skipped_20_bits = 0x80000;
constexpr std::uint32_t skipped_16_bits = 0x8000;

/// The three blocks of calibration, and what stands where in them (§3.11.1, §3.11.2, §5.3).
struct CalibrationBytes {
  std::array<std::uint8_t, 23> first;   ///< from 0x8a
  std::array<std::uint8_t, 14> second;  ///< from 0xe1
  std::array<std::uint8_t, 5> third;    ///< from 0x00
};

struct Calibration {
  double t1, t2, t3;
  double p1, p2, p3, p4, p5, p6, p7, p8, p9, p10;
  double h1, h2, h3, h4, h5, h6, h7;
  double gh1, gh2, gh3;
  double heater_range, heater_value, range_error;
};

constexpr double s8(std::uint8_t byte) { return static_cast<std::int8_t>(byte); }
constexpr double u16(const std::uint8_t* at) { return le16(at); }
constexpr double s16(const std::uint8_t* at) { return static_cast<std::int16_t>(le16(at)); }

constexpr Calibration parse_calibration(const CalibrationBytes& bytes) {
  const auto& [a, b, c] = bytes;
  return {.t1 = u16(&b[8]),
          .t2 = s16(&a[0]),
          .t3 = s8(a[2]),
          .p1 = u16(&a[4]),
          .p2 = s16(&a[6]),
          .p3 = s8(a[8]),
          .p4 = s16(&a[10]),
          .p5 = s16(&a[12]),
          .p6 = s8(a[15]),
          .p7 = s8(a[14]),
          .p8 = s16(&a[18]),
          .p9 = s16(&a[20]),
          .p10 = static_cast<double>(a[22]),
          .h1 = static_cast<double>(b[2] << 4 | (b[1] & 0x0f)),  // H1 and H2 have 12 bits and share 0xe2
          .h2 = static_cast<double>(b[0] << 4 | b[1] >> 4),
          .h3 = s8(b[3]),
          .h4 = s8(b[4]),
          .h5 = s8(b[5]),
          .h6 = static_cast<double>(b[6]),
          .h7 = s8(b[7]),
          .gh1 = s8(b[12]),
          .gh2 = s16(&b[10]),
          .gh3 = s8(b[13]),
          .heater_range = static_cast<double>(c[2] >> 4 & 0x03),
          .heater_value = s8(c[0]),
          .range_error = static_cast<double>(sign_extend(static_cast<std::uint32_t>(c[4] >> 4), 4))};
}

// §3.3, the formulas in floating point. The fine temperature is in 1/5120 °C.

constexpr double fine_temperature(std::uint32_t raw, const Calibration& c) {
  const double x = raw / 16384.0 - c.t1 / 1024;
  const double y = raw / 131072.0 - c.t1 / 8192;
  return x * c.t2 + y * y * c.t3 * 16;
}

constexpr double celsius(double t_fine) { return t_fine / 5120; }

/// Pa; an error where the formula would divide by zero.
Result<double> pressure_pa(std::uint32_t raw, double t_fine, const Calibration& c) {
  const double x = t_fine / 2 - 64000;
  const double y = (x * x * c.p6 / 131072 + x * c.p5 * 2) / 4 + c.p4 * 65536;
  const double divisor = (1 + (c.p3 * x * x / 16384 + c.p2 * x) / 524288 / 32768) * c.p1;
  if (divisor == 0) return fail(Errc::out_of_range, "the calibration of the chip makes no sense");
  const double p = (1048576.0 - raw - y / 4096) * 6250 / divisor;
  const double cube = p / 256 * (p / 256) * (p / 256);
  return p + (c.p9 * p * p / 2147483648.0 + p * c.p8 / 32768 + cube * c.p10 / 131072 + c.p7 * 128) / 16;
}

/// %RH, limited to 0 … 100 as the datasheet does.
constexpr double relative_humidity(std::uint32_t raw, double t, const Calibration& c) {
  const double x = raw - (c.h1 * 16 + c.h3 / 2 * t);
  const double h = x * (c.h2 / 262144) * (1 + c.h4 / 16384 * t + c.h5 / 1048576 * t * t);
  return std::clamp(h + (c.h6 / 16384 + c.h7 / 2097152 * t) * h * h, 0.0, 100.0);
}

/// §3.4.1: Ω of a BME680. The tables correct the switching of the ranges, in percent.
constexpr double gas_ohm_bme680(std::uint32_t adc, std::size_t range, const Calibration& c) {
  constexpr std::array<double, 16> k1{0, 0, 0, 0, 0, -1, 0, -0.8, 0, 0, -0.2, -0.5, 0, -1, 0, 0};
  constexpr std::array<double, 16> k2{0, 0, 0, 0, 0.1, 0.7, 0, -0.8, -0.1, 0, 0, 0, 0, 0, 0, 0};
  const double x = (1340 + 5 * c.range_error) * (1 + k1[range] / 100);
  return 1 / ((1 + k2[range] / 100) * 125e-9 * (1 << range) * ((adc - 512.0) / x + 1));
}

/// BST-BME688-DS000 §3.6.1: Ω of a BME688.
constexpr double gas_ohm_bme688(std::uint32_t adc, std::size_t range) {
  return 1e6 * (262144 >> range) / (4096 + 3 * (adc - 512.0));
}

/// §3.3.5: the code of the heater's resistance at `target` °C.
std::uint8_t heater_code(double target, double ambient, const Calibration& c) {
  const double x = (c.gh1 / 16 + 49) * (1 + (c.gh2 / 32768 * 0.0005 + 0.00235) * target) + c.gh3 / 1024 * ambient;
  const double code = 3.4 * (x * (4 / (4 + c.heater_range)) / (1 + c.heater_value * 0.002) - 25);
  return static_cast<std::uint8_t>(std::clamp(code, 0.0, 255.0));
}

/// §5.3.3.3: six bits times 1, 4, 16 or 64 ms.
constexpr std::uint8_t wait_code(std::chrono::milliseconds wait) {
  unsigned factor = 0;
  auto steps = static_cast<unsigned>(wait.count());
  for (; steps > 0x3f; steps /= 4) ++factor;
  return factor > 3 ? 0xff : static_cast<std::uint8_t>(factor << 6 | steps);
}
static_assert(wait_code(100ms) == (1 << 6 | 25) && wait_code(5000ms) == 0xff);

/// Of temperature, pressure and humidity with the same oversampling, and of the gas sensor without its heating. The
/// maker's driver has these times; the datasheet has none.
constexpr std::chrono::microseconds measuring_time(unsigned samples) {
  return 3 * samples * 1963us + 4 * 477us + 5 * 477us + 1000us;
}

constexpr std::string_view oversamplings[] = {"x1", "x2", "x4", "x8", "x16"};
constexpr std::string_view filters[] = {"off", "1", "3", "7", "15", "31", "63", "127"};

std::uint8_t position(std::span<const std::string_view> choices, std::string_view choice) {
  return static_cast<std::uint8_t>(std::find(choices.begin(), choices.end(), choice) - choices.begin());
}

struct Setup {
  std::uint8_t oversampling_code;  ///< 0 to 4 for ×1 to ×16
  std::uint8_t filter_code;
  bool gas;
  double heater_celsius;
  std::chrono::milliseconds heater_time;
};

/// Measures in forced mode; the chip sleeps between.
/// Worker only.
class Bme680 final : public Sensor {
 public:
  Bme680(I2cDevice device, const Setup& setup) : device_(device), setup_(setup) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override {
    return to_channels(std::span(channel_table).first(setup_.gas ? gas_channel + 1 : gas_channel));
  }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> reset();
  Result<Progress> configure();
  Result<> set_heater() const;
  Result<Progress> start_measurement();
  Result<Progress> await_measurement();
  [[nodiscard]] Result<double> gas_ohm(const std::uint8_t* at) const;

  I2cDevice device_;
  Setup setup_;
  bool is_bme688_ = false;
  bool resetting_ = false;
  bool measuring_ = false;
  double ambient_celsius_ = 25;  ///< the last temperature, which the heater starts from
  Calibration calibration_{};
  BoundedWait conversion_{5ms, 20, "finish its measurement"};
};

Result<Progress> Bme680::init() {
  measuring_ = false;
  auto progress = resetting_ ? configure() : reset();
  resetting_ = progress && progress->again();
  return progress;
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_ASSIGN(const std::uint8_t id, read_u8(device, reg_id));
  if (id != chip_id) return fail(Errc::wrong_chip, fmt::format("chip id 0x{:02x}, expected 0x{:02x}", id, chip_id));
  B2M_ASSIGN(const std::uint8_t variant, read_u8(device, reg_variant));
  return variant == variant_bme688 ? "bme688" : "bme680";
}

Result<Progress> Bme680::reset() {
  B2M_ASSIGN(const std::string_view model, probe(device_));
  is_bme688_ = model == "bme688";
  B2M_TRY(write_u8(device_, reg_reset, reset_word));
  return Progress::again_after(10ms);
}

Result<Progress> Bme680::configure() {
  CalibrationBytes bytes{};
  B2M_TRY(read_registers(device_, reg_calibration_1, bytes.first));
  B2M_TRY(read_registers(device_, reg_calibration_2, bytes.second));
  B2M_TRY(read_registers(device_, reg_calibration_3, bytes.third));
  calibration_ = parse_calibration(bytes);
  if (calibration_.t1 == 0 || calibration_.p1 == 0) return fail(Errc::not_ready, "the chip shows no calibration");
  B2M_TRY(write_u8(device_, reg_config, static_cast<std::uint8_t>(setup_.filter_code << 2)));
  B2M_TRY(write_u8(device_, reg_ctrl_hum, static_cast<std::uint8_t>(setup_.oversampling_code + 1)));
  return Progress::done();
}

Result<Progress> Bme680::trigger() {
  auto progress = measuring_ ? await_measurement() : start_measurement();
  measuring_ = progress && progress->again();
  return progress;
}

/// §3.2.1: the heater is set while the chip sleeps, ctrl_meas goes last.
Result<Progress> Bme680::start_measurement() {
  if (setup_.gas) B2M_TRY(set_heater());
  const auto code = static_cast<unsigned>(setup_.oversampling_code + 1);
  B2M_TRY(write_u8(device_, reg_ctrl_meas, static_cast<std::uint8_t>(code << 5 | code << 2 | forced_mode)));
  conversion_.restart();
  const auto heating = setup_.gas ? setup_.heater_time : 0ms;
  return Progress::again_after(measuring_time(1u << setup_.oversampling_code) + heating);
}

/// Heater step 0. The bit that runs it stands elsewhere in a BME688.
Result<> Bme680::set_heater() const {
  B2M_TRY(write_u8(device_, reg_heater_resistance, heater_code(setup_.heater_celsius, ambient_celsius_, calibration_)));
  B2M_TRY(write_u8(device_, reg_gas_wait, wait_code(setup_.heater_time)));
  return write_u8(device_, reg_ctrl_gas_1, is_bme688_ ? 0x20 : 0x10);
}

Result<Progress> Bme680::await_measurement() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_field));
  if ((status & new_data) == 0) return conversion_.again();
  return Progress::done();
}

/// 10 bits of result above two flags and four bits of range.
Result<double> Bme680::gas_ohm(const std::uint8_t* at) const {
  if ((at[1] & gas_valid) == 0) return fail(Errc::not_ready, "no gas was measured");
  if ((at[1] & heater_stable) == 0) return fail(Errc::not_ready, "the heater did not reach its temperature");
  const std::uint32_t adc = be16(at) >> 6;
  const std::size_t range = at[1] & 0x0f;
  return is_bme688_ ? gas_ohm_bme688(adc, range) : gas_ohm_bme680(adc, range, calibration_);
}

/// One burst from the status to the gas sensor of either part, so that the values belong together.
Result<> Bme680::read(Samples& samples) {
  std::array<std::uint8_t, 17> bytes{};
  B2M_TRY(read_registers(device_, reg_field, bytes));
  const std::uint32_t raw_pressure = be24(&bytes[2]) >> 4;
  const std::uint32_t raw_temperature = be24(&bytes[5]) >> 4;
  const std::uint32_t raw_humidity = be16(&bytes[8]);
  // Without a temperature there is nothing to compensate the others with.
  if (raw_temperature == skipped_20_bits) return fail(Errc::not_ready, "no temperature was measured");
  const double t_fine = fine_temperature(raw_temperature, calibration_);
  ambient_celsius_ = std::clamp(celsius(t_fine), -40.0, 85.0);
  samples.set(0, celsius(t_fine));
  samples.set(1, raw_humidity == skipped_16_bits
                     ? fail(Errc::not_ready, "no humidity was measured")
                     : Result<double>(relative_humidity(raw_humidity, celsius(t_fine), calibration_)));
  samples.set(2, raw_pressure == skipped_20_bits ? fail(Errc::not_ready, "no pressure was measured")
                                                 : pressure_pa(raw_pressure, t_fine, calibration_));
  if (setup_.gas) samples.set(gas_channel, gas_ohm(&bytes[is_bme688_ ? 15 : 13]));
  return {};
}

constexpr OptionSpec options[] = {
    {.key = "oversampling",
     .type = OptionType::choice,
     .summary = "samples averaged in the chip, of temperature, pressure and humidity",
     .fallback = "x1",
     .choices = oversamplings},
    {.key = "filter",
     .type = OptionType::choice,
     .summary = "coefficient of the chip's IIR filter of temperature and pressure",
     .fallback = "off",
     .choices = filters},
    {.key = "gas", .type = OptionType::boolean, .summary = "heat and measure the gas sensor", .fallback = "true"},
    {.key = "heater_temperature_c",
     .type = OptionType::number,
     .summary = "temperature of the gas sensor while it is measured",
     .fallback = "320",
     .min = 200,
     .max = 400},
    {.key = "heater_time",
     .type = OptionType::duration,
     .summary = "how long the gas sensor is heated before it is measured",
     .fallback = "150ms",
     .min = 0.001,
     .max = 4.032},
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const Options& values = context.options;
  const Setup setup{
      .oversampling_code = position(oversamplings, values.text("oversampling")),
      .filter_code = position(filters, values.text("filter")),
      .gas = values.flag("gas"),
      .heater_celsius = values.number("heater_temperature_c"),
      .heater_time = std::chrono::ceil<std::chrono::milliseconds>(values.duration("heater_time")),
  };
  return std::make_unique<Bme680>(i2c_device(context), setup);
}

}  // namespace

B2M_DRIVER(bme680) = {
    .name = "bme680",
    .summary = "Bosch BME680 and BME688 gas, pressure, temperature and humidity sensors",
    .datasheet = "Bosch Sensortec, BST-BME680-DS001 rev. 1.9; BST-BME688-DS000 rev. 1.4",
    .wiring = "SDO to ground is address 0x76, to 3.3 V 0x77; CSB stays at 3.3 V",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channel_table,
    .options = options,
    .every_min = 1s,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "bme680", "bus": "i2c-1", "address": "0x76"})",
};

}  // namespace b2m
