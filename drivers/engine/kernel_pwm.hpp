// A PWM channel of the kernel, for every driver that makes something of one: Linux, Documentation/driver-api/pwm.rst
// and Documentation/ABI/testing/sysfs-class-pwm.
#pragma once

#include <chrono>
#include <string>

#include "drivers/api/driver.hpp"

namespace b2m {

/// The options that say which channel; all drivers of one have them, so that `check` finds a channel used twice.
namespace pwm_options {

inline constexpr OptionSpec chip{
    .key = "chip",
    .type = OptionType::text,
    .summary =
        "PWM chip: its device, \"300a000.pwm\", its node in the device tree, \"pwm@300a000\", or \"pwmchip0\", "
        "whose number may change at a start",
    .required = true,
};
inline constexpr OptionSpec channel{
    .key = "channel", .type = OptionType::integer, .summary = "of the chip", .required = true, .min = 0, .max = 255};
inline constexpr OptionSpec active_low{.key = "active_low",
                                       .type = OptionType::boolean,
                                       .summary = "the output is on while the pin is low",
                                       .fallback = "false"};

}  // namespace pwm_options

/// What a channel does in each of its periods.
struct PwmPulse {
  std::chrono::nanoseconds period{0};
  std::chrono::nanoseconds active{0};  ///< at most the period
  friend bool operator==(const PwmPulse&, const PwmPulse&) = default;
};

/// The period of a frequency above 0. Pure.
[[nodiscard]] std::chrono::nanoseconds pwm_period(double frequency_hz);

/// Takes a channel from the kernel and leaves it standing, so that its pulses outlive the process.
/// Worker only.
class KernelPwm {
 public:
  KernelPwm(AttributeFiles& files, std::string chip, unsigned channel, bool active_low)
      : files_(files), chip_(std::move(chip)), channel_(channel), active_low_(active_low) {}
  /// From the options above.
  explicit KernelPwm(const DriverContext& context);

  /// Finds the chip and takes the channel, and waits until udev has given its files to the group that may write them.
  /// A channel that runs goes on as it is; one that nobody has used gets `period`. As Actuator::prepare. Errors: gone
  /// (no such chip), out_of_range (no such channel), busy (a driver of the kernel has it), and those of the port.
  [[nodiscard]] Result<Progress> prepare(std::chrono::nanoseconds period);
  /// As it is found; nothing is active of a channel that stands still.
  [[nodiscard]] Result<PwmPulse> pulse() const;
  /// Takes effect with the next period, or the one after.
  [[nodiscard]] Result<> set_pulse(const PwmPulse& pulse) const;

 private:
  /// The attributes of a channel.
  struct State {
    std::chrono::nanoseconds period;
    std::chrono::nanoseconds duty;
    bool enabled;
    bool inversed;
  };
  [[nodiscard]] Result<bool> take_channel();
  [[nodiscard]] Result<> touch(std::chrono::nanoseconds period) const;
  [[nodiscard]] Result<State> state() const;
  [[nodiscard]] Result<bool> inversed() const;
  [[nodiscard]] Result<std::chrono::nanoseconds> read_time(std::string_view name) const;
  [[nodiscard]] Result<> write_period(std::chrono::nanoseconds period) const;
  [[nodiscard]] Result<> write(std::string_view name, std::string_view text) const;
  [[nodiscard]] std::string file(std::string_view name) const;

  AttributeFiles& files_;
  std::string chip_;  ///< as configured
  unsigned channel_;
  bool active_low_;
  std::string directory_;  ///< of the channel, once prepared
  int waits_ = 0;          ///< for udev
  bool fresh_ = false;     ///< the channel was taken by this object, and udev may not have seen it yet
};

}  // namespace b2m
