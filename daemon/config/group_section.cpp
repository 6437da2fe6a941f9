#include "daemon/config/group_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/suggest.hpp"

namespace b2m {
namespace {

/// Reads the groups of one configuration. Lives during one load().
class GroupReader {
 public:
  GroupReader(const Node& actuators, Config& config, Diagnostics& diagnostics)
      : actuators_(actuators), config_(config), diagnostics_(diagnostics) {}

  void read(ActuatorConfig& group);

 private:
  [[nodiscard]] Checked<const ActuatorConfig*> member(const ActuatorConfig& group, const std::string& id) const;
  void check_interlocks(const ActuatorConfig& group, const std::vector<const ActuatorConfig*>& members) const;
  void error(const ActuatorConfig& group, std::string message, std::string hint = {}) const;

  const Node& actuators_;
  Config& config_;
  Diagnostics& diagnostics_;
};

void GroupReader::error(const ActuatorConfig& group, std::string message, std::string hint) const {
  const auto* entry = actuators_.find(group.id);
  const auto* written = entry == nullptr ? nullptr : entry->value.find("members");
  diagnostics_.error(written == nullptr ? Place() : written->value.place,
                     child_pointer(child_pointer("/actuators", group.id), "members"), std::move(message),
                     std::move(hint));
}

/// Null for one that is there and wrong itself.
Checked<const ActuatorConfig*> GroupReader::member(const ActuatorConfig& group, const std::string& id) const {
  if (id == group.id) return refuse("a group cannot be a member of itself");
  const auto at = std::find_if(config_.actuators.begin(), config_.actuators.end(),
                               [&](const ActuatorConfig& actuator) { return actuator.id == id; });
  if (at == config_.actuators.end()) {
    std::vector<std::string_view> ids;
    for (const auto& entry : actuators_.members) ids.push_back(entry.key);
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) return nullptr;
    return refuse(fmt::format("there is no actuator {}", in_quotes(id)), did_you_mean(id, ids));
  }
  if (at->driver.driver->group) return refuse(fmt::format("{} is a group itself", id), "name its members");
  if (at->output().kind == ActuatorKind::text) return refuse(fmt::format("{} shows text and is not switched", id));
  return &*at;
}

void GroupReader::check_interlocks(const ActuatorConfig& group,
                                   const std::vector<const ActuatorConfig*>& members) const {
  for (const auto* member : members)
    for (const auto& partner : member->interlock)
      if (std::any_of(members.begin(), members.end(), [&](const auto* other) { return other->id == partner; }))
        error(group, fmt::format("{} and {} may not be on together", member->id, partner),
              "a group switches all its members on");
}

void GroupReader::read(ActuatorConfig& group) {
  if (!group.options.has("members")) return;  // what is wrong with them has been reported
  group.group_state = group.options.text("state") == "all" ? GroupState::all : GroupState::any;
  std::vector<const ActuatorConfig*> members;
  for (const auto& id : group.options.list("members")) {
    const auto found = member(group, id);
    if (!found) {
      error(group, found.error().message, found.error().hint);
    } else if (std::find(group.members.begin(), group.members.end(), id) != group.members.end()) {
      error(group, fmt::format("{} stands twice", id));
    } else if (*found != nullptr) {
      group.members.push_back(id);
      members.push_back(*found);
    }
  }
  check_interlocks(group, members);
  if (members.empty()) return;
  const auto& first = members.front()->output();
  const bool alike = std::all_of(members.begin(), members.end(), [&](const ActuatorConfig* member) {
    const auto& output = member->output();
    return output.kind == first.kind && output.range.low == first.range.low && output.range.high == first.range.high &&
           output.unit == first.unit;
  });
  group.own_output = alike ? first : OutputSpec{};
}

}  // namespace

void resolve_groups(const Node& actuators, Config& config, Diagnostics& diagnostics) {
  GroupReader groups(actuators, config, diagnostics);
  for (auto& actuator : config.actuators)
    if (actuator.driver.driver->group) groups.read(actuator);
}

}  // namespace b2m
