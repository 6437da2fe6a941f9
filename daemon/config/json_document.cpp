#include "daemon/config/json_document.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <limits>
#include <nlohmann/json.hpp>
#include <system_error>
#include <unordered_map>

#include "daemon/config/secret_file.hpp"
#include "daemon/config/syntax_error.hpp"
#include "daemon/config/text_cursor.hpp"

namespace b2m {
namespace {

using Json = nlohmann::json;

/// Builds the tree from the parser's events; the cursor beside it says where each token stands. Pure.
class TreeBuilder final : public nlohmann::json_sax<Json> {
 public:
  TreeBuilder(std::string_view text, const std::string& file, Diagnostics& diagnostics)
      : cursor_(text), file_(std::make_shared<const std::string>(file)), diagnostics_(diagnostics) {}

  bool null() override { return put({NodeKind::null, take(), {}, {}, {}}); }
  bool boolean(bool value) override { return put({NodeKind::boolean, take(), value, {}, {}}); }
  bool number_integer(std::int64_t value) override { return put({NodeKind::integer, take(), value, {}, {}}); }
  bool number_unsigned(std::uint64_t value) override {
    if (value > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()))
      return put({NodeKind::number, take(), static_cast<double>(value), {}, {}});
    return put({NodeKind::integer, take(), static_cast<std::int64_t>(value), {}, {}});
  }
  bool number_float(double value, const std::string&) override {
    return put({NodeKind::number, take(), value, {}, {}});
  }
  bool string(std::string& value) override { return put({NodeKind::text, take(), std::move(value), {}, {}}); }
  bool binary(Json::binary_t&) override { return false; }  // JSON text has none
  bool start_object(std::size_t) override { return open(NodeKind::object); }
  bool start_array(std::size_t) override { return open(NodeKind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& key) override;
  bool parse_error(std::size_t, const std::string&, const Json::exception&) override;

  std::optional<Node> result() && {
    if (failed_) return std::nullopt;
    return std::move(root_);
  }

 private:
  /// An object or array that is not closed yet.
  struct Open {
    Node node;
    std::string key = {};  ///< of the member whose value comes next
    Place key_place = {};
    std::string pointer = {};
    std::unordered_map<std::string, std::size_t> lines = {};  ///< of the keys so far
    bool awaits_value = false;                                ///< a key was read, its value was not
    bool repeated = false;                                    ///< that key stood here before: its value is dropped
  };

  Place here() const { return {file_, cursor_.line(), cursor_.column()}; }
  Place take() {
    cursor_.to_token();
    const auto place = here();
    cursor_.over_token();
    return place;
  }
  bool put(Node node);
  bool open(NodeKind kind);
  bool close();

  TextCursor cursor_;
  std::shared_ptr<const std::string> file_;
  Diagnostics& diagnostics_;
  std::vector<Open> open_;
  Node root_;
  bool failed_ = false;
};

bool TreeBuilder::put(Node node) {
  if (open_.empty()) {
    root_ = std::move(node);
    return true;
  }
  auto& parent = open_.back();
  if (parent.node.kind == NodeKind::array) {
    parent.node.items.push_back(std::move(node));
    return true;
  }
  parent.awaits_value = false;
  if (!parent.repeated) parent.node.members.push_back({std::move(parent.key), parent.key_place, std::move(node)});
  return true;
}

bool TreeBuilder::open(NodeKind kind) {
  std::string pointer;
  if (!open_.empty()) {
    const auto& parent = open_.back();
    pointer = parent.node.kind == NodeKind::array ? fmt::format("{}/{}", parent.pointer, parent.node.items.size())
                                                  : child_pointer(parent.pointer, parent.key);
  }
  const auto place = take();
  if (open_.size() >= deepest_nesting) {
    diagnostics_.error(place, {}, fmt::format("objects and lists are nested deeper than {} levels", deepest_nesting));
    failed_ = true;
    return false;
  }
  Node node;
  node.kind = kind;
  node.place = place;
  open_.push_back({.node = std::move(node), .pointer = std::move(pointer)});
  return true;
}

bool TreeBuilder::close() {
  take();
  auto node = std::move(open_.back().node);
  open_.pop_back();
  return put(std::move(node));
}

bool TreeBuilder::key(std::string& key) {
  auto& object = open_.back();
  object.key_place = take();
  const auto [first, is_new] = object.lines.emplace(key, object.key_place.line);
  if (!is_new) {
    diagnostics_.error(object.key_place, child_pointer(object.pointer, key),
                       fmt::format("this key was already given in line {}", first->second), "keep one of the two");
  }
  object.repeated = !is_new;
  object.awaits_value = true;
  object.key = std::move(key);
  return true;
}

bool TreeBuilder::parse_error(std::size_t, const std::string&, const Json::exception&) {
  SyntaxContext context;
  cursor_.to_token();
  context.in_word = cursor_.back_to_word();
  context.separator = cursor_.separator();
  if (!open_.empty()) {
    const auto& innermost = open_.back().node;
    context.inside = innermost.kind == NodeKind::object ? SyntaxContext::object : SyntaxContext::array;
    context.opened_line = innermost.place.line;
    context.empty = innermost.items.empty() && open_.back().lines.empty();
    context.after_key = open_.back().awaits_value;
  } else {
    context.after_document = root_.place.line != 0;
  }
  const auto problem = explain_syntax_error(cursor_.rest(), context);
  diagnostics_.error(here(), {}, problem.message, problem.hint);
  failed_ = true;
  return false;
}

void fail_file(Diagnostics& diagnostics, const std::filesystem::path& file, std::string message,
               std::string hint = {}) {
  diagnostics.error({std::make_shared<const std::string>(file.string()), 0, 0}, {}, std::move(message),
                    std::move(hint));
}

/// `error` is of errno.
void fail_to_read(Diagnostics& diagnostics, const std::filesystem::path& file, int error) {
  auto hint = error == ENOENT ? "`board2mqtt scan` prints one, --config names another" : how_to_read(file, error);
  fail_file(diagnostics, file, "cannot be read: " + std::generic_category().message(error), std::move(hint));
}

}  // namespace

const Member* Node::find(std::string_view key) const noexcept {
  const auto at = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return at == members.end() ? nullptr : &*at;
}

Member* Node::find(std::string_view key) noexcept {
  const auto at = std::find_if(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
  return at == members.end() ? nullptr : &*at;
}

std::optional<Node> parse_json(std::string_view text, const std::string& file, Diagnostics& diagnostics) {
  if (text.find('\0') != std::string_view::npos) {  // the parser would take it for the end
    diagnostics.error({std::make_shared<const std::string>(file), 0, 0}, {},
                      "there is a zero byte in it: this is not a text file");
    return std::nullopt;
  }
  TreeBuilder builder(text, file, diagnostics);
  constexpr bool strict = true;
  constexpr bool ignore_comments = true;
  Json::sax_parse(text.begin(), text.end(), &builder, nlohmann::detail::input_format_t::json, strict, ignore_comments);
  return std::move(builder).result();
}

std::optional<Node> read_json(const std::filesystem::path& file, Diagnostics& diagnostics) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (error) {
    fail_to_read(diagnostics, file, error.value());
    return std::nullopt;
  }
  if (!std::filesystem::is_regular_file(status)) {
    fail_file(diagnostics, file, "is not a regular file");
    return std::nullopt;
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) {
    fail_to_read(diagnostics, file, errno);
    return std::nullopt;
  }
  std::string text(largest_file + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (text.size() > largest_file) {
    fail_file(diagnostics, file, fmt::format("is larger than {} bytes", largest_file));
    return std::nullopt;
  }
  return parse_json(text, file.string(), diagnostics);
}

void merge(Node& base, Node over) {
  if (!base.is_object() || !over.is_object()) {
    base = std::move(over);
    return;
  }
  for (auto& member : over.members) {
    if (auto* known = base.find(member.key)) {
      known->place = member.place;
      merge(known->value, std::move(member.value));
    } else {
      base.members.push_back(std::move(member));
    }
  }
}

std::string describe(const Node& node) {
  switch (node.kind) {
    case NodeKind::null: return "null";
    case NodeKind::boolean: return std::get<bool>(node.scalar) ? "true" : "false";
    case NodeKind::integer: return fmt::format("the number {}", std::get<std::int64_t>(node.scalar));
    case NodeKind::number: return fmt::format("the number {}", std::get<double>(node.scalar));
    case NodeKind::text: return "the text " + in_quotes(node.text());
    case NodeKind::array: return "a list";
    case NodeKind::object: return "an object";
  }
  return "a value";
}

}  // namespace b2m
