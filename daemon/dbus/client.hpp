// A running gateway as another process sees it over the bus.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "daemon/config/reload_report.hpp"
#include "daemon/dbus/bus.hpp"
#include "daemon/dbus/gateway_port.hpp"
#include "daemon/loop/event_loop.hpp"

namespace b2m::dbus {

/// Why a gateway cannot be asked, in words for people that name the way out.
class Unreachable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Everything a gateway shows.
struct Snapshot {
  bool running = false;  ///< else the rest is what was known last
  GatewayStatus gateway = {};
  std::map<std::string, SensorStatus> sensors = {};
  std::map<std::string, ActuatorStatus> actuators = {};
};

/// Waits for its answers; one thread. It never starts the daemon: what is not running is said.
class Client {
 public:
  /// Throws Unreachable.
  explicit Client(BusType type);

  /// Throws Unreachable, as the next ones do.
  [[nodiscard]] Snapshot snapshot();
  [[nodiscard]] SetOutcome set(const std::string& actuator, const std::string& command);
  [[nodiscard]] ReloadReport reload();

  /// What a change was of; empty ids for the gateway itself.
  struct Change {
    std::string sensor = {};
    std::string actuator = {};
  };
  /// From now on keeps `snapshot` as the gateway is, by what that tells, and calls `changed` after each change. Loop
  /// only. Throws Unreachable from the loop when the bus is lost; a daemon that ends and starts again is followed.
  void follow(EventLoop& loop, Snapshot& snapshot, std::function<void(const Change&)> changed);

 private:
  struct Following;

  [[nodiscard]] Message new_call(const char* path, const char* interface, const char* member) const;
  [[nodiscard]] Message call(sd_bus_message* request, std::chrono::seconds limit, CallError& error) const;
  [[nodiscard]] Message call_or_throw(sd_bus_message* request) const;
  [[noreturn]] void throw_unreachable(CallError& error) const;

  BusType type_;
  BusConnection bus_;
  std::vector<Slot> slots_;
  std::shared_ptr<Following> following_;
};

}  // namespace b2m::dbus
