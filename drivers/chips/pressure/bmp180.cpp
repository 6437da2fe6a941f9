// BMP180, BMP085: pressure and temperature. Bosch Sensortec, BST-BMP180-DS000 rev. 2.5 (sections below) and
// BST-BMP085-DS000 rev. 1.2.
// Supported: the four modes of oversampling. The conversions are waited for by time: the BMP085 has no register that
// tells their end.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x77};

constexpr ChannelSpec channel_table[] = {{"temperature", Quantity::temperature, {-40, 85}, "±1 °C"},
                                         {"pressure", Quantity::atmospheric_pressure, {30e3, 110e3}, "±1 hPa"}};

constexpr Model models[] = {{.name = "bmp180"}, {.name = "bmp085"}};

// §4, memory map.
constexpr std::uint8_t reg_calibration = 0xaa;
constexpr std::uint8_t reg_id = 0xd0;
constexpr std::uint8_t reg_control = 0xf4;
constexpr std::uint8_t reg_data = 0xf6;
constexpr std::uint8_t chip_id = 0x55;
constexpr std::uint8_t convert_temperature = 0x2e;
constexpr std::uint8_t convert_pressure = 0x34;

/// §3.4. Wider than the chip's words, so that no product of them overflows.
struct Calibration {
  std::int64_t ac1, ac2, ac3, ac4, ac5, ac6, b1, b2, mb, mc, md;
};

using CalibrationBytes = std::array<std::uint8_t, 22>;

constexpr Calibration parse_calibration(const CalibrationBytes& bytes) {
  const auto word = [&](std::size_t i) { return std::int64_t{be16(&bytes[2 * i])}; };
  const auto with_sign = [&](std::size_t i) { return std::int64_t{static_cast<std::int16_t>(be16(&bytes[2 * i]))}; };
  return {with_sign(0), with_sign(1), with_sign(2), word(3),      word(4),      word(5),
          with_sign(6), with_sign(7), with_sign(8), with_sign(9), with_sign(10)};
}

/// §3.4: no word is 0x0000 or 0xffff, unless the transfer failed.
constexpr bool is_plausible(const CalibrationBytes& bytes) {
  for (std::size_t i = 0; i < bytes.size(); i += 2)
    if (be16(&bytes[i]) == 0x0000 || be16(&bytes[i]) == 0xffff) return false;
  return true;
}

// §3.5, in whole numbers as there. 0 stands for a division by zero, which no chip in order brings about.

/// B5: 1/160 °C.
constexpr std::int64_t fine_temperature(std::int64_t raw, const Calibration& c) {
  const std::int64_t x1 = (raw - c.ac6) * c.ac5 >> 15;
  return x1 + c.md == 0 ? 0 : x1 + (c.mc << 11) / (x1 + c.md);
}

constexpr double celsius(std::int64_t b5) { return static_cast<double>((b5 + 8) >> 4) / 10; }

/// B4, the divisor.
constexpr std::int64_t pressure_divisor(std::int64_t b6, const Calibration& c) {
  const std::int64_t x = ((c.ac3 * b6 >> 13) + (c.b1 * (b6 * b6 >> 12) >> 16) + 2) >> 2;
  return c.ac4 * (x + 32768) >> 15;
}

/// Pa.
constexpr std::int64_t pressure_pa(std::int64_t raw, unsigned oversampling, std::int64_t b5, const Calibration& c) {
  const std::int64_t b6 = b5 - 4000;
  const std::int64_t b4 = pressure_divisor(b6, c);
  if (b4 == 0) return 0;
  const std::int64_t x = (c.b2 * (b6 * b6 >> 12) >> 11) + (c.ac2 * b6 >> 11);
  const std::int64_t b3 = (((c.ac1 * 4 + x) << oversampling) + 2) / 4;
  const std::int64_t b7 = (raw - b3) * (50000 >> oversampling);
  const std::int64_t p = b7 < 0x80000000 ? b7 * 2 / b4 : b7 / b4 * 2;
  const std::int64_t square = (p >> 8) * (p >> 8);
  return p + (((square * 3038 >> 16) + (-7357 * p >> 16) + 3791) >> 4);
}

