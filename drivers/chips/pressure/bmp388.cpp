// BMP388, BMP390, BMP380: pressure and temperature. Bosch Sensortec, BST-BMP388-DS001 rev. 1.7 (sections below) and
// BST-BMP390-DS002 rev. 1.7.
// Supported: forced mode, oversampling, IIR filter. Not supported: normal mode, FIFO, SPI.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x76, 0x77};

constexpr ChannelSpec channel_table[] = {{"temperature", Quantity::temperature, {-40, 85}, "±0.5 °C"},
                                         {"pressure", Quantity::atmospheric_pressure, {30e3, 125e3}, "±0.5 hPa"}};

constexpr Model models[] = {{.name = "bmp388"}, {.name = "bmp390"}, {.name = "bmp380"}};

// §4.2, memory map.
constexpr std::uint8_t reg_id = 0x00;
constexpr std::uint8_t reg_status = 0x03;
constexpr std::uint8_t reg_data = 0x04;
constexpr std::uint8_t reg_power = 0x1b;
constexpr std::uint8_t reg_oversampling = 0x1c;
constexpr std::uint8_t reg_filter = 0x1f;
constexpr std::uint8_t reg_calibration = 0x31;
constexpr std::uint8_t reg_command = 0x7e;

constexpr std::uint8_t id_bmp388 = 0x50;  // and of the BMP380
constexpr std::uint8_t id_bmp390 = 0x60;
constexpr std::uint8_t soft_reset = 0xb6;
constexpr std::uint8_t status_command_ready = 0x10;
constexpr std::uint8_t status_data_ready = 0x60;  ///< of pressure and of temperature
constexpr std::uint8_t forced_both = 0x13;
constexpr std::uint32_t unmeasured = 0x800000;  ///< after the reset

/// §9.1: the words of the chip, scaled as the formulas take them.
struct Calibration {
  double t1, t2, t3;
  double p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11;
};

/// 2 to the power of `exponent`.
constexpr double power_of_two(int exponent) {
  double value = 1;
  for (; exponent > 0; --exponent) value *= 2;
  for (; exponent < 0; ++exponent) value /= 2;
  return value;
}

constexpr Calibration parse_calibration(const std::array<std::uint8_t, 21>& b) {
  const auto word = [&](std::size_t i) { return static_cast<double>(le16(&b[i])); };
  const auto with_sign = [&](std::size_t i) { return static_cast<double>(static_cast<std::int16_t>(le16(&b[i]))); };
  const auto byte = [&](std::size_t i) { return static_cast<double>(static_cast<std::int8_t>(b[i])); };
  return {.t1 = word(0) * power_of_two(8),
          .t2 = word(2) * power_of_two(-30),
          .t3 = byte(4) * power_of_two(-48),
          .p1 = (with_sign(5) - power_of_two(14)) * power_of_two(-20),
          .p2 = (with_sign(7) - power_of_two(14)) * power_of_two(-29),
          .p3 = byte(9) * power_of_two(-32),
          .p4 = byte(10) * power_of_two(-37),
          .p5 = word(11) * power_of_two(3),
          .p6 = word(13) * power_of_two(-6),
          .p7 = byte(15) * power_of_two(-8),
          .p8 = byte(16) * power_of_two(-15),
          .p9 = with_sign(17) * power_of_two(-48),
          .p10 = byte(19) * power_of_two(-48),
          .p11 = byte(20) * power_of_two(-65)};
}

/// §9.2, °C.
constexpr double celsius(std::uint32_t raw, const Calibration& c) {
  const double x = raw - c.t1;
  return x * c.t2 + x * x * c.t3;
}

/// §9.3, Pa; `t` in °C.
constexpr double pressure_pa(std::uint32_t raw, double t, const Calibration& c) {
  const double u = raw;
  const double offset = c.p5 + t * (c.p6 + t * (c.p7 + t * c.p8));
  const double slope = c.p1 + t * (c.p2 + t * (c.p3 + t * c.p4));
  return offset + u * slope + u * u * (c.p9 + c.p10 * t) + u * u * u * c.p11;
}

constexpr std::string_view oversamplings[] = {"x1", "x2", "x4", "x8", "x16", "x32"};
constexpr std::string_view filters[] = {"off", "1", "3", "7", "15", "31", "63", "127"};

std::uint8_t position(std::span<const std::string_view> choices, std::string_view choice) {
  return static_cast<std::uint8_t>(std::find(choices.begin(), choices.end(), choice) - choices.begin());
}

/// §3.9.2 with both quantities at the same oversampling; typical times, the flag is looked at afterwards.
constexpr std::chrono::microseconds measuring_time(unsigned samples) {
  return 234us + 392us + 313us + samples * 4040us;
}

