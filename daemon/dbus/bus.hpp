// sd-bus behind owning types.
#pragma once

#include <systemd/sd-bus.h>

#include <memory>
#include <string>

#include "daemon/dbus/bus_type.hpp"

namespace b2m::dbus {

struct CloseBus {
  /// Does not wait for what is not sent yet.
  void operator()(sd_bus* bus) const noexcept { sd_bus_close_unref(bus); }
};
struct UnrefSlot {
  void operator()(sd_bus_slot* slot) const noexcept { sd_bus_slot_unref(slot); }
};
struct UnrefMessage {
  void operator()(sd_bus_message* message) const noexcept { sd_bus_message_unref(message); }
};
using BusConnection = std::unique_ptr<sd_bus, CloseBus>;
using Slot = std::unique_ptr<sd_bus_slot, UnrefSlot>;
using Message = std::unique_ptr<sd_bus_message, UnrefMessage>;

/// Another reference to it.
[[nodiscard]] inline Message share(sd_bus_message* message) { return Message(sd_bus_message_ref(message)); }

/// The error of a call, freed at the end.
class CallError {
 public:
  CallError() = default;
  ~CallError() { sd_bus_error_free(&error_); }
  CallError(const CallError&) = delete;
  CallError& operator=(const CallError&) = delete;
  [[nodiscard]] sd_bus_error* get() noexcept { return &error_; }
  [[nodiscard]] bool is_set() const noexcept { return error_.name != nullptr; }
  [[nodiscard]] std::string name() const { return error_.name == nullptr ? "" : error_.name; }
  [[nodiscard]] std::string message() const { return error_.message == nullptr ? "" : error_.message; }

 private:
  sd_bus_error error_ = SD_BUS_ERROR_NULL;
};

/// Begins to connect to the bus that DBUS_SYSTEM_BUS_ADDRESS, DBUS_SESSION_BUS_ADDRESS or the usual place names; a
/// negative errno where there is none.
[[nodiscard]] inline int open_bus(BusType type, BusConnection& bus) {
  sd_bus* opened = nullptr;
  const int result = type == BusType::system ? sd_bus_open_system_with_description(&opened, "board2mqtt")
                                             : sd_bus_open_user_with_description(&opened, "board2mqtt");
  bus.reset(opened);
  return result;
}

}  // namespace b2m::dbus
