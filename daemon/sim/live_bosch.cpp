// Bosch BME280 (BST-BME280-DS002 rev. 1.6) and BMP280 (BST-BMP280-DS001 rev. 1.26). The registers hold the raw values
// that the chip would have found: the compensation of the data sheet, here in floating point, is inverted by bisection.
#include <algorithm>
#include <cmath>

#include "daemon/sim/live_models.hpp"
#include "daemon/sim/register_models.hpp"

namespace b2m {
namespace {

using Registers = ByteRegisterModel::Registers;

// The calibration of one sample, as recorded by the tests of periph.io (bmxx80), from register 0x88 and 0xe1 on.
constexpr std::array<std::uint8_t, 26> calibration_88{0x10, 0x6e, 0x6c, 0x66, 0x32, 0x00, 0x5d, 0x95, 0xb8,
                                                      0xd5, 0xd0, 0x0b, 0x77, 0x1e, 0x9d, 0xff, 0xf9, 0xff,
                                                      0xac, 0x26, 0x0a, 0xd8, 0xbd, 0x10, 0x00, 0x4b};
constexpr std::array<std::uint8_t, 7> calibration_e1{0x6e, 0x01, 0x00, 0x13, 0x05, 0x00, 0x1e};
// The same sample as numbers (table 16).
constexpr double t1 = 28176, t2 = 26220, t3 = 50;
constexpr double p1 = 38237, p2 = -10824, p3 = 3024, p4 = 7799, p5 = -99, p6 = -7, p7 = 9900, p8 = -10230, p9 = 4285;
constexpr double h1 = 75, h2 = 366, h3 = 0, h4 = 309, h5 = 0, h6 = 30;

/// §8.1; temperature in °C is fine / 5120.
double fine_temperature(double raw) {
  const double first = (raw / 16384 - t1 / 1024) * t2;
  const double root = raw / 131072 - t1 / 8192;
  return first + root * root * t3;
}

/// §8.1, in Pa.
double pressure(double raw, double fine) {
  const double x = fine / 2 - 64000;
  const double offset = (x * x * p6 / 32768 + x * p5 * 2) / 4 + p4 * 65536;
  const double slope = (1 + (p3 * x * x / 524288 + p2 * x) / 524288 / 32768) * p1;
  const double p = (1048576 - raw - offset / 4096) * 6250 / slope;
  return p + (p9 * p * p / 2147483648 + p * p8 / 32768 + p7) / 16;
}

/// §8.1, in %RH, before it is limited to 0 … 100.
double humidity(double raw, double fine) {
  const double x = fine - 76800;
  const double h =
      (raw - (h4 * 64 + h5 / 16384 * x)) * (h2 / 65536 * (1 + h6 / 67108864 * x * (1 + h3 / 67108864 * x)));
  return h * (1 - h1 * h / 524288);
}

/// The smallest raw value of `bits` bits for which `reached` holds; it must stay true from there on.
template <class Predicate>
std::uint32_t bisect(unsigned bits, Predicate reached) {
  std::uint32_t low = 0;
  std::uint32_t high = (1U << bits) - 1;
  while (low < high) {
    const std::uint32_t middle = low + (high - low) / 2;
    if (reached(middle)) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

constexpr std::uint32_t skipped_20_bits = 0x80000;  // what a channel that is not measured reads
constexpr std::uint32_t skipped_16_bits = 0x8000;

void put_20_bits(Registers& registers, std::uint8_t at, std::uint32_t raw) {
  registers[at] = static_cast<std::uint8_t>(raw >> 12);
  registers[at + 1U] = static_cast<std::uint8_t>(raw >> 4 & 0xff);
  registers[at + 2U] = static_cast<std::uint8_t>(raw << 4 & 0xf0);
}

void put_humidity(Registers& registers, std::uint32_t raw) {
  registers[0xfd] = static_cast<std::uint8_t>(raw >> 8);
  registers[0xfe] = static_cast<std::uint8_t>(raw & 0xff);
}

class Bosch {
 public:
  Bosch(const LiveContext& context, bool has_humidity)
      : celsius_(context.moving(Quantity::temperature)),
        pascal_(context.moving(Quantity::atmospheric_pressure)),
        relative_humidity_(context.moving(Quantity::relative_humidity)),
        has_humidity_(has_humidity) {}

  [[nodiscard]] Registers power_on() const {
    Registers registers{};
    std::copy(calibration_88.begin(), calibration_88.end() - (has_humidity_ ? 0 : 2), registers.begin() + 0x88);
    if (has_humidity_) std::copy(calibration_e1.begin(), calibration_e1.end(), registers.begin() + 0xe1);
    registers[0xd0] = has_humidity_ ? 0x60 : 0x58;
    clear_results(registers);
    return registers;
  }

  void refresh(Registers& registers) {
    if (normal_mode_) measure(registers);
  }

  void written(Registers& registers, std::uint8_t reg, std::uint8_t value) {
    if (reg == 0xe0 && value == 0xb6) reset(registers);
    if (reg == 0xf4) start(registers, value);
  }

 private:
  void clear_results(Registers& registers) const {
    put_20_bits(registers, 0xf7, skipped_20_bits);
    put_20_bits(registers, 0xfa, skipped_20_bits);
    if (has_humidity_) put_humidity(registers, skipped_16_bits);
  }

  void reset(Registers& registers) {
    normal_mode_ = false;
    for (const std::size_t reg : {0xe0U, 0xf2U, 0xf4U, 0xf5U}) registers[reg] = 0;
    clear_results(registers);
  }

  /// §5.4.5: two modes measure once and fall back to sleep. ctrl_hum counts as it is when ctrl_meas is written
  /// (§5.4.3).
  void start(Registers& registers, std::uint8_t control) {
    humidity_on_ = has_humidity_ && (registers[0xf2] & 0x07) != 0;
    temperature_on_ = (control & 0xe0) != 0;
    pressure_on_ = (control & 0x1c) != 0;
    const unsigned mode = control & 0x03;
    normal_mode_ = mode == 3;
    if (mode != 0) measure(registers);
    if (mode == 1 || mode == 2) registers[0xf4] &= 0xfc;
  }

  void measure(Registers& registers) const {
    const double fine = celsius_() * 5120;
    const auto t = bisect(20, [&](double raw) { return fine_temperature(raw) >= fine; });
    const auto p = bisect(20, [&, pa = pascal_()](double raw) { return pressure(raw, fine) <= pa; });
    put_20_bits(registers, 0xf7, pressure_on_ ? p : skipped_20_bits);
    put_20_bits(registers, 0xfa, temperature_on_ ? t : skipped_20_bits);
    if (!has_humidity_) return;
    const auto h = bisect(16, [&, rh = relative_humidity_()](double raw) { return humidity(raw, fine) >= rh; });
    put_humidity(registers, humidity_on_ ? h : skipped_16_bits);
  }

  MovingValue celsius_;
  MovingValue pascal_;
  MovingValue relative_humidity_;
  bool has_humidity_;
  bool normal_mode_ = false;
  bool temperature_on_ = false;
  bool pressure_on_ = false;
  bool humidity_on_ = false;
};

std::unique_ptr<ChipModel> make(const LiveContext& context, bool has_humidity) {
  const auto chip = std::make_shared<Bosch>(context, has_humidity);
  return std::make_unique<ByteRegisterModel>(
      chip->power_on(),
      ByteRegisterModel::Behaviour{.write_mode = ByteRegisterModel::WriteMode::pairs,
                                   .refresh = [chip](Registers& registers) { chip->refresh(registers); },
                                   .written = [chip](Registers& registers, std::uint8_t reg,
                                                     std::uint8_t value) { chip->written(registers, reg, value); }});
}

}  // namespace

std::unique_ptr<ChipModel> make_live_bme280(const LiveContext& context) { return make(context, true); }
std::unique_ptr<ChipModel> make_live_bmp280(const LiveContext& context) { return make(context, false); }

}  // namespace b2m
