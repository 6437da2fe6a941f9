#include "daemon/config/syntax_error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>

namespace b2m {
namespace {

bool is_letter(char c) { return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool begins_value(char c) { return c == '"' || c == '{' || c == '[' || c == '-' || is_digit(c) || is_letter(c); }

/// The letters, digits and the like that stand together at the beginning.
std::string_view first_word(std::string_view rest) {
  const auto end = std::find_if(rest.begin(), rest.end(), [](char c) {
    return !(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '+' || c == '-');
  });
  return rest.substr(0, static_cast<std::size_t>(end - rest.begin()));
}

Problem at_end(const SyntaxContext& context) {
  switch (context.inside) {
    case SyntaxContext::object:
      return {fmt::format("the file ends inside the object that begins in line {}", context.opened_line),
              "a } is missing"};
    case SyntaxContext::array:
      return {fmt::format("the file ends inside the list that begins in line {}", context.opened_line),
              "a ] is missing"};
    case SyntaxContext::nothing: break;
  }
  return {"the file is empty", "the smallest configuration is {}"};
}

Problem in_string(std::string_view rest) {
  for (std::size_t i = 1; i < rest.size() && rest[i] != '"'; ++i) {
    if (rest[i] == '\n' || rest[i] == '\r')
      return {"this text does not end on its line", "a closing \" is missing, or a line break that should be \\n"};
    if (static_cast<unsigned char>(rest[i]) < 0x20)
      return {"there is a control character in this text", "a tab is written \\t"};
    if (rest[i] == '\\') {
      ++i;
      if (i < rest.size() && std::string_view("\"\\/bfnrtu").find(rest[i]) == std::string_view::npos)
        return {"there is a \\ in this text that begins no escape JSON knows", "a single \\ is written \\\\"};
    }
  }
  return {"this text is not valid", "it has to end with \", be UTF-8, and \\u needs four hexadecimal digits"};
}

Problem in_number(std::string_view rest) {
  const auto word = first_word(rest);
  if (word.starts_with("0x") || word.starts_with("0X"))
    return {fmt::format("{} is not a JSON number", in_quotes(word)),
            fmt::format("hexadecimal stands in quotes: \"{}\"", word)};
  if (std::any_of(word.begin(), word.end(), is_letter) && word.find_first_of("eE") == std::string_view::npos)
    return {fmt::format("{} is not a JSON number", in_quotes(word)),
            fmt::format("a value with a unit stands in quotes: \"{}\"", word)};
  return {fmt::format("{} is not a JSON number", in_quotes(word))};
}

Problem in_literal(std::string_view rest) {
  const auto word = first_word(rest);
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower == "true" || lower == "yes" || lower == "on")
    return {fmt::format("{} is not JSON", in_quotes(word)), "write true"};
  if (lower == "false" || lower == "no" || lower == "off")
    return {fmt::format("{} is not JSON", in_quotes(word)), "write false"};
  return {fmt::format("{} is not JSON", in_quotes(word)), "text stands in double quotes"};
}

Problem in_key(std::string_view rest, const SyntaxContext& context) {
  const char c = rest.front();
  if (c == '"') return in_string(rest);
  if (c == '}' && context.separator == ',')
    return {"there is a comma before this }", "JSON allows none after the last entry"};
  if (c == '\'') return {"a key in single quotes", "JSON wants double quotes"};
  if (is_letter(c))
    return {fmt::format("the key {} has no quotes", in_quotes(first_word(rest))), "keys stand in double quotes"};
  return {"a key in double quotes is expected here"};
}

Problem in_value(std::string_view rest, const SyntaxContext& context) {
  const char c = rest.front();
  if (c == '"') return in_string(rest);
  if (c == ']' && context.separator == ',')
    return {"there is a comma before this ]", "JSON allows none after the last entry"};
  if (c == '\'') return {"a text in single quotes", "JSON wants double quotes"};
  if (c == '-' || c == '+' || c == '.' || is_digit(c)) return in_number(rest);
  if (is_letter(c)) return in_literal(rest);
  return {"a value is expected here"};
}

}  // namespace

Problem explain_syntax_error(std::string_view rest, const SyntaxContext& context) {
  if (context.after_document && !rest.empty())
    return {"there is more text after the end of the document", "one } too many?"};
  if (rest.empty()) return at_end(context);
  if (context.in_word) return is_letter(rest.front()) ? in_literal(rest) : in_number(rest);
  if (rest.starts_with("/")) return {"this / begins no comment", "comments are // and /* */"};
  if (context.inside == SyntaxContext::nothing) return in_value(rest, context);
  if (context.after_key) {
    if (context.separator != ':') return {"a : is missing between key and value"};
    return in_value(rest, context);
  }
  const bool expects_entry = context.empty || context.separator == ',';
  if (!expects_entry && begins_value(rest.front())) return {"a comma is missing before this entry"};
  if (!expects_entry)
    return {
        fmt::format("{} is expected here", context.inside == SyntaxContext::object ? "a comma or }" : "a comma or ]"),
        fmt::format("the {} begins in line {}", context.inside == SyntaxContext::object ? "object" : "list",
                    context.opened_line)};
  return context.inside == SyntaxContext::object ? in_key(rest, context) : in_value(rest, context);
}

}  // namespace b2m
