// A GPIO chip as libgpiod shows it: what it is called and what its lines are. libgpiod 1.6 (Debian 12) and 2 (Debian
// 13) are different libraries: gpio_v1.cpp and gpio_v2.cpp, chosen by CMake. Requests go to the kernel itself:
// kernel_line.hpp.
#pragma once

#include <memory>
#include <string>

#include "daemon/io/kernel_error.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// Any thread, one at a time.
class GpioChip {
 public:
  virtual ~GpioChip() = default;
  /// "gpiochip0"
  [[nodiscard]] virtual std::string name() const = 0;
  /// "300b000.pinctrl"
  [[nodiscard]] virtual std::string label() const = 0;
  /// How many lines it has; the first is 0.
  [[nodiscard]] virtual unsigned lines() const = 0;
  /// The line as it is now.
  [[nodiscard]] virtual Granted<GpioLineInfo> line(unsigned offset) const = 0;
};

/// Any thread.
[[nodiscard]] Granted<std::unique_ptr<GpioChip>> open_gpio_chip(const std::string& path);

}  // namespace b2m
