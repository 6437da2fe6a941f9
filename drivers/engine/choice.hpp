// Options whose choices stand for something in the chip.
#pragma once

#include <algorithm>
#include <cstddef>
#include <span>
#include <string_view>

namespace b2m {

/// The place of a choice among the choices of its option, which is often its code. Pure.
[[nodiscard]] constexpr std::size_t position(std::span<const std::string_view> choices, std::string_view choice) {
  return static_cast<std::size_t>(std::find(choices.begin(), choices.end(), choice) - choices.begin());
}

}  // namespace b2m
