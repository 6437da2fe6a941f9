// DPS310: pressure and temperature. Infineon, DPS310 datasheet rev. 1.2.
// Supported: single measurements on command, one of temperature and one of pressure. Not supported: background mode,
// FIFO, interrupts, SPI.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x77, 0x76};

constexpr ChannelSpec channel_table[] = {{"temperature", Quantity::temperature, {-40, 85}, "±0.5 °C"},
                                         {"pressure", Quantity::atmospheric_pressure, {30e3, 120e3}, "±1 hPa"}};

constexpr Model models[] = {{.name = "dps310"}};

// §7, register map.
constexpr std::uint8_t reg_pressure = 0x00;
constexpr std::uint8_t reg_temperature = 0x03;
constexpr std::uint8_t reg_pressure_config = 0x06;
constexpr std::uint8_t reg_temperature_config = 0x07;
constexpr std::uint8_t reg_measure = 0x08;
constexpr std::uint8_t reg_config = 0x09;
constexpr std::uint8_t reg_reset = 0x0c;
constexpr std::uint8_t reg_id = 0x0d;
constexpr std::uint8_t reg_calibration = 0x10;
constexpr std::uint8_t reg_calibration_source = 0x28;

constexpr std::uint8_t product_id = 0x10;
constexpr std::uint8_t soft_reset = 0x09;
constexpr std::uint8_t started = 0xc0;  ///< calibration available, sensor initialized
constexpr std::uint8_t temperature_ready = 0x20;
constexpr std::uint8_t pressure_ready = 0x10;
constexpr std::uint8_t measure_pressure = 0x01;
constexpr std::uint8_t measure_temperature = 0x02;
constexpr std::uint8_t external_sensor = 0x80;  ///< the thermometer of the pressure element
constexpr std::uint8_t shift_temperature = 0x08;
constexpr std::uint8_t shift_pressure = 0x04;

/// §8.11.
struct Calibration {
  std::int32_t c0, c1, c00, c10, c01, c11, c20, c21, c30;
};

constexpr Calibration parse_calibration(const std::array<std::uint8_t, 18>& b) {
  const auto word = [&](std::size_t i) { return sign_extend(be16(&b[i]), 16); };
  return {.c0 = sign_extend(be16(&b[0]) >> 4, 12),
          .c1 = sign_extend(be16(&b[1]) & 0x0fffu, 12),
          .c00 = sign_extend(be24(&b[3]) >> 4, 20),
          .c10 = sign_extend(be24(&b[5]) & 0x0fffff, 20),
          .c01 = word(8),
          .c11 = word(10),
          .c20 = word(12),
          .c21 = word(14),
          .c30 = word(16)};
}
static_assert(parse_calibration({0x0c, 0xcf, 0x00}).c0 == 0x0cc && parse_calibration({0x0c, 0xcf, 0x00}).c1 == -256);

/// §4.9.3 table 9 and §4.9.2 table 8: the scale of a result, and the time of a measurement.
struct Precision {
  std::string_view name;
  double scale;
  std::chrono::microseconds time;
};
constexpr std::array precisions{Precision{"x1", 524288, 3600us},     Precision{"x2", 1572864, 5200us},
                                Precision{"x4", 3670016, 8400us},    Precision{"x8", 7864320, 14800us},
                                Precision{"x16", 253952, 27600us},   Precision{"x32", 516096, 53200us},
                                Precision{"x64", 1040384, 104400us}, Precision{"x128", 2088960, 206800us}};
constexpr std::string_view precision_names[] = {"x1", "x2", "x4", "x8", "x16", "x32", "x64", "x128"};
constexpr std::size_t last_without_shift = 3;

// §4.9.1, §4.9.2; the scaled results are around ±1.
constexpr double celsius(double t, const Calibration& c) { return c.c0 * 0.5 + c.c1 * t; }
constexpr double pressure_pa(double p, double t, const Calibration& c) {
  return c.c00 + p * (c.c10 + p * (c.c20 + p * c.c30)) + t * c.c01 + t * p * (c.c11 + p * c.c21);
}

/// Worker only.
class Dps310 final : public Sensor {
 public:
  Dps310(I2cDevice device, std::size_t oversampling) : device_(device), oversampling_(oversampling) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  enum class Step : std::uint8_t { idle, temperature, pressure };
  Result<Progress> reset();
  Result<Progress> configure();
  Result<> correct_thermometer() const;
  Result<Progress> measure(Step step);
  Result<Progress> advance();
  [[nodiscard]] Result<double> fetch(std::uint8_t reg) const;

  I2cDevice device_;
  std::size_t oversampling_;  ///< row of `precisions`
  bool resetting_ = false;
  Step step_ = Step::idle;
  Calibration calibration_{};
  double temperature_ = 0;  ///< scaled result
  double pressure_ = 0;     ///< scaled result
  BoundedWait starting_{5ms, 20, "finish its start"};
  BoundedWait conversion_{5ms, 20, "finish its measurement"};
};

