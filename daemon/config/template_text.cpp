#include "daemon/config/template_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/config/suggest.hpp"

namespace b2m {
namespace {

/// Filled in when a message is encoded.
constexpr std::array<std::string_view, 3> message_fields{"time", "sequence", "run"};

bool is_name(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == '.';
  });
}

/// "humidity:.1f" → humidity, 1.
Checked<TemplatePiece> parse_field(std::string_view inside) {
  const auto colon = inside.find(':');
  TemplatePiece piece;
  piece.field = inside.substr(0, colon);
  if (!is_name(piece.field))
    return refuse(fmt::format("{{{}}} is not a field", inside),
                  "a brace that is meant as such is written twice: {{ }}");
  if (colon == std::string_view::npos) return piece;
  const auto format = inside.substr(colon + 1);
  if (format.size() != 3 || format[0] != '.' || format[1] < '0' || format[1] > '9' || format[2] != 'f')
    return refuse(fmt::format("{} is not a number format", in_quotes(format)),
                  "digits after the point are written {field:.1f}");
  piece.digits = format[1] - '0';
  return piece;
}

void add_literal(std::vector<TemplatePiece>& pieces, std::string_view text) {
  if (text.empty()) return;
  if (pieces.empty() || !pieces.back().field.empty()) pieces.emplace_back();
  pieces.back().literal += text;
}

bool contains(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Everything a field can be here, for "did you mean".
std::vector<std::string_view> known_fields(const TemplateFields& fields) {
  auto known = fields.channels;
  known.insert(known.end(), message_fields.begin(), message_fields.end());
  for (const auto& [name, value] : fields.constants) known.push_back(name);
  return known;
}

}  // namespace

Checked<std::vector<TemplatePiece>> split_template(std::string_view text) {
  std::vector<TemplatePiece> pieces;
  while (!text.empty()) {
    const auto brace = std::min(text.find_first_of("{}"), text.size());
    add_literal(pieces, text.substr(0, brace));
    text.remove_prefix(brace);
    if (text.empty()) break;
    if (text.size() > 1 && text[0] == text[1]) {
      add_literal(pieces, text.substr(0, 1));
      text.remove_prefix(2);
      continue;
    }
    const auto end = text.find('}');
    if (text[0] == '}' || end == std::string_view::npos)
      return refuse(fmt::format("a {} stands alone", text[0]), "a brace that is meant as such is written twice: {{ }}");
    auto field = parse_field(text.substr(1, end - 1));
    if (!field) return tl::unexpected(std::move(field.error()));
    pieces.push_back(std::move(*field));
    text.remove_prefix(end + 1);
  }
  return pieces;
}

Checked<std::string> fill_placeholders(std::string_view text, const Placeholders& placeholders, std::string_view kept) {
  auto pieces = split_template(text);
  if (!pieces) return tl::unexpected(std::move(pieces.error()));
  std::string filled;
  for (const auto& piece : *pieces) {
    if (piece.field.empty()) {
      filled += piece.literal;
    } else if (piece.field == kept) {
      filled += "{" + piece.field + "}";
    } else if (const auto at = placeholders.find(piece.field); at != placeholders.end()) {
      filled += at->second;
    } else {
      std::vector<std::string_view> known;
      for (const auto& [name, value] : placeholders) known.push_back(name);
      if (!kept.empty()) known.push_back(kept);
      auto hint = did_you_mean(piece.field, known);
      if (hint.empty()) hint = fmt::format("here it can be {{{}}}", fmt::join(known, "} {"));
      return refuse(fmt::format("{{{}}} stands for nothing here", piece.field), std::move(hint));
    }
  }
  return filled;
}

Checked<PayloadFormat> parse_payload_template(std::string_view text, const TemplateFields& fields) {
  auto pieces = split_template(text);
  if (!pieces) return tl::unexpected(std::move(pieces.error()));
  PayloadFormat format{PayloadKind::text, {}};
  for (auto& piece : *pieces) {
    const bool measured = contains(fields.channels, piece.field);
    const bool of_message =
        std::find(message_fields.begin(), message_fields.end(), piece.field) != message_fields.end();
    const auto constant = fields.constants.find(piece.field);
    if (piece.field.empty()) {
      add_literal(format.pieces, piece.literal);
    } else if (measured || of_message) {
      if (piece.digits && !measured) return refuse(fmt::format("{{{}}} has no digits to choose", piece.field));
      format.pieces.push_back(std::move(piece));
    } else if (constant != fields.constants.end()) {
      add_literal(format.pieces, constant->second);
    } else if (fields.any_channel) {
      format.pieces.push_back(std::move(piece));
    } else {
      const auto known = known_fields(fields);
      auto hint = did_you_mean(piece.field, known);
      if (hint.empty()) hint = fmt::format("it can be {{{}}}", fmt::join(known, "} {"));
      return refuse(fmt::format("the sensor has no {{{}}}", piece.field), std::move(hint));
    }
  }
  return format;
}

Checked<PayloadFormat> parse_payload(std::string_view text, const TemplateFields& fields) {
  using K = PayloadKind;
  static constexpr std::array<std::string_view, 4> names{"json", "value", "senml", "influx"};
  static constexpr std::array<PayloadKind, names.size()> kinds{K::json, K::value, K::senml, K::influx};
  if (const auto name = std::find(names.begin(), names.end(), text); name != names.end())
    return PayloadFormat{kinds.at(static_cast<std::size_t>(name - names.begin())), {}};
  if (text.find('{') == std::string_view::npos)
    return refuse(
        fmt::format("{} is not \"{}\" or a template with a {{field}}", in_quotes(text), fmt::join(names, "\", \"")),
        did_you_mean(text, names));
  return parse_payload_template(text, fields);
}

}  // namespace b2m
