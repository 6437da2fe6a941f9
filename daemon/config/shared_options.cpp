#include "daemon/config/shared_options.hpp"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>

namespace b2m {
namespace {

using Json = nlohmann::ordered_json;

/// A key and what may stand there, as text.
using Option = std::pair<std::string, std::string>;

template <class Visit>
void for_each_option(Json& definitions, const Visit& visit) {
  for (auto& [name, definition] : definitions.items()) {
    if (!name.starts_with("driver_")) continue;
    for (auto& [key, schema] : definition["properties"].items())
      if (!schema.is_boolean()) visit(Option{key, schema.dump()}, schema);
  }
}

std::set<Option> repeated_options(Json& definitions) {
  std::set<Option> seen, repeated;
  for_each_option(definitions, [&](const Option& option, const Json& /*schema*/) {
    if (!seen.insert(option).second) repeated.insert(option);
  });
  return repeated;
}

/// By key: how many have it, and what all of them have there; null once two differ.
struct Common {
  std::size_t count = 0;
  Json schema = {};
};

std::map<std::string, Common> common_options(Json& drivers) {
  std::map<std::string, Common> common;
  for_each_option(drivers, [&](const Option& option, const Json& schema) {
    auto& [count, same] = common[option.first];
    if (count++ == 0) same = schema;
    if (same != schema) same = nullptr;
  });
  return common;
}

}  // namespace

void share_with_section(Json& section, Json& drivers) {
  auto common = common_options(drivers);
  for_each_option(drivers, [&](const Option& option, Json& schema) {
    const auto& [count, same] = common.at(option.first);
    if (same.is_null() || 2 * count <= drivers.size()) return;
    section["properties"][option.first] = same;
    schema = true;
  });
}

void share_options(Json& definitions) {
  const auto repeated = repeated_options(definitions);
  std::map<Option, std::string> names;
  std::map<std::string, int> kinds;
  Json shared = Json::object();
  for_each_option(definitions, [&](const Option& option, Json& schema) {
    if (!repeated.contains(option)) return;
    auto& name = names[option];
    if (name.empty()) {
      const int kind = ++kinds[option.first];
      name = kind == 1 ? fmt::format("option_{}", option.first) : fmt::format("option_{}_{}", option.first, kind);
      shared[name] = schema;
    }
    schema = {{"$ref", fmt::format("#/$defs/{}", name)}};
  });
  definitions.update(shared);
}

}  // namespace b2m
