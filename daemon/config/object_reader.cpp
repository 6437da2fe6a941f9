#include "daemon/config/object_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "daemon/config/keys.hpp"
#include "daemon/config/suggest.hpp"

namespace b2m {
namespace {

std::string_view expectation(OptionType type) {
  switch (type) {
    case OptionType::boolean: return "true or false";
    case OptionType::integer: return "a whole number";
    case OptionType::number: return "a number";
    case OptionType::text:
    case OptionType::choice: return "text";
    case OptionType::text_list: return "text or a list of texts";
    case OptionType::duration: return "a duration such as \"250ms\", \"10s\" or \"5min\"";
    case OptionType::size: return "a size such as \"512kB\" or \"64MB\"";
    case OptionType::address: return "an address such as \"0x76\"";
    case OptionType::line: return "a line such as \"PC8\" or \"header:11\"";
    case OptionType::object: return "an object";
    case OptionType::list: return "a list";
  }
  return "another type";
}

tl::unexpected<Error> wrong_type(const OptionSpec& row, const Node& node) {
  return fail(Errc::unsupported, fmt::format("{} is expected, not {}", expectation(row.type), describe(node)));
}

/// A whole number, also when written 1.0, as JSON Schema has it too.
std::optional<std::int64_t> whole_number(const Node& node) {
  if (node.kind == NodeKind::integer) return std::get<std::int64_t>(node.scalar);
  if (node.kind != NodeKind::number) return std::nullopt;
  const double value = std::get<double>(node.scalar);
  constexpr double exact = 9007199254740992;  // 2^53
  if (std::trunc(value) != value || std::abs(value) > exact) return std::nullopt;
  return static_cast<std::int64_t>(value);
}

Result<> check_choice(const OptionSpec& row, const std::string& text) {
  if (row.choices.empty() || std::find(row.choices.begin(), row.choices.end(), text) != row.choices.end()) return {};
  return fail(Errc::out_of_range, fmt::format("{} is not one of {}", in_quotes(text), fmt::join(row.choices, ", ")));
}

Result<OptionValue> read_text_list(const OptionSpec& row, const Node& node) {
  std::vector<std::string> texts;
  if (node.kind == NodeKind::text) {
    texts.push_back(node.text());
  } else if (node.kind == NodeKind::array) {
    for (const auto& item : node.items) {
      if (item.kind != NodeKind::text) return wrong_type(row, item);
      texts.push_back(item.text());
    }
  } else {
    return wrong_type(row, node);
  }
  for (const auto& text : texts) B2M_TRY(check_choice(row, text));
  if (texts.empty()) return fail(Errc::out_of_range, "the list is empty");
  return texts;
}

Result<OptionValue> read_number(const OptionSpec& row, const Node& node) {
  if (node.kind == NodeKind::integer) return parse_option(row, fmt::format("{}", std::get<std::int64_t>(node.scalar)));
  if (node.kind == NodeKind::number) return parse_option(row, fmt::format("{}", std::get<double>(node.scalar)));
  return wrong_type(row, node);
}

/// The way out of a wrong value, where the row knows it.
std::string hint_for(const OptionSpec& row, const Node& node) {
  if (row.type == OptionType::choice && node.kind == NodeKind::text) return did_you_mean(node.text(), row.choices);
  const bool number = node.kind == NodeKind::integer || node.kind == NodeKind::number;
  const auto written = [&] {
    return node.kind == NodeKind::integer ? fmt::format("{}", std::get<std::int64_t>(node.scalar))
                                          : fmt::format("{}", std::get<double>(node.scalar));
  };
  if (row.type == OptionType::duration && number) return fmt::format("write \"{0}s\" for {0} seconds", written());
  if (row.type == OptionType::size && number) return fmt::format("write \"{0}B\" for {0} bytes", written());
  if (row.type == OptionType::choice && number) return fmt::format("put it in quotes: \"{}\"", written());
  const bool yes = node.kind == NodeKind::boolean && std::get<bool>(node.scalar);
  if (row.type == OptionType::object && yes) return "write {} for its defaults";
  if (row.type == OptionType::line && number) return fmt::format("write \"GPIO{0}\" or \"gpiochip0:{0}\"", written());
  const bool unquote =
      row.type == OptionType::boolean || row.type == OptionType::integer || row.type == OptionType::number;
  if (unquote && node.kind == NodeKind::text && parse_option(row, node.text())) return "without the quotes";
  return {};
}

}  // namespace

Result<OptionValue> read_value(const OptionSpec& row, const Node& node) {
  switch (row.type) {
    case OptionType::boolean:
      if (node.kind != NodeKind::boolean) return wrong_type(row, node);
      return std::get<bool>(node.scalar);
    case OptionType::integer:
    case OptionType::address: {
      // An address is held against those that the chip can have, which says more than its bounds.
      OptionSpec spec = row;
      if (row.type == OptionType::address) spec.min = -unbounded, spec.max = unbounded;
      if (row.type == OptionType::address && node.kind == NodeKind::text) return parse_option(spec, node.text());
      const auto value = whole_number(node);
      if (!value) return wrong_type(row, node);
      return parse_option(spec, fmt::format("{}", *value));
    }
    case OptionType::number: return read_number(row, node);
    case OptionType::text_list: return read_text_list(row, node);
    case OptionType::text:
    case OptionType::choice:
    case OptionType::duration:
    case OptionType::size:
    case OptionType::line:
      if (node.kind != NodeKind::text) return wrong_type(row, node);
      return parse_option(row, node.text());
    case OptionType::object:
    case OptionType::list: break;
  }
  return wrong_type(row, node);
}

ObjectReader::ObjectReader(const Node& object, std::string pointer, std::span<const OptionSpec> rows,
                           Diagnostics& diagnostics, std::string_view driver)
    : object_(object), pointer_(std::move(pointer)), diagnostics_(diagnostics), options_(default_options(rows)) {
  for (const auto& member : object_.members) read_member(member, rows, driver);
  for (const auto& row : rows) {
    if (row.required && !given(row.key))
      diagnostics_.error(object_.place, pointer_, fmt::format("\"{}\" is missing", row.key), std::string(row.summary));
  }
}

void ObjectReader::report_unknown(const Member& member, std::span<const OptionSpec> rows,
                                  std::string_view driver) const {
  const auto where = child_pointer(member.from_defaults ? "/defaults" : pointer_, member.key);
  if (diagnostics_.full()) return diagnostics_.error(member.place, where, "unknown key");
  auto hint = did_you_mean(member.key, keys::names(rows));
  if (!driver.empty()) {
    const auto others = keys::any_device();
    const bool elsewhere =
        std::any_of(others.begin(), others.end(), [&](const OptionSpec& row) { return row.key == member.key; });
    if (elsewhere) hint = fmt::format("other drivers have it, {} does not", driver);
  }
  diagnostics_.error(member.place, where, "unknown key", std::move(hint));
}

void ObjectReader::read_member(const Member& member, std::span<const OptionSpec> rows, std::string_view driver) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const OptionSpec& r) { return r.key == member.key; });
  if (row == rows.end()) return report_unknown(member, rows, driver);
  const bool nested = row->type == OptionType::object || row->type == OptionType::list;
  if (nested) {
    const auto wanted = row->type == OptionType::object ? NodeKind::object : NodeKind::array;
    if (member.value.kind != wanted) {
      error(row->key, wrong_type(*row, member.value).value().detail, hint_for(*row, member.value));
    } else {
      valid_.push_back(row->key);
    }
    return;
  }
  auto value = read_value(*row, member.value);
  if (!value) return error(row->key, value.error().detail, hint_for(*row, member.value));
  options_.set(row->key, std::move(*value));
  valid_.push_back(row->key);
}

