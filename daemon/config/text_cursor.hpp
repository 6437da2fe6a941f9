// A place in a JSON text that moves token by token, beside a parser that does not tell positions.
#pragma once

#include <cstddef>
#include <string_view>

namespace b2m {

/// Knows lines and columns. Trusts that the text was accepted so far; on anything else it stops instead of running over
/// the end. Pure.
class TextCursor {
 public:
  explicit TextCursor(std::string_view text) : text_(text) {
    if (text_.starts_with("\xef\xbb\xbf")) at_ = 3;  // byte order mark: no column
  }

  /// Over white space, comments, commas and colons, to the next token.
  void to_token();
  /// Over the token that stands here: a string, a brace, or a number or literal.
  void over_token();

  /// Back to the beginning of the number or literal that ends just here, if one does: a parser that stops behind "10"
  /// of "10s" has not seen what the user meant.
  bool back_to_word();

  [[nodiscard]] bool at_end() const noexcept { return at_ >= text_.size(); }
  [[nodiscard]] char peek(std::size_t ahead = 0) const noexcept {
    return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
  }
  [[nodiscard]] std::string_view rest() const noexcept { return text_.substr(at_); }
  [[nodiscard]] std::size_t line() const noexcept { return line_; }
  [[nodiscard]] std::size_t column() const noexcept { return column_; }
  /// The last comma or colon that to_token() went over since the last token; '\0' for none.
  [[nodiscard]] char separator() const noexcept { return separator_; }

 private:
  void advance() noexcept;
  void over_comment();
  void over_string();

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t line_ = 1;
  std::size_t column_ = 1;
  std::size_t word_at_ = 0;   ///< the last number or literal: its beginning
  std::size_t word_end_ = 0;  ///< 0: the last token was none
  std::size_t word_column_ = 1;
  char separator_ = '\0';
};

}  // namespace b2m
