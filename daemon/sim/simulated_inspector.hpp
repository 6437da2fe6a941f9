// The GPIO chips of the simulated board, to be looked at.
#pragma once

#include "daemon/board/board_table.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// The chips that a board's table names, with as many lines as it knows pads. The line of a part called LED is held by
/// `simulated_led`, as the kernel does; all others are free. Any thread.
class SimulatedInspector final : public GpioInspector {
 public:
  explicit SimulatedInspector(const BoardTable& table) : table_(table) {}
  GpioView look() override;

 private:
  const BoardTable& table_;
};

/// What the simulated kernel calls the board's LED.
inline constexpr std::string_view simulated_led = "green:status";

}  // namespace b2m
