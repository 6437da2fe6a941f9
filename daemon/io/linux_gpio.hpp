// GPIO over the kernel's character devices. Which generation of libgpiod does it is the build's business.
#pragma once

#include <memory>

#include "daemon/io/line_keeper.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// Lines are requested under the name "board2mqtt". Any thread.
[[nodiscard]] std::unique_ptr<GpioPort> make_gpio_port(std::shared_ptr<LineKeeper> keeper);

/// A line that was looked up: what is left of a request is one call to the kernel. Worker only.
class FoundLine {
 public:
  virtual ~FoundLine() = default;
  /// Errors as those of GpioPort's requests. The line handed out before must be gone.
  virtual Result<std::unique_ptr<InputLine>> request_input(const InputSettings& settings) = 0;
  virtual Result<std::unique_ptr<OutputLine>> request_output(const OutputSettings& settings) = 0;
};

/// Any thread.
class LineFinder {
 public:
  virtual ~LineFinder() = default;
  /// Errors: gone, out_of_range.
  virtual Result<std::unique_ptr<FoundLine>> find(const LineId& line) = 0;
};
[[nodiscard]] std::unique_ptr<LineFinder> make_line_finder();

[[nodiscard]] std::unique_ptr<GpioInspector> make_gpio_inspector();

}  // namespace b2m