bool ObjectReader::valid(std::string_view key) const noexcept {
  return std::find(valid_.begin(), valid_.end(), key) != valid_.end();
}

const Node* ObjectReader::nested(std::string_view key) const {
  return valid(key) ? &object_.find(key)->value : nullptr;
}

std::string ObjectReader::text_or(std::string_view key, std::string fallback) const {
  return options_.has(key) ? options_.text(key) : std::move(fallback);
}

std::string ObjectReader::pointer(std::string_view key) const {
  const auto* member = object_.find(key);
  return child_pointer(member != nullptr && member->from_defaults ? "/defaults" : pointer_, key);
}

Place ObjectReader::place(std::string_view key) const {
  const auto* member = object_.find(key);
  return member != nullptr ? member->value.place : object_.place;
}

void ObjectReader::error(std::string_view key, std::string message, std::string hint) const {
  diagnostics_.error(place(key), pointer(key), std::move(message), std::move(hint));
}

void ObjectReader::warning(std::string_view key, std::string message, std::string hint) const {
  diagnostics_.warning(place(key), pointer(key), std::move(message), std::move(hint));
}

bool expect_object(const Node& node, const std::string& pointer, Diagnostics& diagnostics) {
  if (node.is_object()) return true;
  diagnostics.error(node.place, pointer, fmt::format("an object is expected, not {}", describe(node)));
  return false;
}

}  // namespace b2m
