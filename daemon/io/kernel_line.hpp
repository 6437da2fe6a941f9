// A requested GPIO line of the kernel: Linux, Documentation/userspace-api/gpio/chardev.rst, ABI v2 (kernel 5.10).
// libgpiod 1.6 speaks the older ABI, in which the 17th edge that waits is lost unnoticed and an output line's
// descriptor is not to be had; no version of it can adopt a line that an earlier process requested.
#pragma once

#include <linux/gpio.h>

#include <string>

#include "daemon/io/file_descriptor.hpp"
#include "daemon/io/kernel_error.hpp"

namespace b2m {

/// A line of a chip that was found, ready to be requested.
struct ChipLine {
  FileDescriptor chip;     ///< opened early: a part that is woken by the line answers within microseconds
  std::string chip_label;  ///< "300b000.pinctrl"; the same after a reboot, which a number need not be
  unsigned offset = 0;
  std::string words;  ///< for messages: "gpiochip0 line 73"
};

/// The line's flags and holder now. Any thread.
[[nodiscard]] Granted<gpio_v2_line_info> look_at(const ChipLine& line);

/// Owns a request of one line; numbers are those of the kernel's errors. As the port's lines: one thread at a time.
class KernelLine {
 public:
  /// A request that was made before, here or in an earlier process.
  explicit KernelLine(FileDescriptor request) : request_(std::move(request)) {}
  /// `queue`: how many edges the kernel keeps until they are read. Any thread.
  [[nodiscard]] static Granted<KernelLine> request(const ChipLine& line, const gpio_v2_line_config& config,
                                                   unsigned queue = 0);

  [[nodiscard]] Granted<bool> active() const;
  [[nodiscard]] Granted<void> set(bool active);
  /// Gives the line flags, and an output its level, in one step: it goes from whatever it was to this without a glitch.
  [[nodiscard]] Granted<void> configure(const gpio_v2_line_config& config);
  [[nodiscard]] int fd() const noexcept { return request_.get(); }

 private:
  FileDescriptor request_;
};

/// For an input. Pure.
[[nodiscard]] gpio_v2_line_config line_config(__u64 flags);
/// For an output, with its level. Pure.
[[nodiscard]] gpio_v2_line_config line_config(__u64 flags, bool active);

}  // namespace b2m
