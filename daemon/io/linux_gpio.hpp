// GPIO over the kernel's character devices. Which generation of libgpiod does it is the build's business.
#pragma once

#include <memory>
#include <string>
#include <vector>

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

struct GpioLineInfo {
  std::string name;    ///< as the kernel has it; empty for none
  bool used = false;   ///< by the kernel or a process
  std::string holder;  ///< who uses it, where the kernel says
  bool output = false;
};

struct GpioChipInfo {
  std::string name;   ///< "gpiochip0"
  std::string label;  ///< "300b000.pinctrl"
  std::vector<GpioLineInfo> lines;
};

/// The chips that can be opened and the state of their lines now. Any thread.
[[nodiscard]] std::vector<GpioChipInfo> gpio_chips();

}  // namespace b2m
