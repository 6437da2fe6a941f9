// Output lines over the kernel's own interface. libgpiod 1.6 does not give the descriptor of an output line, and no
// version can adopt one that an earlier process requested.
#pragma once

#include <memory>
#include <string>

#include <tl/expected.hpp>

#include "daemon/io/line_keeper.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// A line of a chip that was found.
struct ChipLine {
  std::string chip_path;   ///< "/dev/gpiochip0"
  std::string chip_label;  ///< "300b000.pinctrl"; the same after a reboot, which a number need not be
  unsigned offset = 0;
  std::string words;  ///< for messages: "gpiochip0 line 73"
};

/// The name under which a line is kept. Pure.
[[nodiscard]] std::string place_of(const ChipLine& line);

/// Requests the line, or adopts it from `keeper` with the level it has, and has it kept; gives the errno of a refusal.
/// Linux, Documentation/userspace-api/gpio/chardev.rst, ABI v2 (kernel 5.10). Worker only.
[[nodiscard]] tl::expected<std::unique_ptr<OutputLine>, int> request_output_line(const ChipLine& line,
                                                                                 const OutputSettings& settings,
                                                                                 LineKeeper& keeper);

}  // namespace b2m
