#include "drivers/api/options.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdlib>

namespace b2m {
namespace {

using std::chrono::nanoseconds;

struct Unit {
  std::string_view name;
  double factor;
};

// From large to small, so that format_duration finds the largest that divides.
constexpr std::array duration_units{Unit{"d", 86400e9}, Unit{"h", 3600e9}, Unit{"min", 60e9}, Unit{"s", 1e9},
                                    Unit{"ms", 1e6},    Unit{"us", 1e3},   Unit{"ns", 1}};
constexpr std::array size_units{Unit{"B", 1},      Unit{"kB", 1e3},      Unit{"MB", 1e6},        Unit{"GB", 1e9},
                                Unit{"KiB", 1024}, Unit{"MiB", 1 << 20}, Unit{"GiB", 1073741824}};

/// "12.5 ms" → 12.5 × the unit's factor. The number is plain decimal: no sign, no exponent.
Result<double> parse_with_unit(std::string_view text, std::span<const Unit> units, std::string_view hint) {
  double number = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
  if (ec != std::errc{} || number < 0 || !std::isfinite(number))
    return fail(Errc::out_of_range, fmt::format("\"{}\" is not {}", text, hint));
  auto rest = text.substr(static_cast<std::size_t>(end - text.data()));
  while (rest.starts_with(' ')) rest.remove_prefix(1);
  if (rest.empty()) return fail(Errc::out_of_range, fmt::format("\"{}\" has no unit; {}", text, hint));
  const auto unit = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == rest; });
  if (unit == units.end()) return fail(Errc::out_of_range, fmt::format("\"{}\" is not a unit of {}", rest, hint));
  return number * unit->factor;
}

Result<std::int64_t> parse_integer(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const auto digits = hex ? text.substr(2) : text;
  std::int64_t value = 0;
  const auto [end, ec] = std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  if (ec != std::errc{} || end != digits.data() + digits.size() || (hex && digits.starts_with('-')))
    return fail(Errc::out_of_range, fmt::format("\"{}\" is not a whole number", text));
  return value;
}

Result<double> parse_number(std::string_view text) {
  double value = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (ec != std::errc{} || end != text.data() + text.size() || !std::isfinite(value))
    return fail(Errc::out_of_range, fmt::format("\"{}\" is not a number", text));
  return value;
}

std::string bounds_text(const OptionSpec& spec, auto&& format) {
  if (!std::isfinite(spec.max)) return fmt::format("at least {}", format(spec.min));
  if (!std::isfinite(spec.min)) return fmt::format("at most {}", format(spec.max));
  return fmt::format("from {} to {}", format(spec.min), format(spec.max));
}

/// `value` in the row's bounds, or an error that names them.
Result<> check_bounds(const OptionSpec& spec, double value, std::string_view text) {
  if (value >= spec.min && value <= spec.max) return {};
  const auto plain = [](double bound) { return fmt::format("{}", bound); };
  const auto seconds = [](double bound) {
    return format_duration(nanoseconds(static_cast<std::int64_t>(std::llround(bound * 1e9))));
  };
  return fail(Errc::out_of_range,
              fmt::format("{} is out of bounds: {}", text,
                          spec.type == OptionType::duration ? bounds_text(spec, seconds) : bounds_text(spec, plain)));
}

Result<> check_choice(const OptionSpec& spec, std::string_view text) {
  if (std::find(spec.choices.begin(), spec.choices.end(), text) != spec.choices.end()) return {};
  return fail(Errc::out_of_range, fmt::format("\"{}\" is not one of {}", text, fmt::join(spec.choices, ", ")));
}

}  // namespace

Result<nanoseconds> parse_duration(std::string_view text) {
  constexpr double century = 100 * 365.25 * 86400e9;
  B2M_ASSIGN(const double ns,
             parse_with_unit(text, duration_units, "a duration such as \"250ms\", \"10s\" or \"5min\""));
  if (ns > century) return fail(Errc::out_of_range, fmt::format("\"{}\" is longer than a century", text));
  return nanoseconds(std::llround(ns));
}

