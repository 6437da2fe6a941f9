// The channels that a configuration may name.
#pragma once

#include <string_view>
#include <vector>

#include "daemon/config/model.hpp"

namespace b2m {

/// Those of a driver; none where only the device knows them. Pure.
[[nodiscard]] inline std::vector<std::string_view> channel_names(const DriverRef& driver) {
  std::vector<std::string_view> names;
  for (const auto& channel : driver.channels()) names.push_back(channel.key);
  return names;
}

/// Those of a sensor, with what is derived; what is derived alone where only the device knows the others. Pure.
[[nodiscard]] inline std::vector<ChannelSpec> channels_of(const SensorConfig& sensor) {
  const auto own = sensor.driver.channels();
  std::vector<ChannelSpec> channels(own.begin(), own.end());
  for (const auto derivation : sensor.derive) channels.push_back(info(derivation).channel);
  return channels;
}
[[nodiscard]] inline std::vector<std::string_view> channel_names(const SensorConfig& sensor) {
  std::vector<std::string_view> names;
  for (const auto& channel : channels_of(sensor)) names.push_back(channel.key);
  return names;
}

}  // namespace b2m
