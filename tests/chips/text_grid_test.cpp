#include "drivers/engine/text_grid.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "drivers/engine/font_5x8.hpp"

namespace b2m {
namespace {

std::string row(const TextGrid& grid, std::size_t row) {
  std::string text;
  for (std::size_t column = 0; column < grid.columns; ++column) text += static_cast<char>(grid.at(row, column));
  return text;
}

TEST(TextGrid, lines_end_at_line_breaks_of_either_kind) {
  const auto grid = lay_out("one\r\n\ntwo", 4, 3);
  EXPECT_EQ(row(grid, 0), "one ");
  EXPECT_EQ(row(grid, 1), "    ");
  EXPECT_EQ(row(grid, 2), "two ");
}

TEST(TextGrid, what_is_too_long_or_too_much_is_cut) {
  const auto grid = lay_out("12345\nabc\nmore", 3, 2);
  EXPECT_EQ(row(grid, 0), "123");
  EXPECT_EQ(row(grid, 1), "abc");
}

TEST(TextGrid, what_has_no_glyph_becomes_a_question_mark) {
  EXPECT_EQ(row(lay_out("5 \u20ac\t\U0001f600.", 6, 1), 0), "5 ???.");
}

TEST(TextGrid, bytes_that_are_not_utf8_are_question_marks_and_never_more) {
  EXPECT_EQ(row(lay_out("a\xff\xc3", 4, 1), 0), "a?? ");
  EXPECT_EQ(row(lay_out("\xe2\x82", 4, 1), 0), "??  ");
  EXPECT_EQ(row(lay_out("\xc0\x80z", 4, 1), 0), "??z ");
}

TEST(Font, has_a_glyph_for_all_that_is_printable_and_each_is_its_own) {
  std::vector<Glyph> seen;
  for (char32_t character = U' '; character <= U'~'; ++character) {
    ASSERT_NE(find_glyph(character), nullptr);
    EXPECT_EQ(std::count(seen.begin(), seen.end(), *find_glyph(character)), 0) << static_cast<unsigned>(character);
    seen.push_back(*find_glyph(character));
  }
  EXPECT_NE(find_glyph(U'\u00b0'), nullptr);
  EXPECT_EQ(find_glyph(U'\u00b5'), find_glyph(U'\u03bc'));
  EXPECT_EQ(find_glyph(U'\u00e9'), nullptr);
  EXPECT_EQ(find_glyph(U'\n'), nullptr);
}

TEST(Font, columns_have_their_top_in_the_lowest_bit) {
  const auto& glyph = *find_glyph(U'L');
  EXPECT_EQ(glyph_column(glyph, 0), 0b01111111);
  EXPECT_EQ(glyph_column(glyph, 4), 0b01000000);
}

}  // namespace
}  // namespace b2m
