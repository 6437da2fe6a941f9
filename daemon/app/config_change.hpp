// What a new configuration changes of the one in use.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "daemon/config/model.hpp"

namespace b2m {

/// Devices by their ids. One that has changed ends and starts again: it is in both sets. What is in neither is not
/// touched.
struct DeviceChange {
  std::set<std::string, std::less<>> ended = {};
  std::set<std::string, std::less<>> started = {};
  [[nodiscard]] bool empty() const noexcept { return ended.empty() && started.empty(); }
  friend bool operator==(const DeviceChange&, const DeviceChange&) = default;
};

struct ConfigChange {
  DeviceChange sensors = {};
  DeviceChange actuators = {};
  /// Actuators that start at an output that another leaves: their ids, and those of the ones before. They take it as it
  /// is.
  std::map<std::string, std::string> taken_over = {};
  bool link = false;  ///< the broker connection is made anew
};

/// Pure.
[[nodiscard]] ConfigChange compare(const Config& before, const Config& after);

/// Gives `next` the values of `running` where a change takes effect only when the daemon is started again. Returns what
/// is put off, as `check` would say it. Pure.
[[nodiscard]] std::vector<std::string> put_off(const Config& running, Config& next);

/// The retained topics of the gateway and its devices, but for readings and the will's. Pure.
[[nodiscard]] std::set<std::string> state_topics(const Config& config);

}  // namespace b2m
