#include "daemon/app/reading_topics.hpp"

#include <algorithm>

#include "daemon/mqtt/payload.hpp"

namespace b2m {
namespace {

/// Whether a sensor of `next` retains what it tells of a channel of this key on `topic`. The channels of some are known
/// only once they are read; what had the key before has it then.
bool told_by(const Config& next, const std::string& key, const std::string& topic) {
  return std::any_of(next.sensors.begin(), next.sensors.end(),
                     [&](const SensorConfig& sensor) { return sensor.retain && channel_topic(sensor, key) == topic; });
}

template <class Device>
void collect(const Device& device, const Config& next, std::set<std::string>& topics) {
  const auto& config = device.config();
  if (!config.retain) return;
  const auto consider = [&](const std::string& key) {
    const auto topic = channel_topic(config, key);
    if (!topic.empty() && !told_by(next, key, topic)) topics.insert(topic);
  };
  for (const auto& channel : device.channels()) consider(std::string(channel.key));
  if (device.channels().empty()) consider({});
}

}  // namespace

std::set<std::string> reading_topics_gone(const Devices& devices, const Config& next, const DeviceChange& change) {
  std::set<std::string> topics;
  const auto look = [&](const auto& list) {
    for (const auto& device : list)
      if (change.ended.contains(device->config().id)) collect(*device, next, topics);
  };
  look(devices.sensors());
  look(devices.edges());
  look(devices.computed());
  return topics;
}

}  // namespace b2m
