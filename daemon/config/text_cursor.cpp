#include "daemon/config/text_cursor.hpp"

namespace b2m {
namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

}  // namespace

void TextCursor::advance() noexcept {
  if (at_end()) return;
  if (text_[at_] == '\n') {
    ++line_;
    column_ = 1;
  } else if ((static_cast<unsigned char>(peek(1)) & 0xc0) != 0x80) {  // the next byte begins a character
    ++column_;
  }
  ++at_;
}

void TextCursor::over_comment() {
  const bool block = peek(1) == '*';
  advance();
  advance();
  if (!block) {
    while (!at_end() && peek() != '\n' && peek() != '\r') advance();
    return;
  }
  while (!at_end() && !(peek() == '*' && peek(1) == '/')) advance();
  advance();
  advance();
}

void TextCursor::to_token() {
  while (!at_end()) {
    const char c = peek();
    if (c == '/' && (peek(1) == '/' || peek(1) == '*')) {
      over_comment();
    } else if (is_space(c)) {
      advance();
    } else if (c == ',' || c == ':') {
      separator_ = c;
      advance();
    } else {
      return;
    }
  }
}

void TextCursor::over_string() {
  advance();
  while (!at_end() && peek() != '"') {
    if (peek() == '\\') advance();
    advance();
  }
  advance();
}

void TextCursor::over_token() {
  separator_ = '\0';
  word_end_ = 0;
  switch (peek()) {
    case '"': return over_string();
    case '{':
    case '}':
    case '[':
    case ']': return advance();
    default: break;
  }
  word_at_ = at_;
  word_column_ = column_;
  const bool number = peek() == '-' || (peek() >= '0' && peek() <= '9');
  const std::string_view parts = number ? "0123456789+-.eE" : "truefalsn";
  do advance();
  while (!at_end() && parts.find(peek()) != std::string_view::npos);
  word_end_ = at_;
}

bool TextCursor::back_to_word() {
  if (word_end_ == 0 || at_ != word_end_) return false;
  at_ = word_at_;
  column_ = word_column_;  // a word has no line break
  return true;
}

}  // namespace b2m