Result<Progress> Dps310::init() {
  step_ = Step::idle;
  auto progress = resetting_ ? configure() : reset();
  resetting_ = progress && progress->again();
  return progress;
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_ASSIGN(const std::uint8_t id, read_u8(device, reg_id));
  if (id == product_id) return "dps310";
  return fail(Errc::wrong_chip, fmt::format("product id 0x{:02x}, expected 0x{:02x}", id, product_id));
}

Result<Progress> Dps310::reset() {
  B2M_TRY(probe(device_));
  B2M_TRY(write_u8(device_, reg_reset, soft_reset));
  starting_.restart();
  return Progress::again_after(40ms);  // §3.3: until the calibration is available
}

Result<Progress> Dps310::configure() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_measure));
  if ((status & started) != started) return starting_.again();
  std::array<std::uint8_t, 18> bytes{};
  B2M_TRY(read_registers(device_, reg_calibration, bytes));
  calibration_ = parse_calibration(bytes);
  B2M_TRY(correct_thermometer());
  // The calibration holds for the thermometer that it was made with.
  B2M_ASSIGN(const std::uint8_t source, read_u8(device_, reg_calibration_source));
  const auto precision = static_cast<std::uint8_t>(oversampling_);
  B2M_TRY(write_u8(device_, reg_pressure_config, precision));
  B2M_TRY(write_u8(device_, reg_temperature_config, static_cast<std::uint8_t>((source & external_sensor) | precision)));
  B2M_TRY(
      write_u8(device_, reg_config, oversampling_ > last_without_shift ? shift_temperature | shift_pressure : 0x00));
  return Progress::done();
}

/// Some parts show 60 °C in a room. Infineon's library for the part sets a bit of a hidden register to correct them; so
/// does Linux, which leaves alone those that have it set.
Result<> Dps310::correct_thermometer() const {
  B2M_ASSIGN(const std::uint8_t fuse, read_u8(device_, 0x32));
  if ((fuse & 0x02) != 0) return {};
  B2M_TRY(write_u8(device_, 0x0e, 0xa5));
  B2M_TRY(write_u8(device_, 0x0f, 0x96));
  B2M_TRY(write_u8(device_, 0x62, 0x02));
  B2M_TRY(write_u8(device_, 0x0e, 0x00));
  return write_u8(device_, 0x0f, 0x00);
}

Result<Progress> Dps310::trigger() {
  auto progress = step_ == Step::idle ? measure(Step::temperature) : advance();
  if (!progress || !progress->again()) step_ = Step::idle;
  return progress;
}

Result<Progress> Dps310::measure(Step step) {
  B2M_TRY(write_u8(device_, reg_measure, step == Step::temperature ? measure_temperature : measure_pressure));
  step_ = step;
  conversion_.restart();
  return Progress::again_after(precisions[oversampling_].time);
}

Result<Progress> Dps310::advance() {
  const bool is_temperature = step_ == Step::temperature;
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_measure));
  if ((status & (is_temperature ? temperature_ready : pressure_ready)) == 0) return conversion_.again();
  if (is_temperature) {
    B2M_ASSIGN(temperature_, fetch(reg_temperature));
    return measure(Step::pressure);
  }
  B2M_ASSIGN(pressure_, fetch(reg_pressure));
  return Progress::done();
}

/// 24 bits with sign, scaled.
Result<double> Dps310::fetch(std::uint8_t reg) const {
  std::array<std::uint8_t, 3> bytes{};
  B2M_TRY(read_registers(device_, reg, bytes));
  const std::uint32_t raw = be24(bytes.data());
  if (raw == 0x800000) return fail(Errc::not_ready, "the register holds its reset value");
  return sign_extend(raw, 24) / precisions[oversampling_].scale;
}

Result<> Dps310::read(Samples& samples) {
  samples.set(0, celsius(temperature_, calibration_));
  samples.set(1, pressure_pa(pressure_, temperature_, calibration_));
  return {};
}

constexpr OptionSpec options[] = {{.key = "oversampling",
                                   .type = OptionType::choice,
                                   .summary = "samples averaged in the chip, of each quantity",
                                   .fallback = "x16",
                                   .choices = precision_names}};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const auto* chosen = std::find_if(precisions.begin(), precisions.end(), [&](const Precision& precision) {
    return precision.name == context.options.text("oversampling");
  });
  return std::make_unique<Dps310>(i2c_device(context), static_cast<std::size_t>(chosen - precisions.begin()));
}

}  // namespace

B2M_DRIVER(dps310) = {
    .name = "dps310",
    .summary = "Infineon DPS310 pressure and temperature sensor",
    .datasheet = "Infineon, DPS310 datasheet rev. 1.2",
    .wiring = "SDO to ground is address 0x76, open or at 3.3 V 0x77; CSB stays at 3.3 V",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channel_table,
    .options = options,
    .every_min = 500ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "dps310", "bus": "i2c-1", "address": "0x77"})",
};

}  // namespace b2m
