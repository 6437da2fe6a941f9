// Options: the described keys of a JSON object, and their checked, typed values. One row of a table serves the check,
// the JSON Schema, the help and the documentation; drivers and the configuration use the same rows.
#pragma once

#include <chrono>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "drivers/api/result.hpp"

namespace b2m {

enum class OptionType : std::uint8_t {
  boolean,
  integer,
  number,
  text,
  text_list,  ///< a string or a list of strings; each one of `choices`, when there are any
  choice,     ///< one of `choices`
  duration,   ///< "250ms", "10s", "5min", "2h", "1d"; min and max in seconds
  size,       ///< "512kB", "64MB", "1GB"; min and max in bytes
  address,    ///< an I2C address, "0x76" or 118
  line,       ///< a GPIO line in any spelling
  object,     ///< a nested object, described by its owner
  list,       ///< a list of objects, described by its owner
};

inline constexpr double unbounded = std::numeric_limits<double>::infinity();

struct OptionSpec {
  std::string_view key;
  OptionType type;
  std::string_view summary;
  std::string_view fallback = {};  ///< the default as a user would write it, without quotes; empty: none
  bool required = false;
  double min = -unbounded;
  double max = unbounded;
  std::span<const std::string_view> choices = {};
};

using OptionValue =
    std::variant<bool, std::int64_t, double, std::string, std::vector<std::string>, std::chrono::nanoseconds>;

/// A value from its text form ("10s", "0x76", "true"), checked against the row's type, bounds and choices. integer,
/// size and address give std::int64_t; text, choice and line give std::string. The error's detail says what was
/// expected. Pure.
[[nodiscard]] Result<OptionValue> parse_option(const OptionSpec& spec, std::string_view text);

/// "250ms" → 250 ms. Units: ns us ms s min h d. Negative, without a unit or above 100 years: an error. Pure.
[[nodiscard]] Result<std::chrono::nanoseconds> parse_duration(std::string_view text);
/// The shortest exact spelling, "1min" for 60 s. Pure.
[[nodiscard]] std::string format_duration(std::chrono::nanoseconds duration);

/// "64MB" → 64'000'000. Units: B kB MB GB (powers of 1000), KiB MiB GiB (powers of 1024). Pure.
[[nodiscard]] Result<std::int64_t> parse_size(std::string_view text);

/// Checked values by key; missing keys hold their fallback. A wrong key or type is a mistake of the program
/// (assertion).
class Options {
 public:
  void set(std::string_view key, OptionValue value);

  [[nodiscard]] bool has(std::string_view key) const { return find(key) != nullptr; }
  [[nodiscard]] bool flag(std::string_view key) const { return get<bool>(key); }
  [[nodiscard]] std::int64_t integer(std::string_view key) const { return get<std::int64_t>(key); }
  [[nodiscard]] double number(std::string_view key) const { return get<double>(key); }
  [[nodiscard]] const std::string& text(std::string_view key) const { return get<std::string>(key); }
  [[nodiscard]] const std::vector<std::string>& list(std::string_view key) const {
    return get<std::vector<std::string>>(key);
  }
  [[nodiscard]] std::chrono::nanoseconds duration(std::string_view key) const {
    return get<std::chrono::nanoseconds>(key);
  }

  [[nodiscard]] const std::vector<std::pair<std::string, OptionValue>>& all() const noexcept { return values_; }
  friend bool operator==(const Options&, const Options&) = default;

 private:
  [[nodiscard]] const OptionValue* find(std::string_view key) const;
  template <class T>
  [[nodiscard]] const T& get(std::string_view key) const;
  std::vector<std::pair<std::string, OptionValue>> values_;
};

/// The fallbacks of a table, as if an empty object had been read. Used by the loader and by tests. Pure.
[[nodiscard]] Options default_options(std::span<const OptionSpec> specs);

}  // namespace b2m
