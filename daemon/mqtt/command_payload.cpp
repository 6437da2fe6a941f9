#include "daemon/mqtt/command_payload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "daemon/flow/target.hpp"
#include "drivers/api/options.hpp"

namespace b2m {
namespace {

constexpr std::size_t max_id_bytes = 128;

template <class T>
using Parsed = tl::expected<T, Refusal>;

tl::unexpected<Refusal> refuse(std::string error, std::string message) {
  return tl::unexpected(Refusal{std::move(error), std::move(message)});
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

Parsed<Target> parse_scalar(const Scalar& value, ActuatorKind kind) {
  if (const auto* text = std::get_if<std::string>(&value)) return parse_target(*text, kind);
  if (const auto* number = std::get_if<double>(&value)) {
    if (!std::isfinite(*number)) return refuse("not_finite", "not a finite number");
    return number_target(*number, kind);
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
  if (!duration)
    return refuse("invalid_duration",
                  fmt::format(R"("{}" is not a duration such as "250ms", "10s" or "5min")", shown(*text)));
  return check_duration(*duration);
}

Parsed<std::string> parse_id(const Scalar& value) {
  if (const auto* text = std::get_if<std::string>(&value); text != nullptr && text->size() <= max_id_bytes)
    return *text;
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{}", *number);
  return refuse("invalid_id", fmt::format("\"id\" is a text of at most {} bytes or a number", max_id_bytes));
}

constexpr int last_year = 2255;  // a WallTime ends in 2262

/// "2026-11-21T03:04:05.678Z", as the gateway itself writes times.
std::optional<WallTime> parse_utc(const std::string& text) {
  std::tm tm{};
  double second = 0;
  int end = 0;
  const int fields = std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%lfZ%n", &tm.tm_year, &tm.tm_mon, &tm.tm_mday,
                                 &tm.tm_hour, &tm.tm_min, &second, &end);
  if (fields != 6 || static_cast<std::size_t>(end) != text.size() || text.back() != 'Z') return std::nullopt;
  if (tm.tm_year < 1970 || tm.tm_year > last_year || !(second >= 0 && second < 61)) return std::nullopt;
  tm.tm_year -= 1900;
  tm.tm_mon -= 1;
  const auto written = tm;
  const auto minutes = timegm(&tm);  // which turns the 31st of February into a day of March
  if (tm.tm_mon != written.tm_mon || tm.tm_mday != written.tm_mday || tm.tm_hour != written.tm_hour ||
      tm.tm_min != written.tm_min)
    return std::nullopt;
  return WallClock::from_time_t(minutes) + std::chrono::milliseconds(std::llround(second * 1000));
}

/// Seconds or milliseconds since 1970: as seconds, the first number of milliseconds here would be the year 5138.
std::optional<WallTime> parse_since_1970(double number) {
  constexpr double first_milliseconds = 1e11;
  constexpr double last_milliseconds = 9e12;  // in the year 2255
  const double milliseconds = number < first_milliseconds ? number * 1000 : number;
  if (milliseconds < 0 || milliseconds > last_milliseconds) return std::nullopt;
  return WallTime(std::chrono::milliseconds(std::llround(milliseconds)));
}

Parsed<WallTime> parse_time(const Scalar& value) {
  std::optional<WallTime> time;
  if (const auto* text = std::get_if<std::string>(&value)) time = parse_utc(*text);
  if (const auto* number = std::get_if<double>(&value)) time = parse_since_1970(*number);
  if (time) return *time;
  return refuse("invalid_time",
                "\"time\" is a text such as \"2026-11-21T03:04:05Z\", or seconds or milliseconds since 1970");
}

Parsed<Command> parse_object(const FlatReader& reader, ActuatorKind kind) {
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
    } else if (key == "time") {
      B2M_ASSIGN(command.time, parse_time(value));
    } else {
      return refuse("unknown_key", fmt::format("\"{}\" is none of state, value, for, id, time", shown(key)));
    }
  }
  if (!has_target) return refuse("missing_state", "neither \"state\" nor \"value\"");
  return command;
}

/// The id of an object, whatever else is wrong with it.
std::string readable_id(const FlatReader& reader) {
  for (const auto& [key, value] : reader.members)
    if (key == "id") return parse_id(value).value_or(std::string());
  return {};
}

/// `id` is filled in where there is one, also when the rest is refused.
Parsed<Command> parse_json(std::string_view text, ActuatorKind kind, std::string& id) {
  FlatReader reader;
  nlohmann::json::sax_parse(text, &reader);
  id = readable_id(reader);
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
  if (**number <= 0) return refuse("invalid_duration", "a duration must be longer than zero");
  if (**number > longest_ms) return refuse("invalid_duration", "longer than 100 years");
  const auto duration = check_duration(std::chrono::nanoseconds(std::llround(**number * 1e6)));
  if (!duration) return tl::unexpected(duration.error());
  return Command{on, *duration};
}

Parsed<Command> parse(std::string_view payload, ActuatorKind kind, CommandForm form, std::string& id) {
  if (payload.size() > max_command_bytes)
    return refuse("payload_too_long", fmt::format("more than {} bytes", max_command_bytes));
  if (!is_utf8(payload)) return refuse("invalid_utf8", "the payload is not UTF-8");
  const auto text = trimmed(payload);
  if (text.empty()) return refuse("empty_payload", "the payload is empty");
  if (form != CommandForm::set) return parse_milliseconds(text, form == CommandForm::set_on_ms);
  if (text.front() == '{') return parse_json(text, kind, id);
  if (kind == ActuatorKind::text) return Command{std::string(payload)};
  if (text.front() == '"' || text.front() == '[') return parse_json(text, kind, id);
  return parse_target(text, kind).map([](Target target) { return Command{std::move(target)}; });
}

}  // namespace

tl::expected<Command, Outcome> parse_command(std::string_view payload, ActuatorKind kind, CommandForm form) noexcept {
  std::string id;
  try {
    auto command = parse(payload, kind, form, id);
    if (command) return *std::move(command);
    return tl::unexpected(Outcome{.id = std::move(id), .refusal = std::move(command).error()});
  } catch (const std::exception& error) {
    return tl::unexpected(Outcome{.id = std::move(id), .refusal = Refusal{"invalid_json", error.what()}});
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
