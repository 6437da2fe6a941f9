// VL53L1X: laser distance sensor. STMicroelectronics, VL53L1X datasheet DS12385; since that names no registers, these
// and the settings are those of ST's ultra lite driver (STSW-IMG009, described in UM2510). Supported: ranging in the
// long distance mode with 100 ms of light for each result, up to 4 m. Not supported: the short mode, other timings,
// regions of interest, calibration behind a window, thresholds, the interrupt, another address.
#include <fmt/format.h>

#include <array>
#include <memory>
#include <vector>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x29};

constexpr ChannelSpec specs[] = {{"distance", Quantity::distance, {0, 5}, "±20 mm, to 4 m in the dark"}};

constexpr Model models[] = {{.name = "vl53l1x", .summary = "also VL53L1CX"}};

// The names of the ultra lite driver.
constexpr std::uint16_t soft_reset = 0x0000;
constexpr std::uint16_t vhv_config_timeout_macrop_loop_bound = 0x0008;
constexpr std::uint16_t vhv_config_init = 0x000b;
constexpr std::uint16_t configuration = 0x002d;
constexpr std::uint16_t gpio_tio_hv_status = 0x0031;
constexpr std::uint16_t system_interrupt_clear = 0x0086;
constexpr std::uint16_t system_mode_start = 0x0087;
constexpr std::uint16_t result_range_status = 0x0089;
constexpr std::uint16_t firmware_system_status = 0x00e5;
constexpr std::uint16_t identification_model_id = 0x010f;

constexpr std::uint16_t model_id = 0xeacc;

/// Registers 0x2d to 0x87, in order. ST explains few of them: the interrupt is active high (0x30), it tells a new
/// sample (0x46), the timings of the long mode (0x4b, 0x5e to 0x63, 0x69, 0x78 to 0x7b), at most 90 mm of noise (0x64),
/// the whole field of view (0x7f, 0x80), not started yet (0x87).
// clang-format off
constexpr std::array<std::uint8_t, 0x87 - 0x2d + 1> long_mode{
    /* 0x2d */ 0x00, 0x00, 0x00,
    /* 0x30 */ 0x01, 0x02, 0x00, 0x02, 0x08, 0x00, 0x08, 0x10, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00, 0xff, 0x00,
    /* 0x40 */ 0x0f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x0b, 0x00, 0x00, 0x02, 0x0a, 0x21, 0x00, 0x00, 0x05,
    /* 0x50 */ 0x00, 0x00, 0x00, 0x00, 0xc8, 0x00, 0x00, 0x38, 0xff, 0x01, 0x00, 0x08, 0x00, 0x00, 0x01, 0xdb,
    /* 0x60 */ 0x0f, 0x01, 0xf1, 0x0d, 0x01, 0x68, 0x00, 0x80, 0x08, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x89,
    /* 0x70 */ 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x01, 0x0f, 0x0d, 0x0e, 0x0e, 0x00, 0x00, 0x02, 0xc7,
    /* 0x80 */ 0xff, 0x9b, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00};
// clang-format on
static_assert(long_mode[0x69 - 0x2d] == 0xb8 && long_mode[0x7f - 0x2d] == 0xc7, "the rows begin where they say");

std::array<std::uint8_t, 2> index(std::uint16_t reg) {
  return {static_cast<std::uint8_t>(reg >> 8), static_cast<std::uint8_t>(reg & 0xff)};
}

Result<> read_from(const I2cDevice& device, std::uint16_t reg, std::span<std::uint8_t> into) {
  return device.write_read(index(reg), into);
}

Result<std::uint8_t> read_byte(const I2cDevice& device, std::uint16_t reg) {
  std::uint8_t value = 0;
  B2M_TRY(read_from(device, reg, {&value, 1}));
  return value;
}

Result<> write_byte(const I2cDevice& device, std::uint16_t reg, std::uint8_t value) {
  const auto [high, low] = index(reg);
  return device.write({high, low, value});
}

Result<> write_configuration(const I2cDevice& device) {
  const auto start = index(configuration);
  std::vector<std::uint8_t> bytes(start.begin(), start.end());
  bytes.insert(bytes.end(), long_mode.begin(), long_mode.end());
  return device.write(bytes);
}

Result<> check_identity(const I2cDevice& device) {
  std::array<std::uint8_t, 2> id{};
  B2M_TRY(read_from(device, identification_model_id, id));
  if (be16(id.data()) == model_id) return {};
  return fail(Errc::wrong_chip, fmt::format("register 0x010f reads 0x{:04x}, expected 0xeacc", be16(id.data())));
}

