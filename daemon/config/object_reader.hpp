// Reads one JSON object against its rows.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/json_document.hpp"
#include "drivers/api/options.hpp"

namespace b2m {

/// A value that has the row's type and stays in its bounds and choices; the error's detail says what was expected. Not
/// for rows of type object and list. Pure.
[[nodiscard]] Result<OptionValue> read_value(const OptionSpec& row, const Node& node);

/// Checks every member of an object when constructed: unknown keys, types, bounds, what is missing. Values that are
/// wrong have been reported and count as not given. Refers to what it was made of. Pure.
class ObjectReader {
 public:
  /// `driver` names the device's, so that a key which other devices have is told from a mistyped one.
  ObjectReader(const Node& object, std::string pointer, std::span<const OptionSpec> rows, Diagnostics& diagnostics,
               std::string_view driver = {});

  /// What was given and is valid, else the fallbacks.
  [[nodiscard]] const Options& options() const noexcept { return options_; }
  /// Written, right or wrong.
  [[nodiscard]] bool given(std::string_view key) const noexcept { return object_.find(key) != nullptr; }
  /// Given and valid.
  [[nodiscard]] bool valid(std::string_view key) const noexcept;
  /// The object or list of a row of that type, or null.
  [[nodiscard]] const Node* nested(std::string_view key) const;
  [[nodiscard]] std::string text_or(std::string_view key, std::string fallback = {}) const;

  [[nodiscard]] const Node& object() const noexcept { return object_; }
  [[nodiscard]] const std::string& pointer() const noexcept { return pointer_; }
  /// Where the key stands: under this object, or under `defaults`.
  [[nodiscard]] std::string pointer(std::string_view key) const;
  /// Of the value, or of the object when the key was not written.
  [[nodiscard]] Place place(std::string_view key) const;

  void error(std::string_view key, std::string message, std::string hint = {}) const;
  void warning(std::string_view key, std::string message, std::string hint = {}) const;

 private:
  void report_unknown(const Member& member, std::span<const OptionSpec> rows, std::string_view driver) const;
  void read_member(const Member& member, std::span<const OptionSpec> rows, std::string_view driver);

  const Node& object_;
  std::string pointer_;
  Diagnostics& diagnostics_;
  Options options_;
  std::vector<std::string_view> valid_;
};

/// Reports when `node` is no object. Pure.
bool expect_object(const Node& node, const std::string& pointer, Diagnostics& diagnostics);

}  // namespace b2m
