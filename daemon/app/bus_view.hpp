// The gateway as the D-Bus service sees it: the newest of every device, and the roads that commands take.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/app/command_intake.hpp"
#include "daemon/app/config_change.hpp"
#include "daemon/app/devices.hpp"
#include "daemon/dbus/gateway_port.hpp"
#include "daemon/flow/rule_runner.hpp"
#include "daemon/mqtt/session.hpp"

namespace b2m {

/// Loop only.
class BusView final : public dbus::GatewayPort {
 public:
  /// All outlive it.
  BusView(const Config& config, Devices& devices, const Commander& commander, CommandIntake& commands,
          const RuleRunner& rules, const Session& session)
      : config_(config),
        devices_(devices),
        commander_(commander),
        commands_(commands),
        rules_(rules),
        session_(session) {}

  // What the devices tell.
  void measured(const SensorConfig& sensor, std::span<const Channel> channels, const Measurement& measurement);
  void sensor_changed(std::string_view id);
  void reached(const ActuatorConfig& actuator);
  void actuator_changed(std::string_view id);
  void gateway_changed();
  /// Devices have come or gone; what is known of those that have ended is forgotten.
  void devices_changed(const DeviceChange& sensors, const DeviceChange& actuators);

  void listen(dbus::GatewayListener* listener) override { listener_ = listener; }
  [[nodiscard]] dbus::GatewayStatus gateway() const override;
  [[nodiscard]] std::vector<std::string> sensors() const override;
  [[nodiscard]] std::vector<std::string> actuators() const override;
  [[nodiscard]] std::optional<dbus::SensorStatus> sensor(std::string_view id) const override;
  [[nodiscard]] std::optional<dbus::ActuatorStatus> actuator(std::string_view id) const override;
  void read(std::string_view sensor) override;
  void set(std::string_view actuator, std::string_view command,
           std::function<void(const dbus::SetOutcome&)> done) override;

 private:
  /// The newest of a channel: a value, or why there is none.
  struct Newest {
    std::string channel;
    std::string_view unit;
    std::optional<Result<dbus::Value>> value = {};
    Moment moment = {};
  };
  static std::vector<Newest> arrange(std::vector<Newest> known, std::span<const Channel> channels);
  template <class Device>
  [[nodiscard]] dbus::SensorStatus describe(const Device& device) const;

  const Config& config_;
  Devices& devices_;
  const Commander& commander_;
  CommandIntake& commands_;
  const RuleRunner& rules_;
  const Session& session_;
  const WallTime started_ = WallClock::now();
  dbus::GatewayListener* listener_ = nullptr;
  std::map<std::string, std::vector<Newest>, std::less<>> newest_;  ///< by sensor
  std::map<std::string, SteadyTime, std::less<>> last_read_;        ///< by sensor
  std::map<std::string, Moment, std::less<>> reached_;              ///< by actuator
};

}  // namespace b2m
