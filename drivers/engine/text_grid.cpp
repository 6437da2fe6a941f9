#include "drivers/engine/text_grid.hpp"

#include "drivers/engine/font_5x8.hpp"

namespace b2m {
namespace {

constexpr char32_t unknown = U'?';

/// Takes the first character off a text that is not empty; `unknown` for a byte that begins none.
char32_t take_character(std::string_view& text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  const unsigned lead = byte(0);
  const std::size_t length = lead < 0x80 ? 1 : lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc2 ? 2 : 0;
  char32_t character = length == 1 ? lead : lead & (0x7fU >> length);
  bool whole = length != 0 && length <= text.size();
  for (std::size_t i = 1; whole && i < length; ++i) {
    whole = (byte(i) & 0xc0U) == 0x80;
    character = character << 6U | (byte(i) & 0x3fU);
  }
  text.remove_prefix(whole ? length : 1);
  return whole ? character : unknown;
}

}  // namespace

TextGrid lay_out(std::string_view text, std::size_t columns, std::size_t rows) {
  TextGrid grid(columns, rows);
  std::size_t row = 0;
  std::size_t column = 0;
  while (!text.empty() && row < rows) {
    const auto character = take_character(text);
    if (character == U'\n') {
      ++row;
      column = 0;
    } else if (character != U'\r' && column < columns) {
      grid.cells[row * columns + column++] = find_glyph(character) != nullptr ? character : unknown;
    }
  }
  return grid;
}

}  // namespace b2m
