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

/// Those of a sensor, with what is derived. Pure.
[[nodiscard]] inline std::vector<std::string_view> channel_names(const SensorConfig& sensor) {
  auto names = channel_names(sensor.driver);
  for (const auto derivation : sensor.derive) names.push_back(info(derivation).channel.key);
  return names;
}

}  // namespace b2m
