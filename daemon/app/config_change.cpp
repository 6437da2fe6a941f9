#include "daemon/app/config_change.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "daemon/mqtt/discovery.hpp"
#include "daemon/mqtt/topics.hpp"

namespace b2m {
namespace {

/// The chips whose inputs have to be opened anew: the interrupt that tells of them comes on another line.
std::set<std::string> rewired_chips(const Config& before, const Config& after) {
  std::set<std::string> chips;
  for (const auto& old : before.expanders)
    for (const auto& now : after.expanders)
      if (old.chip == now.chip && old.interrupt_line != now.interrupt_line) chips.insert(old.chip);
  return chips;
}

bool has_line_on(const DeviceConfig& device, const std::set<std::string>& chips) {
  return std::any_of(device.lines.begin(), device.lines.end(),
                     [&](const auto& entry) { return chips.contains(entry.second.chip); });
}

template <class Configs, class Same>
DeviceChange compare_devices(const Configs& before, const Configs& after, const Same& same) {
  DeviceChange change;
  for (const auto& old : before) change.ended.insert(old.id);
  for (const auto& now : after) {
    const auto old =
        std::find_if(before.begin(), before.end(), [&](const auto& device) { return device.id == now.id; });
    if (old != before.end() && same(*old, now)) {
      change.ended.erase(now.id);
    } else {
      change.started.insert(now.id);
    }
  }
  return change;
}

/// Whether both have the same options of these keys.
bool agree(const Options& a, const Options& b, std::initializer_list<std::string_view> keys) {
  const auto value = [](const Options& options, std::string_view key) -> const OptionValue* {
    for (const auto& [name, held] : options.all())
      if (name == key) return &held;
    return nullptr;
  };
  return std::all_of(keys.begin(), keys.end(), [&](std::string_view key) {
    const auto* left = value(a, key);
    const auto* right = value(b, key);
    return left == nullptr || right == nullptr ? left == right : *left == *right;
  });
}

/// Whether both drive the same output in the same way: the same lines, or the same part of a chip. Of an output that
/// only its driver knows how to find, all options must be the same.
bool same_output(const ActuatorConfig& a, const ActuatorConfig& b) {
  const auto& driver = *a.driver.driver;
  if (a.driver != b.driver) return false;
  if (!a.lines.empty() || !b.lines.empty()) return a.lines == b.lines;
  if (driver.group) return false;
  if (driver.bus == BusKind::files) return agree(a.options, b.options, {"chip", "channel", "led"});
  if (driver.bus == BusKind::i2c) return agree(a.options, b.options, {"bus", "address", driver.shared_chip.part});
  return a.options == b.options;
}

/// A group whose members end or begin has to look for them again.
void follow_members(const std::vector<ActuatorConfig>& actuators, DeviceChange& change) {
  for (const auto& group : actuators) {
    if (change.started.contains(group.id)) continue;
    if (std::none_of(group.members.begin(), group.members.end(),
                     [&](const std::string& member) { return change.started.contains(member); }))
      continue;
    change.ended.insert(group.id);
    change.started.insert(group.id);
  }
}

}  // namespace

ConfigChange compare(const Config& before, const Config& after) {
  const auto rewired = rewired_chips(before, after);
  // Their availability is told below it.
  const bool moved = before.mqtt.base_topic != after.mqtt.base_topic;
  ConfigChange change;
  change.sensors = compare_devices(before.sensors, after.sensors, [&](const SensorConfig& a, const SensorConfig& b) {
    return a == b && !has_line_on(a, rewired);
  });
  change.actuators =
      compare_devices(before.actuators, after.actuators,
                      [&](const ActuatorConfig& a, const ActuatorConfig& b) { return a == b && !moved; });
  follow_members(after.actuators, change.actuators);
  for (const auto& now : after.actuators) {
    if (!change.actuators.started.contains(now.id)) continue;
    const auto old = std::find_if(before.actuators.begin(), before.actuators.end(), [&](const ActuatorConfig& other) {
      return change.actuators.ended.contains(other.id) && same_output(other, now);
    });
    if (old != before.actuators.end()) change.taken_over.emplace(now.id, old->id);
  }
  change.link = before.mqtt != after.mqtt;
  return change;
}

std::vector<std::string> put_off(const Config& running, Config& next) {
  std::vector<std::string> late;
  const auto keep = [&](std::string_view pointer, const auto& in_use, auto& wanted) {
    if (in_use == wanted) return;
    wanted = in_use;
    late.push_back(fmt::format("warning: {}: the change takes effect when the daemon is started again", pointer));
  };
  keep("/board", running.board, next.board);
  keep("/outbox/memory", running.outbox.memory, next.outbox.memory);
  keep("/outbox/disk", running.outbox.disk_bytes, next.outbox.disk_bytes);
  keep("/outbox/sync", running.outbox.sync, next.outbox.sync);
  keep("/outbox/replay", running.outbox.replay, next.outbox.replay);
  return late;
}

std::set<std::string> state_topics(const Config& config) {
  const auto& base = config.mqtt.base_topic;
  std::set<std::string> topics{base + "/health", base + "/info", base + "/status/config"};
  for (const auto& sensor : config.sensors) topics.insert(sensor.availability_topic);
  for (const auto& actuator : config.actuators)
    topics.insert({actuator.topic, actuator_availability_topic(base, actuator.id)});
  topics.insert(discovery_topic(config));
  topics.erase("");
  return topics;
}

}  // namespace b2m