/// What the chip thinks of a result: only 9 is a distance.
Result<> check_range_status(std::uint8_t status) {
  switch (status & 0x1f) {
    case 9: return {};
    case 1:
    case 2:
    case 3: return fail(Errc::io, "the laser or its driver has failed");
    case 4: return fail(Errc::out_of_range, "nothing reflects enough light");
    case 5: return fail(Errc::out_of_range, "the target is beyond the range");
    case 6: return fail(Errc::out_of_range, "the distance is too noisy");
    case 7: return fail(Errc::out_of_range, "the target may be farther than the light can tell");
    case 18: return fail(Errc::not_ready, "the first result is not valid");
    default: return fail(Errc::out_of_range, fmt::format("no valid distance, status {}", status & 0x1f));
  }
}

/// Ranges all the time; a reading waits for the next result.
/// Worker only.
class Vl53l1x final : public Sensor {
 public:
  explicit Vl53l1x(I2cDevice device) : device_(device) {}
  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(specs); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  enum class Step : std::uint8_t { reset, release, boot, first_range };

  Result<Progress> step();
  Result<Progress> next(Step step, Progress::Duration pause);
  Result<Progress> await_boot();
  Result<Progress> finish_start();
  Result<bool> has_result() const;

  I2cDevice device_;
  Step step_ = Step::reset;
  bool waiting_ = false;  ///< for the result of a reading
  BoundedWait boot_{1ms, 100, "start its firmware"};
  BoundedWait range_{20ms, 50, "finish a measurement"};
};

Result<Progress> Vl53l1x::init() {
  waiting_ = false;
  auto progress = step();
  if (!progress || !progress->again()) step_ = Step::reset;
  return progress;
}

Result<Progress> Vl53l1x::next(Step following, Progress::Duration pause) {
  step_ = following;
  return Progress::again_after(pause);
}

/// The chip boots within 1.2 ms after the reset is released.
Result<Progress> Vl53l1x::step() {
  switch (step_) {
    case Step::reset:
      B2M_TRY(check_identity(device_));
      B2M_TRY(write_byte(device_, soft_reset, 0));
      return next(Step::release, 1ms);
    case Step::release:
      B2M_TRY(write_byte(device_, soft_reset, 1));
      boot_.restart();
      return next(Step::boot, 2ms);
    case Step::boot: return await_boot();
    case Step::first_range: return finish_start();
  }
  return Progress::done();
}

Result<Progress> Vl53l1x::await_boot() {
  B2M_ASSIGN(const std::uint8_t status, read_byte(device_, firmware_system_status));
  if ((status & 1) == 0) return boot_.again();
  B2M_TRY(write_configuration(device_));
  B2M_TRY(write_byte(device_, system_mode_start, 0x40));
  range_.restart();
  return next(Step::first_range, 100ms);
}

/// The first result adjusts the chip to its temperature; the following ones begin from there.
Result<Progress> Vl53l1x::finish_start() {
  B2M_ASSIGN(const bool ready, has_result());
  if (!ready) return range_.again();
  B2M_TRY(write_byte(device_, system_interrupt_clear, 1));
  B2M_TRY(write_byte(device_, system_mode_start, 0));
  B2M_TRY(write_byte(device_, vhv_config_timeout_macrop_loop_bound, 0x09));
  B2M_TRY(write_byte(device_, vhv_config_init, 0));
  B2M_TRY(write_byte(device_, system_mode_start, 0x40));
  return Progress::done();
}

Result<bool> Vl53l1x::has_result() const {
  B2M_ASSIGN(const std::uint8_t status, read_byte(device_, gpio_tio_hv_status));
  return (status & 1) != 0;
}

/// A result that has been waiting since the last reading is dropped for a fresh one.
Result<Progress> Vl53l1x::trigger() {
  if (!waiting_) {
    B2M_TRY(write_byte(device_, system_interrupt_clear, 1));
    range_.restart();
    waiting_ = true;
    return Progress::again_after(20ms);
  }
  const auto ready = has_result();
  auto progress = !ready   ? Result<Progress>(tl::unexpected(ready.error()))
                  : *ready ? Result<Progress>(Progress::done())
                           : range_.again();
  waiting_ = progress && progress->again();
  return progress;
}

/// The status, and the distance in mm from the 13th byte on.
Result<> Vl53l1x::read(Samples& samples) {
  std::array<std::uint8_t, 15> bytes{};
  B2M_TRY(read_from(device_, result_range_status, bytes));
  const auto valid = check_range_status(bytes[0]);
  samples.set(0, valid ? Result<double>(be16(&bytes[13]) * 1e-3) : tl::unexpected(valid.error()));
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) { return std::make_unique<Vl53l1x>(i2c_device(context)); }

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(check_identity(device));
  return "vl53l1x";
}

}  // namespace

B2M_DRIVER(vl53l1x) = {
    .name = "vl53l1x",
    .summary = "STMicroelectronics VL53L1X laser distance sensor",
    .datasheet = "STMicroelectronics, DS12385; UM2510 and STSW-IMG009",
    .wiring = "XSHUT stays at 3.3 V. Every part starts at 0x29: several need several buses or a multiplexer",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = specs,
    .every_min = 200ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "vl53l1x", "bus": "i2c-1", "address": "0x29"})",
};

}  // namespace b2m
