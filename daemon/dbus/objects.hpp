// The objects of a gateway on one connection: /org/board2mqtt, and below it one for each sensor and actuator.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/reload_report.hpp"
#include "daemon/dbus/authority.hpp"
#include "daemon/dbus/bus.hpp"
#include "daemon/dbus/gateway_port.hpp"
#include "daemon/loop/event_loop.hpp"

namespace b2m::dbus {

/// Loads the configuration again. Empty where that is not possible.
using Reload = std::function<ReloadReport()>;

/// What changes is told at most once each `pace`, and nothing is put into a connection that takes nothing. Loop only.
class Objects {
 public:
  static constexpr std::chrono::milliseconds pace{200};

  /// The port outlives it.
  Objects(EventLoop& loop, GatewayPort& port, Reload reload);
  Objects(const Objects&) = delete;
  Objects& operator=(const Objects&) = delete;

  /// Offers the objects on a connection, which is to be taken back with hide() before it is closed.
  void show(sd_bus* bus);
  void hide();

  void sensor_changed(std::string_view id);
  void actuator_changed(std::string_view id);
  void gateway_changed();
  void devices_changed();

 private:
  struct Vtables;
  struct Device {
    Objects* owner;
    std::string id;
  };
  using Devices = std::map<std::string, Device, std::less<>>;
  using Ids = std::set<std::string, std::less<>>;

  void offer_devices(const char* prefix, const char* interface, const sd_bus_vtable* vtable, sd_bus_object_find_t find,
                     sd_bus_node_enumerator_t enumerate);
  void know(Devices& known, std::vector<std::string> now, const char* prefix, const char* interface);

  void read(sd_bus_message* call, const std::vector<std::string>& sensors);
  void set(sd_bus_message* call, const std::string& actuator, const std::string& command);
  void reload(sd_bus_message* call);

  void arm(std::chrono::milliseconds delay = pace);
  void tell_changes();
  void tell_devices(Ids& changed, const char* prefix, const char* interface,
                    const std::vector<const char*>& properties);
  void tell_gateway();

  EventLoop& loop_;
  GatewayPort& port_;
  Reload reload_;
  Authority authority_;
  Timer timer_;
  sd_bus* bus_ = nullptr;
  std::vector<Slot> slots_;
  Devices sensors_;
  Devices actuators_;
  Ids changed_sensors_;
  Ids changed_actuators_;
  GatewayStatus told_;
};

}  // namespace b2m::dbus
