#include "daemon/mqtt/command_payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <system_error>
#include <utility>
#include <variant>
#include <vector>

#include "drivers/api/options.hpp"

namespace b2m {
namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";
constexpr std::size_t max_id_bytes = 128;

template <class T>
using Parsed = tl::expected<T, Refusal>;

tl::unexpected<Refusal> refuse(std::string error, std::string message) {
  return tl::unexpected(Refusal{std::move(error), std::move(message)});
}

std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

/// What a user reads back of what was sent: printable and short.
std::string shown(std::string_view text) {
  constexpr std::size_t most = 40;
  auto end = std::min(text.size(), most);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
    --end;  // not within a character
  std::string result(text.substr(0, end));
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  return end < text.size() ? result + "..." : result;
}

// ---- JSON: one value, or one flat object ----

struct Null {};
using Scalar = std::variant<Null, bool, double, std::string>;

/// nlohmann's events, since a tree would have to be walked to find doubled keys, and may be as deep as its sender
/// likes.
class FlatReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  std::vector<std::pair<std::string, Scalar>> members;  ///< a single value has an empty key
  bool object = false;
  std::optional<Refusal> refusal;

  bool null() override { return add(Null()); }
  bool boolean(bool value) override { return add(value); }
  bool number_integer(std::int64_t value) override { return add(static_cast<double>(value)); }
  bool number_unsigned(std::uint64_t value) override { return add(static_cast<double>(value)); }
  bool number_float(double value, const std::string&) override { return add(value); }
  bool string(std::string& value) override { return add(value); }
  bool binary(nlohmann::json::binary_t&) override { return no("invalid_json", "binary values have no meaning here"); }
  bool start_object(std::size_t) override {
    if (object) return no("too_deep", "a command is one flat object");
    return object = true;
  }
  bool key(std::string& name) override {
    if (std::any_of(members.begin(), members.end(), [&](const auto& member) { return member.first == name; }))
      return no("invalid_json", fmt::format("\"{}\" stands twice", shown(name)));
    key_ = name;
    return true;
  }
  bool end_object() override { return true; }
  bool start_array(std::size_t) override {
    return object ? no("too_deep", "a command is one flat object") : no("invalid_json", "a list is no command");
  }
  bool end_array() override { return true; }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) override {
    constexpr int number_overflow = 406;
    if (error.id == number_overflow) return no("not_finite", "the number is too large");
    return no("invalid_json", fmt::format("not JSON at byte {}", position));
  }

 private:
  bool add(Scalar value) {
    members.emplace_back(std::exchange(key_, {}), std::move(value));
    return true;
  }
  bool no(std::string error, std::string message) {
    if (!refusal) refusal = Refusal{std::move(error), std::move(message)};
    return false;
  }
  std::string key_;
};

// ---- values ----

/// "40", "12.5", "40%", "+3"; none when it is no number at all; not_finite for "nan", "inf" and what overflows.
std::optional<Parsed<double>> parse_number(std::string_view text) {
  if (text.size() > 1 && text.back() == '%') text = trimmed(text.substr(0, text.size() - 1));
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (end != text.data() + text.size() || text.empty()) return std::nullopt;
  if (error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range || !std::isfinite(number))
    return refuse("not_finite", fmt::format("\"{}\" is not a finite number", shown(text)));
  return number;
}

std::optional<Target> parse_word(std::string_view text) {
  const auto word = upper(text);
  if (word == "ON" || word == "TRUE") return true;
  if (word == "OFF" || word == "FALSE") return false;
  if (word == "TOGGLE") return Toggle();
  return std::nullopt;
}

Target to_target(double number, CommandKind kind) {
  if (kind == CommandKind::on_off && number == 1) return true;
  if (kind == CommandKind::on_off && number == 0) return false;
  return number;
}

Parsed<Target> parse_state_text(std::string_view text, CommandKind kind) {
  if (kind == CommandKind::text) return std::string(text);
  text = trimmed(text);
  if (const auto word = parse_word(text)) return *word;
  if (const auto number = parse_number(text))
    return number->map([kind](double value) { return to_target(value, kind); });
  return refuse("unknown_state",
                fmt::format("\"{}\" is none of ON, OFF, TOGGLE, 1, 0, true, false, a number, \"40%\"", shown(text)));
}

Parsed<Target> parse_scalar(const Scalar& value, CommandKind kind) {
  if (const auto* text = std::get_if<std::string>(&value)) return parse_state_text(*text, kind);
  if (const auto* number = std::get_if<double>(&value)) {
    if (!std::isfinite(*number)) return refuse("not_finite", "not a finite number");
    return to_target(*number, kind);
  }
  if (const auto* word = std::get_if<bool>(&value)) return *word;
  return refuse("unknown_state", "null is no state");
}

Parsed<std::chrono::nanoseconds> check_duration(std::chrono::nanoseconds duration) {
  if (duration <= std::chrono::nanoseconds::zero())
    return refuse("invalid_duration", "a duration must be longer than zero");
  return duration;
}