std::string format_duration(nanoseconds duration) {
  for (const auto& unit : duration_units) {
    const auto factor = static_cast<std::int64_t>(unit.factor);
    if (duration.count() != 0 && duration.count() % factor == 0)
      return fmt::format("{}{}", duration.count() / factor, unit.name);
  }
  return "0s";
}

Result<std::int64_t> parse_size(std::string_view text) {
  B2M_ASSIGN(const double bytes, parse_with_unit(text, size_units, "a size such as \"512kB\" or \"64MB\""));
  if (bytes > 1e15) return fail(Errc::out_of_range, fmt::format("\"{}\" is too large", text));
  return std::llround(bytes);
}

Result<OptionValue> parse_option(const OptionSpec& spec, std::string_view text) {
  switch (spec.type) {
    case OptionType::boolean:
      if (text != "true" && text != "false")
        return fail(Errc::out_of_range, fmt::format("\"{}\" is not true or false", text));
      return text == "true";
    case OptionType::integer:
    case OptionType::address: {
      B2M_ASSIGN(const std::int64_t value, parse_integer(text));
      B2M_TRY(check_bounds(spec, static_cast<double>(value), text));
      return value;
    }
    case OptionType::number: {
      B2M_ASSIGN(const double value, parse_number(text));
      B2M_TRY(check_bounds(spec, value, text));
      return value;
    }
    case OptionType::duration: {
      B2M_ASSIGN(const nanoseconds value, parse_duration(text));
      B2M_TRY(check_bounds(spec, std::chrono::duration<double>(value).count(), text));
      return value;
    }
    case OptionType::size: {
      B2M_ASSIGN(const std::int64_t value, parse_size(text));
      B2M_TRY(check_bounds(spec, static_cast<double>(value), text));
      return value;
    }
    case OptionType::choice: B2M_TRY(check_choice(spec, text)); return std::string(text);
    case OptionType::text_list:
      if (!spec.choices.empty()) B2M_TRY(check_choice(spec, text));
      return std::vector{std::string(text)};
    case OptionType::text:
    case OptionType::line: return std::string(text);
    case OptionType::object:
    case OptionType::list: break;
  }
  return fail(Errc::unsupported, fmt::format("\"{}\" has no text form", spec.key));
}

void Options::set(std::string_view key, OptionValue value) {
  const auto at = std::find_if(values_.begin(), values_.end(), [&](const auto& entry) { return entry.first == key; });
  if (at != values_.end()) {
    at->second = std::move(value);
  } else {
    values_.emplace_back(std::string(key), std::move(value));
  }
}

const OptionValue* Options::find(std::string_view key) const {
  const auto at = std::find_if(values_.begin(), values_.end(), [&](const auto& entry) { return entry.first == key; });
  return at == values_.end() ? nullptr : &at->second;
}

template <class T>
const T& Options::get(std::string_view key) const {
  const auto* value = find(key);
  assert(value && "an option that its table neither requires nor gives a fallback must be asked for with has()");
  return std::get<T>(*value);
}

template const bool& Options::get<bool>(std::string_view) const;
template const std::int64_t& Options::get<std::int64_t>(std::string_view) const;
template const double& Options::get<double>(std::string_view) const;
template const std::string& Options::get<std::string>(std::string_view) const;
template const std::vector<std::string>& Options::get<std::vector<std::string>>(std::string_view) const;
template const nanoseconds& Options::get<nanoseconds>(std::string_view) const;

Options default_options(std::span<const OptionSpec> specs) {
  Options options;
  for (const auto& spec : specs) {
    if (spec.fallback.empty()) continue;
    auto value = parse_option(spec, spec.fallback);
    assert(value && "the fallback of an option must be valid for it");
    options.set(spec.key, std::move(*value));
  }
  return options;
}

}  // namespace b2m
