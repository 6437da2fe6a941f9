#include "daemon/flow/target.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>
#include <system_error>

namespace b2m {
namespace {

constexpr std::string_view white_space = " \t\r\n\v\f";

tl::unexpected<Refusal> refuse(std::string error, std::string message) {
  return tl::unexpected(Refusal{std::move(error), std::move(message)});
}

std::string upper(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return result;
}

std::optional<Target> parse_word(std::string_view text) {
  const auto word = upper(text);
  if (word == "ON" || word == "TRUE") return true;
  if (word == "OFF" || word == "FALSE") return false;
  if (word == "TOGGLE") return Toggle();
  return std::nullopt;
}

tl::expected<ActuatorState, Refusal> in_range(double value, const OutputSpec& output, std::string_view id) {
  if (output.range.contains(value)) return value;
  return refuse("out_of_range", fmt::format("{} takes {} to {} {}, not {}", id, output.range.low, output.range.high,
                                            output.unit, value));
}

/// ON, OFF and TOGGLE.
tl::expected<ActuatorState, Refusal> switched(bool on, const OutputSpec& output, std::string_view id) {
  if (output.kind == ActuatorKind::text)
    return refuse("unsupported", fmt::format("{} shows text and is not switched", id));
  return on ? on_state(output) : off_state(output);
}

}  // namespace

std::string_view trimmed(std::string_view text) noexcept {
  const auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

std::string shown(std::string_view text) {
  constexpr std::size_t most = 40;
  auto end = std::min(text.size(), most);
  while (end > 0 && end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U)
    --end;  // not within a character
  std::string result(text.substr(0, end));
  for (char& c : result)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return end < text.size() ? result + "..." : result;
}

std::optional<tl::expected<double, Refusal>> parse_number(std::string_view text) {
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || end != text.data() + text.size() || error == std::errc::invalid_argument) return std::nullopt;
  if (error == std::errc::result_out_of_range || !std::isfinite(number))
    return refuse("not_finite", fmt::format("\"{}\" is not a finite number", shown(text)));
  return number;
}

Target number_target(double number, ActuatorKind kind) {
  if (kind == ActuatorKind::on_off && (number == 0 || number == 1)) return number == 1;
  return number;
}

tl::expected<Target, Refusal> parse_target(std::string_view text, ActuatorKind kind) {
  if (kind == ActuatorKind::text) return std::string(text);
  text = trimmed(text);
  if (const auto word = parse_word(text)) return *word;
  const bool percent = text.size() > 1 && text.back() == '%';
  if (const auto number = parse_number(percent ? trimmed(text.substr(0, text.size() - 1)) : text))
    return number->map([&](double value) { return percent ? Target(Percent{value}) : number_target(value, kind); });
  return refuse("unknown_state",
                fmt::format("\"{}\" is none of ON, OFF, TOGGLE, 1, 0, true, false, a number, \"40%\"", shown(text)));
}

ActuatorState on_state(const OutputSpec& output) {
  if (output.kind == ActuatorKind::range) return output.range.high;
  return true;
}

ActuatorState off_state(const OutputSpec& output) {
  if (output.kind == ActuatorKind::range) return std::clamp(0.0, output.range.low, output.range.high);
  if (output.kind == ActuatorKind::text) return std::string();
  return false;
}

tl::expected<ActuatorState, Refusal> resolve(const Target& target, const OutputSpec& output,
                                             const std::optional<ActuatorState>& newest, std::string_view id) {
  if (const auto* on = std::get_if<bool>(&target)) return switched(*on, output, id);
  if (std::holds_alternative<Toggle>(target)) return switched(!newest || !is_on(*newest), output, id);
  if (output.kind == ActuatorKind::on_off)
    return refuse("unsupported", fmt::format("{} is switched on or off and takes no other value", id));
  const auto* text = std::get_if<std::string>(&target);
  if (output.kind == ActuatorKind::text) {
    if (text == nullptr) return refuse("unsupported", fmt::format("{} shows text; write it in quotes", id));
    return *text;
  }
  if (text != nullptr) return refuse("unsupported", fmt::format("{} takes a number", id));
  if (const auto* number = std::get_if<double>(&target)) return in_range(*number, output, id);
  const double percent = std::get<Percent>(target).value;
  if (percent < 0 || percent > 100)
    return refuse("out_of_range", fmt::format("{} takes 0% to 100%, not {}%", id, percent));
  return output.range.low + (output.range.high - output.range.low) * percent / 100;
}

}  // namespace b2m