Parsed<std::chrono::nanoseconds> parse_for(const Scalar& value) {
  const auto* text = std::get_if<std::string>(&value);
  if (text == nullptr) return refuse("invalid_duration", "\"for\" is a text with a unit, such as \"5s\"");
  const auto duration = parse_duration(trimmed(*text));
  if (!duration) return refuse("invalid_duration", fmt::format("\"{}\": {}", shown(*text), duration.error().detail));
  return check_duration(*duration);
}

Parsed<std::string> parse_id(const Scalar& value) {
  if (const auto* text = std::get_if<std::string>(&value); text != nullptr && text->size() <= max_id_bytes)
    return *text;
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return refuse("invalid_id", fmt::format("\"id\" is a text of at most {} bytes or a number", max_id_bytes));
}

Parsed<Command> parse_object(const FlatReader& reader, CommandKind kind) {
  Command command;
  bool has_target = false;
  for (const auto& [key, value] : reader.members) {
    if (key == "state" || key == "value") {
      if (has_target) return refuse("invalid_json", "either \"state\" or \"value\"");
      B2M_ASSIGN(command.target, parse_scalar(value, kind));
      has_target = true;
    } else if (key == "for") {
      B2M_ASSIGN(command.duration, parse_for(value));
    } else if (key == "id") {
      B2M_ASSIGN(command.id, parse_id(value));
    } else {
      return refuse("unknown_key", fmt::format("\"{}\" is none of state, value, for, id", shown(key)));
    }
  }
  if (!has_target) return refuse("missing_state", "neither \"state\" nor \"value\"");
  return command;
}

Parsed<Command> parse_json(std::string_view text, CommandKind kind) {
  FlatReader reader;
  nlohmann::json::sax_parse(text, &reader);
  if (reader.refusal) return tl::unexpected(*reader.refusal);
  if (reader.object) return parse_object(reader, kind);
  if (reader.members.empty()) return refuse("invalid_json", "no value");
  return parse_scalar(reader.members.front().second, kind).map([](Target target) {
    return Command{std::move(target)};
  });
}

Parsed<Command> parse_milliseconds(std::string_view text, bool on) {
  const auto number = parse_number(text);
  if (!number || text.back() == '%')
    return refuse("invalid_duration", fmt::format("\"{}\" is not a number of milliseconds", shown(text)));
  if (!*number) return tl::unexpected(number->error());
  constexpr double longest_ms = 100.0 * 365 * 86400 * 1000;  // as of every duration
  if (**number > longest_ms) return refuse("invalid_duration", "longer than 100 years");
  const auto duration = check_duration(std::chrono::nanoseconds(std::llround(**number * 1e6)));
  if (!duration) return tl::unexpected(duration.error());
  return Command{on, *duration};
}

Parsed<Command> parse(std::string_view payload, CommandKind kind, CommandForm form) {
  if (payload.size() > max_command_bytes)
    return refuse("payload_too_long", fmt::format("more than {} bytes", max_command_bytes));
  if (!is_utf8(payload)) return refuse("invalid_utf8", "the payload is not UTF-8");
  const auto text = trimmed(payload);
  if (text.empty()) return refuse("empty_payload", "the payload is empty");
  if (form != CommandForm::set) return parse_milliseconds(text, form == CommandForm::set_on_ms);
  if (text.front() == '{') return parse_json(text, kind);
  if (kind == CommandKind::text) return Command{std::string(payload)};
  if (text.front() == '"' || text.front() == '[') return parse_json(text, kind);
  return parse_state_text(text, kind).map([](Target target) { return Command{std::move(target)}; });
}

}  // namespace

CommandKind command_kind(const ActuatorState& state) noexcept {
  switch (state.index()) {
    case 0:
      return CommandKind::on_off;
    case 1:
      return CommandKind::range;
    default:
      return CommandKind::text;
  }
}

tl::expected<Command, Refusal> parse_command(std::string_view payload, CommandKind kind, CommandForm form) noexcept {
  try {
    return parse(payload, kind, form);
  } catch (const std::exception& error) {
    return refuse("invalid_json", error.what());
  }
}

bool is_utf8(std::string_view bytes) noexcept {
  for (std::size_t i = 0; i < bytes.size();) {
    const auto at = [&](std::size_t index) -> unsigned { return static_cast<unsigned char>(bytes[index]); };
    const unsigned lead = at(i);
    if (lead < 0x80) {
      ++i;
      continue;
    }
    const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (lead < 0xc2 || lead > 0xf4 || i + length > bytes.size()) return false;
    unsigned code = lead & (0x7fU >> length);
    for (std::size_t k = 1; k < length; ++k) {
      if ((at(i + k) & 0xc0U) != 0x80U) return false;
      code = code << 6U | (at(i + k) & 0x3fU);
    }
    const unsigned shortest = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
    if (code < shortest || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return false;
    i += length;
  }
  return true;
}

}  // namespace b2m
