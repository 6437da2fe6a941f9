// A gateway that shows what a test puts into it.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "daemon/dbus/gateway_port.hpp"

namespace b2m::dbus {

struct FakeGateway final : GatewayPort {
  GatewayStatus status = {.version = "1.2.3", .name = "fake"};
  std::map<std::string, SensorStatus, std::less<>> sensor_rows;
  std::map<std::string, ActuatorStatus, std::less<>> actuator_rows;
  std::vector<std::string> reads;
  std::vector<std::pair<std::string, std::string>> commands;
  SetOutcome outcome = {.output = "ON"};
  GatewayListener* listener = nullptr;

  void listen(GatewayListener* one) override { listener = one; }
  [[nodiscard]] GatewayStatus gateway() const override { return status; }
  [[nodiscard]] std::vector<std::string> sensors() const override { return ids(sensor_rows); }
  [[nodiscard]] std::vector<std::string> actuators() const override { return ids(actuator_rows); }
  [[nodiscard]] std::optional<SensorStatus> sensor(std::string_view id) const override { return row(sensor_rows, id); }
  [[nodiscard]] std::optional<ActuatorStatus> actuator(std::string_view id) const override {
    return row(actuator_rows, id);
  }
  void read(std::string_view sensor) override { reads.emplace_back(sensor); }
  void set(std::string_view actuator, std::string_view command, std::function<void(const SetOutcome&)> done) override {
    commands.emplace_back(actuator, command);
    done(outcome);
  }

 private:
  template <class Rows>
  static std::vector<std::string> ids(const Rows& rows) {
    std::vector<std::string> ids;
    for (const auto& [id, row] : rows) ids.push_back(id);
    return ids;
  }
  template <class Rows>
  static std::optional<typename Rows::mapped_type> row(const Rows& rows, std::string_view id) {
    const auto at = rows.find(id);
    return at == rows.end() ? std::nullopt : std::optional(at->second);
  }
};

}  // namespace b2m::dbus
