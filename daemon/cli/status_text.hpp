// What `status` prints: a running gateway as a table, as JSON, and as a line for each change.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "daemon/dbus/client.hpp"
#include "daemon/flow/reading.hpp"

namespace b2m {

/// The last values of each channel, for its sparkline.
class ChannelHistory {
 public:
  static constexpr std::size_t length = 24;

  /// Takes what is new since the last call.
  void take(const dbus::SensorStatus& sensor);
  /// The values as bars, "▁▂▇█"; a space for one that could not be measured. Empty for an unknown channel.
  [[nodiscard]] std::string sparkline(const std::string& sensor, const std::string& channel) const;

 private:
  struct Course {
    SteadyTime last{};
    std::deque<std::optional<double>> values = {};
  };
  std::map<std::pair<std::string, std::string>, Course> courses_;
};

/// How the table is drawn.
struct TableStyle {
  bool colour = false;
  std::size_t width = 0;  ///< columns of the terminal; 0: no limit
};

/// Lines without their ends. `now` is the same machine's. Without a history there are no sparklines. Pure.
[[nodiscard]] std::vector<std::string> status_table(const dbus::Snapshot& snapshot, const Moment& now,
                                                    const TableStyle& style, const ChannelHistory* history = nullptr);

/// The newest of a device in a line: "climate  temperature 23.72 °C  humidity 65.3 %". Pure.
[[nodiscard]] std::string change_line(const dbus::SensorStatus& sensor);
[[nodiscard]] std::string change_line(const dbus::ActuatorStatus& actuator);
[[nodiscard]] std::string change_line(const dbus::GatewayStatus& gateway);

/// Pure.
[[nodiscard]] nlohmann::json to_json(const dbus::GatewayStatus& gateway);
[[nodiscard]] nlohmann::json to_json(const dbus::SensorStatus& sensor);
[[nodiscard]] nlohmann::json to_json(const dbus::ActuatorStatus& actuator);
[[nodiscard]] nlohmann::json to_json(const dbus::Snapshot& snapshot);

/// "0s", "59s", "3min", "2h", "5d". Pure.
[[nodiscard]] std::string short_age(std::chrono::nanoseconds age);

}  // namespace b2m
