// Who holds a GPIO line, in words for people.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/api/gpio.hpp"

namespace b2m {

/// Where the kernel lists the LEDs that it drives.
inline constexpr std::string_view led_class = "/sys/class/leds";

/// "held by \"spi0 CS0\"", "in use" for a holder without a name; of a LED also how to drive it all the same: by the LED
/// class. `is_led`: a LED of that class is called like the holder. Pure.
[[nodiscard]] std::string explain_holder(std::string_view holder, bool is_led);

/// Whether a LED of the kernel is called so.
using IsLed = std::function<bool(const std::string& name)>;

/// Who else holds the line, as explain_holder() says it; none when it is free, this program's own, or cannot be looked
/// at. Pure.
[[nodiscard]] std::optional<std::string> held_by_another(const GpioView& view, const LineId& line, const IsLed& is_led);

/// What this program calls itself when it requests lines.
inline constexpr const char* line_consumer = "board2mqtt";

}  // namespace b2m
