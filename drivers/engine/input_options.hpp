// The options that devices on input lines share.
#pragma once

#include <string_view>

#include "drivers/api/options.hpp"

namespace b2m::input_options {

inline constexpr std::string_view pulls[] = {"as_is", "none", "up", "down"};

inline constexpr OptionSpec pull{
    .key = "pull",
    .type = OptionType::choice,
    .summary = "the chip's own resistor: as it is found, none, to the supply, to ground",
    .fallback = "as_is",
    .choices = pulls,
};

/// `fallback`: what suits the part.
constexpr OptionSpec debounce(std::string_view fallback) {
  return {.key = "debounce",
          .type = OptionType::duration,
          .summary = "how long a level must last to count",
          .fallback = fallback,
          .min = 0,
          .max = 10};
}

inline constexpr OptionSpec poll{
    .key = "poll",
    .type = OptionType::duration,
    .summary =
        "read the level this often instead of waiting for edges; default: 20ms where the GPIO chip has no "
        "interrupts; of a line of an expander 50ms, and 10s with an interrupt_line",
    .min = 0.001,
    .max = 3600,
};

inline constexpr OptionSpec interrupt_line{
    .key = "interrupt_line",
    .type = OptionType::line,
    .summary = "of a line of an expander: the board's line that the chip's interrupt output is wired to",
};

}  // namespace b2m::input_options
