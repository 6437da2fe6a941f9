#include "daemon/app/info.hpp"

#include <nlohmann/json.hpp>
#include <set>
#include <string>

#include "daemon/app/version.hpp"
#include "drivers/api/options.hpp"

namespace b2m {
namespace {

using nlohmann::json;

json to_json(const OptionValue& value) {
  const auto plain = [](const auto& held) -> json {
    if constexpr (std::is_same_v<std::decay_t<decltype(held)>, std::chrono::nanoseconds>) {
      return format_duration(held);
    } else {
      return held;
    }
  };
  return std::visit(plain, value);
}

json device_json(const DeviceConfig& device) {
  json object{{"driver", device.driver.name()}};
  for (const auto& [key, value] : device.options.all()) object[key] = to_json(value);
  return object;
}

json sensor_json(const SensorConfig& sensor) {
  auto object = device_json(sensor);
  object["topic"] = sensor.topic;
  object["availability_topic"] = sensor.availability_topic;
  if (!sensor.event_topic.empty()) object["event_topic"] = sensor.event_topic;
  if (!sensor.command_topic.empty()) object["command_topic"] = sensor.command_topic;
  if (sensor.driver.driver->has_interval()) object["every"] = format_duration(sensor.every);
  for (const auto derivation : sensor.derive) object["derive"].push_back(info(derivation).channel.key);
  return object;
}

json actuator_json(const ActuatorConfig& actuator) {
  auto object = device_json(actuator);
  object["topic"] = actuator.topic;
  object["command_topic"] = actuator.command_topic;
  object["result_topic"] = actuator.result_topic;
  return object;
}

template <class Configs>
void collect_drivers(std::set<std::string>& drivers, const Configs& configs) {
  for (const auto& config : configs) drivers.insert(std::string(config.driver.name()));
}

}  // namespace

json info_json(const Config& config, bool simulated) {
  std::set<std::string> drivers;
  collect_drivers(drivers, config.sensors);
  collect_drivers(drivers, config.actuators);
  json info{{"version", version()},
            {"name", config.name},
            {"hostname", config.hostname},
            {"board", config.board},
            {"base_topic", config.mqtt.base_topic},
            {"drivers", drivers},
            {"sensors", json::object()},
            {"actuators", json::object()}};
  for (const auto& sensor : config.sensors) info["sensors"][sensor.id] = sensor_json(sensor);
  for (const auto& actuator : config.actuators) info["actuators"][actuator.id] = actuator_json(actuator);
  if (simulated) info["simulated"] = true;
  return info;
}

}  // namespace b2m
