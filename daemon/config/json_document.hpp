// JSON as a tree that remembers where everything stands in its file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "daemon/config/diagnostics.hpp"

namespace b2m {

enum class NodeKind : std::uint8_t { null, boolean, integer, number, text, array, object };

struct Member;

/// A value of a JSON document.
struct Node {
  NodeKind kind = NodeKind::null;
  Place place = {};
  std::variant<bool, std::int64_t, double, std::string> scalar = {};
  std::vector<Node> items = {};  ///< of an array
  /// Of an object, in the order written. Without an initialiser: Member is not known yet.
  std::vector<Member> members;

  [[nodiscard]] bool is_object() const noexcept { return kind == NodeKind::object; }
  [[nodiscard]] const std::string& text() const { return std::get<std::string>(scalar); }
  /// The member of that name, or null.
  [[nodiscard]] const Member* find(std::string_view key) const noexcept;
  [[nodiscard]] Member* find(std::string_view key) noexcept;
};

struct Member {
  std::string key;
  Place place;  ///< of the key
  Node value;
  bool from_defaults = false;  ///< stands under `defaults`, not where it is used
};

inline constexpr std::size_t deepest_nesting = 64;
inline constexpr std::size_t largest_file = 4'000'000;  ///< bytes

/// Parses JSON with // and /* */ comments. Whatever is wrong becomes a diagnostic of `file`; then there is no tree.
/// Pure.
[[nodiscard]] std::optional<Node> parse_json(std::string_view text, const std::string& file, Diagnostics& diagnostics);

/// Reads and parses a regular file of at most `largest_file` bytes. Any thread.
[[nodiscard]] std::optional<Node> read_json(const std::filesystem::path& file, Diagnostics& diagnostics);

/// Lays `over` over `base`: objects key by key, everything else is replaced. Places stay those of the file they came
/// from. Pure.
void merge(Node& base, Node over);

/// "text \"abc\"", "the number 12", "an object": for messages. Pure.
[[nodiscard]] std::string describe(const Node& node);

}  // namespace b2m
