#include "daemon/flow/kept_state.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace b2m {
namespace {

using std::chrono::milliseconds;
constexpr std::string_view trusted = "ntp";

/// The word up to the next blank, which is taken off together with it.
std::string_view take_word(std::string_view& rest) {
  const auto blank = rest.find(' ');
  const auto word = rest.substr(0, blank);
  rest = blank == std::string_view::npos ? std::string_view() : rest.substr(blank + 1);
  return word;
}

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<ActuatorState> parse_state(std::string_view text, ActuatorKind kind) {
  if (kind == ActuatorKind::on_off && (text == "ON" || text == "OFF")) return text == "ON";
  if (kind == ActuatorKind::text && text.starts_with('\'')) return std::string(text.substr(1));
  if (kind != ActuatorKind::range || !text.starts_with('=')) return std::nullopt;
  const auto number = whole<double>(text.substr(1));
  if (!number || !std::isfinite(*number)) return std::nullopt;
  return *number;
}

std::string state_text(const ActuatorState& state) {
  if (const auto* number = std::get_if<double>(&state)) return fmt::format("={}", *number);
  if (const auto* text = std::get_if<std::string>(&state)) return "'" + *text;
  return std::get<bool>(state) ? "ON" : "OFF";
}

}  // namespace

std::string to_kept_text(const KeptState& kept) {
  return fmt::format("{} {} {}", std::chrono::duration_cast<milliseconds>(kept.since.time_since_epoch()).count(),
                     kept.synchronised ? trusted : "-", state_text(kept.state));
}

std::optional<KeptState> from_kept_text(std::string_view text, ActuatorKind kind) {
  constexpr std::int64_t latest_ms = 9'000'000'000'000;  // a WallTime ends soon after
  const auto since = whole<std::int64_t>(take_word(text));
  const auto clock = take_word(text);
  auto state = parse_state(text, kind);
  if (!since || *since < 0 || *since > latest_ms || !state) return std::nullopt;
  return KeptState{std::move(*state), WallTime(milliseconds(*since)), clock == trusted};
}

std::chrono::nanoseconds age(const KeptState& kept, const Moment& now) {
  if (!kept.synchronised || !now.synchronised) return std::chrono::nanoseconds::zero();
  return std::max(std::chrono::nanoseconds::zero(), std::chrono::nanoseconds(now.wall - kept.since));
}

}  // namespace b2m
