// Who holds which GPIO line: of this machine, or of the simulated board.
#pragma once

#include <string_view>

#include "daemon/board/board_table.hpp"
#include "daemon/board/header_picture.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// The board that `--simulate` shows when none is named.
inline constexpr std::string_view simulated_board = "walnutpi-1b";

struct LinesNow {
  GpioView view;
  IsLed is_led;
};

[[nodiscard]] LinesNow look_at_lines(const BoardTable& board, bool simulate);

}  // namespace b2m
