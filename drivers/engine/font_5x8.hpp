// The letters of displays that have none of their own: 5 by 8 dots.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace b2m {

inline constexpr std::size_t glyph_width = 5;

/// Rows from top to bottom; in each, bit 4 is the dot at the left.
using Glyph = std::array<std::uint8_t, 8>;

/// Printable ASCII, the degree sign and the micro sign; null for all others. Pure.
[[nodiscard]] const Glyph* find_glyph(char32_t character) noexcept;

/// A column of a glyph, counted from the left; bit 0 is the dot at the top. Pure.
[[nodiscard]] std::uint8_t glyph_column(const Glyph& glyph, std::size_t column) noexcept;

}  // namespace b2m
