#include "daemon/config/defaults_section.hpp"

#include <algorithm>

#include "daemon/config/keys.hpp"
#include "daemon/config/object_reader.hpp"
#include "daemon/config/suggest.hpp"

namespace b2m {
namespace {

bool is_nested(OptionType type) { return type == OptionType::object || type == OptionType::list; }

/// Whether some device would take the value; what it is then used for checks it in full.
bool acceptable(const OptionSpec& row, const Node& value) {
  if (row.type == OptionType::object) return value.kind == NodeKind::object;
  if (row.type == OptionType::list) return value.kind == NodeKind::array;
  return read_value(row, value).has_value();
}

void check_member(const Member& member, const std::vector<OptionSpec>& rows, Diagnostics& diagnostics) {
  const auto pointer = child_pointer("/defaults", member.key);
  const auto matches = [&](const OptionSpec& row) { return row.key == member.key; };
  const auto first = std::find_if(rows.begin(), rows.end(), matches);
  if (first == rows.end()) {
    diagnostics.error(member.place, pointer, "no sensor or actuator has this key",
                      did_you_mean(member.key, keys::names(rows)));
    return;
  }
  const bool fits = std::any_of(rows.begin(), rows.end(),
                                [&](const OptionSpec& row) { return matches(row) && acceptable(row, member.value); });
  if (fits) return;
  if (is_nested(first->type)) {
    diagnostics.error(member.value.place, pointer,
                      (first->type == OptionType::object ? "an object is expected, not " : "a list is expected, not ") +
                          describe(member.value));
  } else {
    diagnostics.error(member.value.place, pointer, read_value(*first, member.value).error().detail);
  }
}

/// The entries of `channels` for channels that the device has.
Node channels_of(const Node& defaults, const std::vector<std::string_view>& channels) {
  Node picked = defaults;
  picked.members.erase(std::remove_if(picked.members.begin(), picked.members.end(),
                                      [&](const Member& member) {
                                        return std::find(channels.begin(), channels.end(), member.key) ==
                                               channels.end();
                                      }),
                       picked.members.end());
  return picked;
}

}  // namespace

void check_defaults(const Node& defaults, Diagnostics& diagnostics) {
  const auto rows = keys::any_device();
  for (const auto& member : defaults.members) check_member(member, rows, diagnostics);
}

void apply_defaults(Node& device, const Node& defaults, std::span<const std::string_view> keys,
                    const std::optional<std::vector<std::string_view>>& channels) {
  for (const auto& member : defaults.members) {
    if (std::find(keys.begin(), keys.end(), member.key) == keys.end() || device.find(member.key) != nullptr) continue;
    device.members.push_back(member);
    auto& copy = device.members.back();
    copy.from_defaults = true;
    if (copy.key == "channels" && channels) copy.value = channels_of(member.value, *channels);
  }
}

}  // namespace b2m
