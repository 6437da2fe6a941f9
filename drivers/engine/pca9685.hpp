// PCA9685 (NXP, rev. 4), 16 channels of 12-bit PWM with one frequency: the chip and its arithmetic, for every driver
// that makes something of a channel.
#pragma once

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>

#include "drivers/api/driver.hpp"

namespace b2m {

inline constexpr unsigned pca9685_channels = 16;
inline constexpr double pca9685_lowest_hz = 24;     ///< §7.3.5
inline constexpr double pca9685_highest_hz = 1526;  ///< §7.3.5

/// All of A5 to A0 (§7.1), but for 0x70, where every chip answers after power-on, and the reserved ones above 0x77.
inline constexpr std::uint8_t pca9685_addresses[] = {
    0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f, 0x50, 0x51, 0x52,
    0x53, 0x54, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5a, 0x5b, 0x5c, 0x5d, 0x5e, 0x5f, 0x60, 0x61, 0x62, 0x63, 0x64, 0x65,
    0x66, 0x67, 0x68, 0x69, 0x6a, 0x6b, 0x6c, 0x6d, 0x6e, 0x6f, 0x71, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77};

inline constexpr OptionSpec pca9685_channel_option{.key = "channel",
                                                   .type = OptionType::integer,
                                                   .summary = "output of the chip",
                                                   .required = true,
                                                   .min = 0,
                                                   .max = pca9685_channels - 1};

inline constexpr double pca9685_oscillator_hz = 25e6;
inline constexpr double pca9685_steps = 4096;  ///< of a period

/// §7.3.5, equation 1, for the internal oscillator of 25 MHz: 3 to 255 for the frequencies of the chip. Pure.
[[nodiscard]] constexpr std::uint8_t pca9685_prescale(double frequency_hz) noexcept {
  const double value = pca9685_oscillator_hz / (pca9685_steps * frequency_hz) + 0.5 - 1;  // + 0.5: rounded when cut off
  return static_cast<std::uint8_t>(value < 3 ? 3 : value > 255 ? 255 : value);
}
static_assert(pca9685_prescale(50) == 0x79);
static_assert(pca9685_prescale(200) == 30);  // §7.3.5, the datasheet's example
static_assert(pca9685_prescale(pca9685_lowest_hz) == 253 && pca9685_prescale(pca9685_highest_hz) == 3);

/// The period that the chip really has when it is told a frequency, in seconds. Pure.
[[nodiscard]] constexpr double pca9685_period(double frequency_hz) noexcept {
  return pca9685_steps * (pca9685_prescale(frequency_hz) + 1) / pca9685_oscillator_hz;
}

/// LEDn_ON_L, LEDn_ON_H, LEDn_OFF_L, LEDn_OFF_H.
using Pca9685Pulse = std::array<std::uint8_t, 4>;

/// High for `fraction` (0 to 1) of each period, from its beginning. Nothing and all have bits of their own, since the
/// two counts must not be equal (§7.3.3, §7.3.4). Pure.
[[nodiscard]] constexpr Pca9685Pulse pca9685_pulse(double fraction) noexcept {
  constexpr std::uint8_t full = 0x10;
  const auto steps = static_cast<unsigned>(fraction * 4096 + 0.5);
  if (steps == 0) return {0, 0, 0, full};
  if (steps >= 4096) return {0, full, 0, 0};
  return {0, 0, static_cast<std::uint8_t>(steps & 0xff), static_cast<std::uint8_t>(steps >> 8)};
}
static_assert(pca9685_pulse(0.5) == Pca9685Pulse{0, 0, 0x00, 0x08});

/// The fraction that registers of any content stand for. Pure.
[[nodiscard]] constexpr double pca9685_fraction(const Pca9685Pulse& pulse) noexcept {
  constexpr int full = 0x1000;
  const int on = pulse[0] | (pulse[1] & 0x1f) << 8;
  const int off = pulse[2] | (pulse[3] & 0x1f) << 8;
  if ((off & full) != 0) return 0;  // full OFF goes before full ON
  if ((on & full) != 0) return 1;
  return ((off - on) & 0xfff) / 4096.0;
}

/// One chip, of which several devices may have channels: each sets it up, and finds it set up by another. Worker only.
class Pca9685 {
 public:
  explicit Pca9685(I2cDevice device) : device_(device) {}

  /// Brings the chip to the frequency, awake, with totem-pole outputs. Channels that run go on, with a short break only
  /// when the frequency has to change. As Sensor::init.
  [[nodiscard]] Result<Progress> prepare(double frequency_hz) const;
  /// After prepare() and its pause: channels that ran before it run again.
  [[nodiscard]] Result<> restart() const;
  [[nodiscard]] Result<Pca9685Pulse> pulse(unsigned channel) const;
  /// Takes effect at once for the four registers together. Error io: the chip has lost its set-up.
  [[nodiscard]] Result<> set_pulse(unsigned channel, const Pca9685Pulse& pulse) const;

 private:
  I2cDevice device_;
};

}  // namespace b2m
