#include "daemon/mqtt/health.hpp"

#include <nlohmann/json.hpp>

#include "daemon/config/broker_url.hpp"
#include "daemon/mqtt/payload.hpp"
#include "daemon/mqtt/protocol.hpp"

namespace b2m {
namespace {

nlohmann::json to_json(const HealthReport::Sensor& sensor) {
  nlohmann::json json{{"good", sensor.good}, {"failed", sensor.failed}};
  if (!sensor.state.empty()) json["state"] = sensor.state;
  if (sensor.lost_edges != 0) json["lost_edges"] = sensor.lost_edges;
  if (!sensor.error.empty()) json["error"] = sensor.error;
  return json;
}

nlohmann::json to_json(const HealthReport::Actuator& actuator) {
  nlohmann::json json{{"state", actuator.state}};
  if (!actuator.output.empty()) json.update({{"output", actuator.output}, {"cause", actuator.cause}});
  if (!actuator.error.empty()) json["error"] = actuator.error;
  return json;
}

nlohmann::json to_json(const HealthReport::Rule& rule) {
  nlohmann::json json{{"state", rule.state}, {"fired", rule.fired}};
  if (!rule.why.empty()) json["why"] = rule.why;
  return json;
}

/// An object with a member for each row, by `key`.
template <class Rows, class Key>
nlohmann::json by_key(const Rows& rows, Key key) {
  auto object = nlohmann::json::object();
  for (const auto& row : rows) object[row.*key] = to_json(row);
  return object;
}

}  // namespace

nlohmann::json to_json(const LinkStatus& link) {
  nlohmann::json json{
      {"connected", link.connected},   {"broker", link.broker},     {"protocol", to_string(link.protocol)},
      {"reconnects", link.reconnects}, {"inflight", link.inflight}, {"published", link.published},
      {"subscribed", link.subscribed}};
  if (link.since) json["since"] = format_time(*link.since);
  if (!link.last_error.empty()) json["last_error"] = link.last_error;
  return json;
}

nlohmann::json to_json(const HealthReport& report) {
  using Milliseconds = std::chrono::duration<double, std::milli>;
  return {{"time", format_time(report.time)},
          {"uptime_s", report.uptime.count()},
          {"version", report.version},
          {"link", to_json(report.link)},
          {"queue", report.link.queued},
          {"dropped", report.link.dropped},
          {"sensors", by_key(report.sensors, &HealthReport::Sensor::id)},
          {"actuators", by_key(report.actuators, &HealthReport::Actuator::id)},
          {"rules", by_key(report.rules, &HealthReport::Rule::name)},
          {"loop_delay_ms", Milliseconds(report.loop_delay).count()},
          {"memory_bytes", report.memory_bytes},
          {"clock", report.clock_synchronised ? "synchronised" : "unsynchronised"}};
}

}  // namespace b2m
