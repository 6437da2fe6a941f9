#include "drivers/engine/pca9685.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace b2m {
namespace {

constexpr std::uint8_t mode1 = 0x00;
constexpr std::uint8_t mode2 = 0x01;
constexpr std::uint8_t first_channel = 0x06;
constexpr std::uint8_t prescale = 0xfe;

constexpr std::uint8_t mode1_restart = 0x80;
constexpr std::uint8_t mode1_auto_increment = 0x20;
constexpr std::uint8_t mode1_sleep = 0x10;
constexpr std::uint8_t mode2_totem_pole = 0x04;
// Without ALLCALL: at 0x70, where the chip answers after power-on, there may be a multiplexer.
constexpr std::uint8_t awake = mode1_auto_increment;

constexpr std::chrono::microseconds oscillator_start{500};  // §7.3.1, table 5, remark 2

constexpr std::uint8_t address_of(unsigned channel) { return static_cast<std::uint8_t>(first_channel + 4 * channel); }

}  // namespace

// §7.3.1.1: PRE_SCALE can be written in sleep alone; what ran is marked by RESTART and goes on when that is written.
Result<Progress> Pca9685::prepare(double frequency_hz) const {
  const auto wanted = pca9685_prescale(frequency_hz);
  B2M_ASSIGN(const auto mode, read_u8(device_, mode1));
  B2M_ASSIGN(const auto present, read_u8(device_, prescale));
  const bool asleep = (mode & mode1_sleep) != 0;
  B2M_TRY(write_u8(device_, mode2, mode2_totem_pole));
  if (present != wanted) {
    B2M_TRY(write_u8(device_, mode1, awake | mode1_sleep));
    B2M_TRY(write_u8(device_, prescale, wanted));
  }
  B2M_TRY(write_u8(device_, mode1, awake));
  return asleep || present != wanted ? Progress::done_after(oscillator_start) : Progress::done();
}

Result<> Pca9685::restart() const {
  B2M_ASSIGN(const auto mode, read_u8(device_, mode1));
  if ((mode & mode1_restart) != 0) return write_u8(device_, mode1, awake | mode1_restart);
  return {};
}

Result<Pca9685Pulse> Pca9685::pulse(unsigned channel) const {
  Pca9685Pulse pulse{};
  B2M_TRY(read_registers(device_, address_of(channel), pulse));
  return pulse;
}

/// A chip that was reset sleeps: it would take the registers and show nothing.
Result<> Pca9685::set_pulse(unsigned channel, const Pca9685Pulse& pulse) const {
  B2M_ASSIGN(const auto mode, read_u8(device_, mode1));
  if ((mode & ~mode1_restart) != awake)
    return fail(Errc::io, fmt::format("MODE1 is 0x{:02x} instead of 0x{:02x}: the chip was reset, or somebody else "
                                      "writes to it",
                                      mode, awake));
  std::array<std::uint8_t, 1 + sizeof(Pca9685Pulse)> bytes{address_of(channel)};
  std::copy(pulse.begin(), pulse.end(), bytes.begin() + 1);
  return device_.write(bytes);
}

}  // namespace b2m
