#include "tests/vectors/follow_settings.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "daemon/sim/ads1x15_scale.hpp"

namespace b2m::vectors {
namespace {

using Registers = WordRegisterModel::Registers;

std::int16_t as_signed(std::uint16_t word) { return static_cast<std::int16_t>(word); }

std::uint16_t to_word(double value) {
  return static_cast<std::uint16_t>(std::lround(std::clamp(value, -32768.0, 32767.0)));
}

double setting(const Json& settings, const char* key, double otherwise) {
  const auto* value = member(settings, key);
  return value && value->is_number() ? value->get<double>() : otherwise;
}

/// The code was recorded at `fs_volts`; a conversion at another full scale gives another code. Idle again after it.
void follow_ads1x15(Registers& registers, std::uint8_t reg, const Json& settings) {
  if (reg != 1) return;
  const double chosen = ads1x15_full_scale(registers[1]);
  registers[0] = to_word(as_signed(registers[0]) * setting(settings, "fs_volts", chosen) / chosen);
  registers[1] |= 0x8000;
}

/// SBOS448G §8.5.1: the calibration makes current and power appear.
void follow_ina219(Registers& registers, std::uint8_t reg, const Json&) {
  if (reg != 5) return;
  const double calibration = registers[5];
  const double current = std::trunc(as_signed(registers[1]) * calibration / 4096);
  registers[4] = to_word(current);
  registers[3] = to_word(current * (registers[2] >> 3) / 5000);
}

/// SBOS547B §7.5.1.
void follow_ina226(Registers& registers, std::uint8_t reg, const Json&) {
  if (reg != 5) return;
  const double calibration = registers[5];
  const double current = std::trunc(as_signed(registers[1]) * calibration / 2048);
  registers[4] = to_word(current);
  registers[3] = to_word(std::abs(current) * registers[2] / 20000);
}

struct Row {
  std::string_view chip;
  Follower follow;
};
constexpr std::array rows{Row{"ADS1115", follow_ads1x15}, Row{"INA219", follow_ina219}, Row{"INA226", follow_ina226}};

}  // namespace

Follower find_follower(std::string_view chip) noexcept {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& r) { return r.chip == chip; });
  return row == rows.end() ? nullptr : row->follow;
}

}  // namespace b2m::vectors
