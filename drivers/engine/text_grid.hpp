// Text on a display of characters: which character stands where.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace b2m {

/// Characters in rows, the first row first. Its size never changes.
struct TextGrid {
  TextGrid(std::size_t columns_, std::size_t rows_) : columns(columns_), rows(rows_), cells(columns_ * rows_, U' ') {}
  [[nodiscard]] char32_t at(std::size_t row, std::size_t column) const { return cells.at(row * columns + column); }

  std::size_t columns;
  std::size_t rows;
  std::vector<char32_t> cells;
};

/// `text` in UTF-8 with "\n" between its lines. What is too long or too much is cut; a character without a glyph
/// becomes '?', and so does a byte that is not UTF-8. Pure.
[[nodiscard]] TextGrid lay_out(std::string_view text, std::size_t columns, std::size_t rows);

}  // namespace b2m
