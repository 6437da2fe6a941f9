#include <fmt/format.h>

#include <charconv>

#include "tests/vectors/vector_file.hpp"

namespace b2m::vectors {
namespace {

tl::unexpected<Error> wrong(std::string detail) { return fail(Errc::out_of_range, std::move(detail)); }

Result<std::uint32_t> parse_number(std::string_view text, std::uint32_t max) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const auto digits = hex ? text.substr(2) : text;
  std::uint32_t value = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  if (ec != std::errc{} || end != digits.data() + digits.size() || value > max)
    return wrong(fmt::format("\"{}\" is not a number from 0 to {:#x}", text, max));
  return value;
}

}  // namespace

Result<Bytes> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) return wrong(fmt::format("\"{}\" has half a byte", text));
  Bytes bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    std::uint8_t byte = 0;
    const auto [end, ec] = std::from_chars(text.data() + i, text.data() + i + 2, byte, 16);
    if (ec != std::errc{} || end != text.data() + i + 2) return wrong(fmt::format("\"{}\" is not hexadecimal", text));
    bytes.push_back(byte);
  }
  return bytes;
}

Result<std::uint32_t> parse_unsigned(const Json& json, std::uint32_t max) {
  if (const auto* text = json.get_ptr<const std::string*>()) return parse_number(*text, max);
  const bool negative = json.is_number_integer() && !json.is_number_unsigned() && json.get<std::int64_t>() < 0;
  if (!json.is_number_integer() || negative || json.get<std::uint64_t>() > max)
    return wrong(fmt::format("not a number from 0 to {:#x}", max));
  return static_cast<std::uint32_t>(json.get<std::uint64_t>());
}

const Json* member(const Json& json, const char* key) {
  if (!json.is_object()) return nullptr;
  const auto at = json.find(key);
  return at == json.end() ? nullptr : &*at;
}

Result<std::string> text_member(const Json& json, const char* key) {
  const auto* value = member(json, key);
  if (!value || !value->is_string()) return wrong(fmt::format("\"{}\" is not a text", key));
  return value->get<std::string>();
}

Result<std::uint32_t> unsigned_member(const Json& json, const char* key, std::uint32_t max) {
  const auto* value = member(json, key);
  if (!value) return wrong(fmt::format("\"{}\" is missing", key));
  auto number = parse_unsigned(*value, max);
  if (!number) return wrong(fmt::format("\"{}\": {}", key, number.error().detail));
  return number;
}

Result<Bytes> hex_member(const Json& json, const char* key) {
  B2M_ASSIGN(const std::string text, text_member(json, key));
  auto bytes = parse_hex(text);
  if (!bytes) return wrong(fmt::format("\"{}\": {}", key, bytes.error().detail));
  return bytes;
}

Result<std::vector<std::string>> texts_member(const Json& json, const char* key) {
  const auto* list = member(json, key);
  if (!list || list->is_null()) return std::vector<std::string>{};
  if (!list->is_array()) return wrong(fmt::format("\"{}\" is not a list", key));
  std::vector<std::string> texts;
  for (const auto& entry : *list) {
    if (!entry.is_string()) return wrong(fmt::format("\"{}\" has an entry that is not a text", key));
    texts.push_back(entry.get<std::string>());
  }
  return texts;
}

Result<std::vector<Bytes>> hexes_member(const Json& json, const char* key) {
  B2M_ASSIGN(const auto texts, texts_member(json, key));
  std::vector<Bytes> list;
  for (const auto& text : texts) {
    auto bytes = parse_hex(text);
    if (!bytes) return wrong(fmt::format("\"{}\": {}", key, bytes.error().detail));
    list.push_back(std::move(*bytes));
  }
  return list;
}

}  // namespace b2m::vectors