/// Measures in forced mode; the chip sleeps between.
/// Worker only.
class Bmp388 final : public Sensor {
 public:
  Bmp388(I2cDevice device, std::uint8_t oversampling_code, std::uint8_t filter_code)
      : device_(device), oversampling_code_(oversampling_code), filter_code_(filter_code) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> reset();
  Result<Progress> configure();
  Result<Progress> start_measurement();
  Result<Progress> await_measurement();

  I2cDevice device_;
  std::uint8_t oversampling_code_;  ///< 0 to 5 for ×1 to ×32
  std::uint8_t filter_code_;
  bool resetting_ = false;
  bool measuring_ = false;
  Calibration calibration_{};
  BoundedWait starting_{2ms, 10, "finish its reset"};
  BoundedWait conversion_{5ms, 20, "finish its measurement"};
};

Result<Progress> Bmp388::init() {
  measuring_ = false;
  auto progress = resetting_ ? configure() : reset();
  resetting_ = progress && progress->again();
  return progress;
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_ASSIGN(const std::uint8_t id, read_u8(device, reg_id));
  if (id == id_bmp388) return "bmp388";
  if (id == id_bmp390) return "bmp390";
  return fail(Errc::wrong_chip, fmt::format("chip id 0x{:02x} is neither a BMP388 (0x50) nor a BMP390 (0x60)", id));
}

Result<Progress> Bmp388::reset() {
  B2M_TRY(probe(device_));
  B2M_TRY(write_u8(device_, reg_command, soft_reset));
  starting_.restart();
  return Progress::again_after(2ms);
}

Result<Progress> Bmp388::configure() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_status));
  if ((status & status_command_ready) == 0) return starting_.again();
  std::array<std::uint8_t, 21> bytes{};
  B2M_TRY(read_registers(device_, reg_calibration, bytes));
  calibration_ = parse_calibration(bytes);
  if (calibration_.t1 == 0 || calibration_.t2 == 0) return fail(Errc::not_ready, "the chip shows no calibration");
  const auto both = static_cast<std::uint8_t>(oversampling_code_ << 3 | oversampling_code_);
  B2M_TRY(write_u8(device_, reg_oversampling, both));
  B2M_TRY(write_u8(device_, reg_filter, static_cast<std::uint8_t>(filter_code_ << 1)));
  return Progress::done();
}

Result<Progress> Bmp388::trigger() {
  auto progress = measuring_ ? await_measurement() : start_measurement();
  measuring_ = progress && progress->again();
  return progress;
}

Result<Progress> Bmp388::start_measurement() {
  B2M_TRY(write_u8(device_, reg_power, forced_both));
  conversion_.restart();
  return Progress::again_after(measuring_time(1u << oversampling_code_));
}

Result<Progress> Bmp388::await_measurement() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_status));
  if ((status & status_data_ready) != status_data_ready) return conversion_.again();
  return Progress::done();
}

/// One burst of two numbers of 24 bits, lowest byte first.
Result<> Bmp388::read(Samples& samples) {
  std::array<std::uint8_t, 6> bytes{};
  B2M_TRY(read_registers(device_, reg_data, bytes));
  const auto raw_pressure = to_unsigned(std::span(bytes).first(3), ByteOrder::little_endian);
  const auto raw_temperature = to_unsigned(std::span(bytes).last(3), ByteOrder::little_endian);
  if (raw_temperature == unmeasured) return fail(Errc::not_ready, "no temperature was measured");
  const double t = celsius(raw_temperature, calibration_);
  samples.set(0, t);
  samples.set(1, raw_pressure == unmeasured ? fail(Errc::not_ready, "no pressure was measured")
                                            : Result<double>(pressure_pa(raw_pressure, t, calibration_)));
  return {};
}

constexpr OptionSpec options[] = {
    {.key = "oversampling",
     .type = OptionType::choice,
     .summary = "samples averaged in the chip, of each quantity",
     .fallback = "x1",
     .choices = oversamplings},
    {.key = "filter",
     .type = OptionType::choice,
     .summary = "coefficient of the chip's IIR filter",
     .fallback = "off",
     .choices = filters},
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Bmp388>(i2c_device(context), position(oversamplings, context.options.text("oversampling")),
                                  position(filters, context.options.text("filter")));
}

}  // namespace

B2M_DRIVER(bmp388) = {
    .name = "bmp388",
    .summary = "Bosch BMP388 and BMP390 pressure and temperature sensors",
    .datasheet = "Bosch Sensortec, BST-BMP388-DS001 rev. 1.7; BST-BMP390-DS002 rev. 1.7",
    .wiring = "SDO to ground is address 0x76, to 3.3 V 0x77; CSB stays at 3.3 V",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channel_table,
    .options = options,
    .every_min = 300ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "bmp388", "bus": "i2c-1", "address": "0x77"})",
};

}  // namespace b2m