namespace worked_example {  // §3.5: 15.0 °C and 69964 Pa
constexpr Calibration c{408, -72, -14383, 32741, 32757, 23153, 6190, 4, -32768, -8711, 2868};
constexpr std::int64_t b5 = fine_temperature(27898, c);
static_assert(celsius(b5) == 15.0);
static_assert(pressure_pa(23843, 0, b5, c) == 69964);
}  // namespace worked_example

/// §3.3.1, the longest conversions.
constexpr std::chrono::microseconds temperature_time = 4500us;
constexpr std::array<std::chrono::microseconds, 4> pressure_times{4500us, 7500us, 13500us, 25500us};
constexpr std::string_view oversamplings[] = {"x1", "x2", "x4", "x8"};

/// Worker only.
class Bmp180 final : public Sensor {
 public:
  Bmp180(I2cDevice device, unsigned oversampling) : device_(device), oversampling_(oversampling) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> start_temperature();
  Result<Progress> start_pressure();

  I2cDevice device_;
  unsigned oversampling_;  ///< log2 of the samples
  bool converting_temperature_ = false;
  Calibration calibration_{};
  std::int64_t raw_temperature_ = 0;
};

Result<Progress> Bmp180::init() {
  converting_temperature_ = false;
  B2M_ASSIGN(const std::uint8_t id, read_u8(device_, reg_id));
  if (id != chip_id) return fail(Errc::wrong_chip, fmt::format("chip id 0x{:02x}, expected 0x{:02x}", id, chip_id));
  CalibrationBytes bytes{};
  B2M_TRY(read_registers(device_, reg_calibration, bytes));
  if (!is_plausible(bytes)) return fail(Errc::not_ready, "the chip shows no calibration");
  calibration_ = parse_calibration(bytes);
  return Progress::done();
}

Result<Progress> Bmp180::trigger() {
  auto progress = converting_temperature_ ? start_pressure() : start_temperature();
  converting_temperature_ = progress && progress->again();
  return progress;
}

Result<Progress> Bmp180::start_temperature() {
  B2M_TRY(write_u8(device_, reg_control, convert_temperature));
  return Progress::again_after(temperature_time);
}

Result<Progress> Bmp180::start_pressure() {
  B2M_ASSIGN(raw_temperature_, read_be16(device_, reg_data));
  B2M_TRY(write_u8(device_, reg_control, static_cast<std::uint8_t>(convert_pressure | oversampling_ << 6)));
  return Progress::done_after(pressure_times[oversampling_]);
}

Result<> Bmp180::read(Samples& samples) {
  std::array<std::uint8_t, 3> bytes{};
  B2M_TRY(read_registers(device_, reg_data, bytes));
  const std::int64_t b5 = fine_temperature(raw_temperature_, calibration_);
  const std::int64_t pa = pressure_pa(be24(bytes.data()) >> (8 - oversampling_), oversampling_, b5, calibration_);
  if (b5 == 0 || pa == 0) return fail(Errc::out_of_range, "the calibration of the chip makes no sense");
  samples.set(0, celsius(b5));
  samples.set(1, static_cast<double>(pa));
  return {};
}

constexpr OptionSpec options[] = {{.key = "oversampling",
                                   .type = OptionType::choice,
                                   .summary = "samples of pressure averaged in the chip",
                                   .fallback = "x1",
                                   .choices = oversamplings}};

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_ASSIGN(const std::uint8_t id, read_u8(device, reg_id));
  if (id == chip_id) return "bmp180";
  return fail(Errc::wrong_chip, fmt::format("chip id 0x{:02x}", id));
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const auto* chosen =
      std::find(std::begin(oversamplings), std::end(oversamplings), context.options.text("oversampling"));
  return std::make_unique<Bmp180>(i2c_device(context), static_cast<unsigned>(chosen - oversamplings));
}

}  // namespace

B2M_DRIVER(bmp180) = {
    .name = "bmp180",
    .summary = "Bosch BMP180 and BMP085 pressure and temperature sensors",
    .datasheet = "Bosch Sensortec, BST-BMP180-DS000 rev. 2.5; BST-BMP085-DS000 rev. 1.2",
    .wiring = "3.3 V; the address is fixed, so two need two buses or a multiplexer",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channel_table,
    .options = options,
    .every_min = 50ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "bmp180", "bus": "i2c-1", "address": "0x77"})",
};

}  // namespace b2m
