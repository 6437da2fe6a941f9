// GPIO over the kernel's character devices. Which generation of libgpiod does it is the build's business.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "drivers/api/gpio.hpp"

namespace b2m {

/// Lines are requested under the name "board2mqtt". Any thread.
[[nodiscard]] std::unique_ptr<GpioPort> make_gpio_port();

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
