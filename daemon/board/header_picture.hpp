// The header of a board, for people: as it is seen from above, and what is known of each pin.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/board/board_table.hpp"
#include "daemon/board/line_holder.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// What is known of the use of a line now.
enum class PinUse : std::uint8_t {
  none,     ///< the pin is no line
  free,     ///< nobody holds it
  held,     ///< somebody does
  unknown,  ///< its chip cannot be looked at
};

struct PinState {
  const HeaderPin* pin;  ///< of the board's table
  PinUse use = PinUse::none;
  std::string holder = {};  ///< the kernel's word; may be empty for a held line
  std::string remark =
      {};  ///< who holds it or needs it, and what else there is to say; a sentence without its full stop
};

/// Every pin of the board's header with the state of its line. Pure.
[[nodiscard]] std::vector<PinState> pin_states(const BoardTable& board, const GpioView& view, const IsLed& is_led);

/// At most 100 columns: two columns of pins as on the board, the named parts, then remarks. `colour`: with the escape
/// sequences of terminals. A board whose header is not known is told as its chips and the lines in use. Pure.
[[nodiscard]] std::string header_picture(const BoardTable& board, const GpioView& view, const IsLed& is_led,
                                         bool colour);

}  // namespace b2m
