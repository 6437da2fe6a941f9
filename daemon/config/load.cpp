#include "daemon/config/load.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <system_error>

#include "daemon/board/board_table.hpp"
#include "daemon/config/device_section.hpp"
#include "daemon/config/homeassistant_section.hpp"
#include "daemon/config/keys.hpp"
#include "daemon/config/load_context.hpp"
#include "daemon/config/mqtt_section.hpp"
#include "daemon/config/rule_section.hpp"
#include "daemon/config/suggest.hpp"
#include "daemon/config/topic_advice.hpp"

namespace b2m {
namespace {

namespace fs = std::filesystem;

/// `file` and the fragments beside it in the order of their names; hidden files are editors' business.
std::vector<fs::path> files_of(const fs::path& file) {
  std::vector<fs::path> fragments;
  std::error_code error;
  for (fs::directory_iterator at(file.parent_path() / "conf.d", error), end; !error && at != end; at.increment(error)) {
    const auto name = at->path().filename().string();
    if (name.ends_with(".json") && !name.starts_with('.')) fragments.push_back(at->path());
  }
  std::sort(fragments.begin(), fragments.end());
  fragments.insert(fragments.begin(), file);
  return fragments;
}

/// The merged tree of all files, or none when one of them cannot be read.
std::optional<Node> read_files(const std::vector<fs::path>& files, Diagnostics& diagnostics) {
  std::optional<Node> merged;
  bool complete = true;
  for (const auto& file : files) {
    auto node = read_json(file, diagnostics);
    if (!node || !expect_object(*node, {}, diagnostics)) {
      complete = false;
    } else if (merged) {
      merge(*merged, std::move(*node));
    } else {
      merged = std::move(node);
    }
  }
  if (!complete) return std::nullopt;
  return merged;
}

Checked<> check_name(std::string_view name) {
  if (name.empty()) return refuse("the name is empty");
  if (name.size() > 255) return refuse("the name is longer than 255 bytes");
  const bool plain = std::none_of(name.begin(), name.end(), [](char c) {
    return static_cast<unsigned char>(c) <= 0x20 || c == '/' || c == '+' || c == '#' || c == 0x7f;
  });
  if (!plain)
    return refuse(fmt::format("{} cannot be a name: no space, /, + or #", in_quotes(name)),
                  "the name becomes a level of topics");
  return {};
}

/// The configured name, or the host's.
std::string read_name(const ObjectReader& top, const LoadContext& context) {
  if (!top.given("name")) return context.environment.hostname;
  return fill_text(top, "name", context.placeholders, check_name);
}

const BoardTable* find_configured_board(const ObjectReader& top, const Environment& environment) {
  if (top.given("board") && !top.valid("board")) return nullptr;
  const auto& name = top.options().text("board");
  if (name == "auto") return &recognise(environment.device_tree_model);
  const auto* board = find_board(name);
  if (board == nullptr) {
    std::vector<std::string_view> names{"auto"};
    for (const auto& known : all_boards()) names.push_back(known.name);
    auto hint = did_you_mean(name, names);
    top.error("board", fmt::format("there is no board {}", in_quotes(name)),
              hint.empty() ? fmt::format("it can be {}", fmt::join(names, ", ")) : std::move(hint));
  }
  return board;
}

Config read_config(const Node& root, LoadContext& context) {
  const ObjectReader top(root, "", keys::top(), context.diagnostics);
  context.placeholders = {{"hostname", context.environment.hostname}, {"machine_id", context.environment.machine_id}};
  Config config;
  config.hostname = context.environment.hostname;
  config.machine_id = context.environment.machine_id;
  config.name = read_name(top, context);
  context.placeholders["name"] = config.name.empty() ? config.hostname : config.name;
  context.board = find_configured_board(top, context.environment);
  if (context.board != nullptr) config.board = context.board->name;
  config.mqtt = read_mqtt(object_or_empty(top, "mqtt"), context);
  config.outbox = read_outbox(object_or_empty(top, "outbox"), context);
  read_devices(top, context, config);
  read_homeassistant(top, context, config);
  read_rules(top, context, config);
  warn_of_dots(config, top.place("mqtt"), context.diagnostics);
  return config;
}

}  // namespace

LoadResult load(const fs::path& file, const Environment& environment) {
  LoadResult result;
  result.files = files_of(file);
  if (const auto root = read_files(result.files, result.diagnostics)) {
    LoadContext context{.environment = environment, .diagnostics = result.diagnostics, .lines = result.lines};
    auto config = read_config(*root, context);
    if (!result.diagnostics.has_errors()) result.config = std::move(config);
  }
  result.diagnostics.sort();
  return result;
}

}  // namespace b2m
