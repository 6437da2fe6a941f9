// Diagnostics: what is wrong with a configuration, where, and what to do about it. Collected, never thrown, so that one
// run tells everything.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace b2m {

/// Why a text of the user is refused, and the way out.
struct Problem {
  std::string message;
  std::string hint = {};
};

template <class T = void>
using Checked = tl::expected<T, Problem>;

[[nodiscard]] inline tl::unexpected<Problem> refuse(std::string message, std::string hint = {}) {
  return tl::unexpected(Problem{std::move(message), std::move(hint)});
}

/// A place in a file. Lines and columns count from 1, columns in characters (code points); line 0 is the file as a
/// whole.
struct Place {
  std::shared_ptr<const std::string> file = {};
  std::size_t line = 0;
  std::size_t column = 0;
};

enum class Severity : std::uint8_t { error, warning };

struct Diagnostic {
  Severity severity = Severity::error;
  Place place = {};
  std::string pointer = {};  ///< JSON pointer (RFC 6901); empty for the whole document
  std::string message = {};
  std::string hint = {};  ///< the way out, where there is one: `did you mean "every"?`
};

/// `board2mqtt.json:15:7: error: /sensors/climate/intervall: unknown key; did you mean "every"?` Pure.
[[nodiscard]] std::string to_string(const Diagnostic& diagnostic);

/// What one run found, in the order of files and lines once sorted. Bounded: past `limit` problems are only counted.
/// Pure.
class Diagnostics {
 public:
  static constexpr std::size_t limit = 200;

  /// A problem that is already known is not added twice.
  void add(Diagnostic diagnostic);
  void error(const Place& place, std::string pointer, std::string message, std::string hint = {});
  void warning(const Place& place, std::string pointer, std::string message, std::string hint = {});

  [[nodiscard]] bool has_errors() const noexcept { return errors_ != 0; }
  [[nodiscard]] std::size_t errors() const noexcept { return errors_; }
  [[nodiscard]] std::size_t warnings() const noexcept { return warnings_; }
  [[nodiscard]] const std::vector<Diagnostic>& all() const noexcept { return items_; }
  /// More will only be counted: hints need no looking for.
  [[nodiscard]] bool full() const noexcept { return items_.size() >= limit; }
  /// Problems beyond the limit.
  [[nodiscard]] std::size_t unlisted() const noexcept { return errors_ + warnings_ - items_.size(); }
  /// By file in the order of their first problem, then by line and column.
  void sort();

 private:
  std::vector<Diagnostic> items_;
  std::size_t errors_ = 0;
  std::size_t warnings_ = 0;
};

/// One line for each problem, each ended by a newline. Pure.
[[nodiscard]] std::string to_text(const Diagnostics& diagnostics);

/// A JSON array of objects with file, line, column, severity, pointer, message and hint. Pure.
[[nodiscard]] std::string to_json(const Diagnostics& diagnostics);

/// `pointer` extended by `key`, escaped as RFC 6901 asks. Pure.
[[nodiscard]] std::string child_pointer(std::string_view pointer, std::string_view key);

/// `text` in double quotes, cut to some 60 characters, for messages. Pure.
[[nodiscard]] std::string in_quotes(std::string_view text);

}  // namespace b2m
