#include "daemon/sim/motion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace b2m {
namespace {

struct Tone {
  double period_s;
  double share;  ///< of half the range
};
// Periods without a common factor: the sum repeats only after months.
constexpr std::array tones{Tone{307, 0.6}, Tone{97, 0.3}, Tone{31, 0.1}};

struct EverydayRange {
  Quantity quantity;
  Range range;  // SI
};
using Q = Quantity;
// clang-format off
constexpr std::array everyday{
    EverydayRange{Q::temperature, {19, 26}},           EverydayRange{Q::relative_humidity, {38, 62}},
    EverydayRange{Q::absolute_humidity, {0.006, 0.012}},
    EverydayRange{Q::atmospheric_pressure, {100.2e3, 102.4e3}},
    EverydayRange{Q::illuminance, {80, 900}},          EverydayRange{Q::irradiance, {50, 700}},
    EverydayRange{Q::uv_index, {0, 6}},                EverydayRange{Q::voltage, {0.3, 1.8}},
    EverydayRange{Q::current, {0.05, 1.2}},            EverydayRange{Q::power, {1, 15}},
    EverydayRange{Q::power_factor, {0.8, 1}},          EverydayRange{Q::frequency, {49.9, 50.1}},
    EverydayRange{Q::resistance, {8e3, 60e3}},         EverydayRange{Q::co2, {420e-6, 1200e-6}},
    EverydayRange{Q::tvoc, {20e-9, 400e-9}},           EverydayRange{Q::gas_concentration, {1e-6, 50e-6}},
    EverydayRange{Q::pm1, {2e-9, 15e-9}},              EverydayRange{Q::pm2_5, {3e-9, 25e-9}},
    EverydayRange{Q::pm4, {4e-9, 30e-9}},              EverydayRange{Q::pm10, {5e-9, 40e-9}},
    EverydayRange{Q::air_quality_index, {10, 80}},     EverydayRange{Q::distance, {0.2, 2.5}},
    EverydayRange{Q::mass, {0.1, 2}},                  EverydayRange{Q::speed, {0, 8}},
    EverydayRange{Q::acceleration, {-2, 2}},           EverydayRange{Q::angular_velocity, {-0.5, 0.5}},
    EverydayRange{Q::magnetic_flux_density, {-50e-6, 50e-6}},
    EverydayRange{Q::rotation_speed, {12, 25}},        EverydayRange{Q::ph, {6.5, 7.5}},
    EverydayRange{Q::signal_strength, {-75, -45}},     EverydayRange{Q::count, {0, 1000}},
};
// clang-format on

}  // namespace

double Motion::at(std::chrono::steady_clock::time_point now) const {
  const double t = std::chrono::duration<double>(now.time_since_epoch()).count();
  double swing = 0;
  double phase = static_cast<double>(seed_ % 1000) / 1000;
  for (const auto& tone : tones) {
    swing += tone.share * std::sin(2 * std::numbers::pi * (t / tone.period_s + phase));
    phase = std::fmod(phase * 7 + 0.31, 1.0);
  }
  const double middle = range_.low + (range_.high - range_.low) / 2;
  return std::clamp(middle + swing * (range_.high - range_.low) / 2, range_.low, range_.high);
}

Range everyday_range(Quantity quantity) noexcept {
  const auto row =
      std::find_if(everyday.begin(), everyday.end(), [&](const auto& r) { return r.quantity == quantity; });
  return row != everyday.end() ? row->range : info(quantity).plausible;
}

Range everyday_range(Quantity quantity, Range limits) noexcept {
  const auto both = [](Range a, Range b) { return Range{std::max(a.low, b.low), std::min(a.high, b.high)}; };
  const Range possible = both(limits, info(quantity).plausible);
  if (!(possible.low <= possible.high)) return limits;
  const Range usual = both(possible, everyday_range(quantity));
  return usual.low < usual.high ? usual : possible;
}

std::uint32_t seed_of(std::string_view name) noexcept {
  std::uint32_t hash = 2166136261U;  // FNV-1a, 32 bits
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619U;
  return hash;
}

}  // namespace b2m
