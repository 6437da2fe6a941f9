#include "daemon/dbus/client.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "daemon/dbus/names.hpp"
#include "daemon/dbus/properties.hpp"

namespace b2m::dbus {
namespace {

constexpr const char* properties_interface = "org.freedesktop.DBus.Properties";
constexpr const char* manager_interface = "org.freedesktop.DBus.ObjectManager";

// A command may wait for slow hardware, min_off or another one's end; reading what is known takes no time.
constexpr std::chrono::seconds answer_limit{10};
constexpr std::chrono::seconds action_limit{60};

/// Reads an a{sa{sv}} of an object's interfaces; false when none of them is Status's.
template <class Status>
void read_interfaces(sd_bus_message* message, const char* interface, std::map<std::string, Status>& into) {
  check(sd_bus_message_enter_container(message, 'a', "{sa{sv}}"), "read");
  while (check(sd_bus_message_enter_container(message, 'e', "sa{sv}"), "read") > 0) {
    std::string name;
    Wire<std::string>::read(message, name);
    if (name == interface) {
      Status status;
      read_properties(message, status);
      into.insert_or_assign(status.id, status);
    } else {
      check(sd_bus_message_skip(message, "a{sv}"), "read");
    }
    check(sd_bus_message_exit_container(message), "read");
  }
  check(sd_bus_message_exit_container(message), "read");
}

/// The a{oa{sa{sv}}} of GetManagedObjects.
void read_objects(sd_bus_message* message, Snapshot& snapshot) {
  check(sd_bus_message_enter_container(message, 'a', "{oa{sa{sv}}}"), "read");
  while (check(sd_bus_message_enter_container(message, 'e', "oa{sa{sv}}"), "read") > 0) {
    const char* path = nullptr;
    check(sd_bus_message_read_basic(message, 'o', &path), "read");
    if (!device_id(sensors_path, path).empty()) {
      read_interfaces(message, sensor_interface, snapshot.sensors);
    } else if (!device_id(actuators_path, path).empty()) {
      read_interfaces(message, actuator_interface, snapshot.actuators);
    } else {
      check(sd_bus_message_skip(message, "a{sa{sv}}"), "read");
    }
    check(sd_bus_message_exit_container(message), "read");
  }
  check(sd_bus_message_exit_container(message), "read");
}

bool is_disconnection(int code) { return code == ECONNRESET || code == ENOTCONN || code == EPIPE || code == ESHUTDOWN; }

}  // namespace

Client::Client(BusType type) : type_(type) {
  if (const int result = open_bus(type, bus_); result < 0)
    throw Unreachable(
        fmt::format("cannot reach {}: {}. Is it running, and is this the bus that the daemon was started with (--bus)?",
                    words(type), std::strerror(-result)));
}

Message Client::new_call(const char* path, const char* interface, const char* member) const {
  sd_bus_message* request = nullptr;
  check(sd_bus_message_new_method_call(bus_.get(), &request, bus_name, path, interface, member), "call");
  Message owned(request);
  check(sd_bus_message_set_auto_start(request, 0), "call");
  return owned;
}

/// Null with `error` set when it was answered with one or not at all.
Message Client::call(sd_bus_message* request, std::chrono::seconds limit, CallError& error) const {
  sd_bus_message* reply = nullptr;
  const auto usec = static_cast<std::uint64_t>(std::chrono::microseconds(limit).count());
  sd_bus_call(bus_.get(), request, usec, error.get(), &reply);
  return Message(reply);
}

Message Client::call_or_throw(sd_bus_message* request) const {
  CallError error;
  auto reply = call(request, answer_limit, error);
  if (!reply) throw_unreachable(error);
  return reply;
}

void Client::throw_unreachable(CallError& error) const {
  const auto why = error.name();
  if (why == SD_BUS_ERROR_SERVICE_UNKNOWN || why == SD_BUS_ERROR_NAME_HAS_NO_OWNER)
    throw Unreachable(fmt::format(
        "the daemon is not running, or not on {}. Start it with `systemctl start board2mqtt`, or name the bus that it "
        "was started with (--bus)",
        words(type_)));
  if (why == SD_BUS_ERROR_ACCESS_DENIED)
    throw Unreachable(
        fmt::format("not allowed: only root and the members of the group {0} may do this. Use sudo, or join the group "
                    "(`sudo adduser $USER {0}`) and log in again",
                    acting_group));
  if (why == SD_BUS_ERROR_NO_REPLY || why == SD_BUS_ERROR_TIMEOUT)
    throw Unreachable("the daemon does not answer; its journal may say why (`journalctl -u board2mqtt`)");
  if (is_disconnection(sd_bus_error_get_errno(error.get())))
    throw Unreachable(fmt::format("{} has closed the connection: {}", words(type_), error.message()));
  throw Unreachable(error.message().empty() ? why : error.message());
}

Snapshot Client::snapshot() {
  Snapshot snapshot{.running = true};
  const auto about_gateway = new_call(gateway_path, properties_interface, "GetAll");
  check(sd_bus_message_append(about_gateway.get(), "s", gateway_interface), "call");
  read_properties(call_or_throw(about_gateway.get()).get(), snapshot.gateway);
  const auto about_devices = new_call(gateway_path, manager_interface, "GetManagedObjects");
  read_objects(call_or_throw(about_devices.get()).get(), snapshot);
  return snapshot;
}

SetOutcome Client::set(const std::string& actuator, const std::string& command) {
  const auto request = new_call(gateway_path, gateway_interface, "Set");
  check(sd_bus_message_append(request.get(), "ss", actuator.c_str(), command.c_str()), "call");
  CallError error;
  const auto reply = call(request.get(), action_limit, error);
  if (!reply) {
    if (!error.name().starts_with(error_prefix)) throw_unreachable(error);
    return {.refusal = Refusal{error_word(error.name()), error.message()}};
  }
  SetOutcome outcome;
  Wire<std::string>::read(reply.get(), outcome.output);
  return outcome;
}

ReloadReport Client::reload() {
  const auto request = new_call(gateway_path, gateway_interface, "Reload");
  CallError error;
  const auto reply = call(request.get(), action_limit, error);
  if (!reply) throw_unreachable(error);
  ReloadReport report;
  Wire<bool>::read(reply.get(), report.accepted);
  Wire<std::vector<std::string>>::read(reply.get(), report.diagnostics);
  return report;
}

// ---- following ----

/// What the gateway tells, put into a snapshot.
struct Client::Following {
  Client& client;
  EventLoop& loop;
  Snapshot& snapshot;
  std::function<void(const Change&)> changed;
  Timer refresh;  ///< so that many comings and goings cost one look

  Following(Client& of, EventLoop& on, Snapshot& into, std::function<void(const Change&)> call)
      : client(of), loop(on), snapshot(into), changed(std::move(call)), refresh(on, [this] { look(); }) {}

  void look() {
    try {
      snapshot = client.snapshot();
    } catch (const Unreachable&) {
      snapshot.running = false;  // between two daemons; the next one's coming is told
    }
    changed({});
  }

  void look_soon() {
    if (!refresh.armed()) refresh.arm_after(std::chrono::milliseconds(100));
  }

  static int on_properties(sd_bus_message* message, void* userdata, sd_bus_error*) {
    auto& self = *static_cast<Following*>(userdata);
    return self.loop.guarded([&] { self.properties_changed(message); });
  }
  static int on_devices(sd_bus_message*, void* userdata, sd_bus_error*) {
    auto& self = *static_cast<Following*>(userdata);
    return self.loop.guarded([&] { self.look_soon(); });
  }
  static int on_owner(sd_bus_message* message, void* userdata, sd_bus_error*) {
    auto& self = *static_cast<Following*>(userdata);
    return self.loop.guarded([&] {
      const char* name = nullptr;
      const char* before = nullptr;
      const char* now = nullptr;
      check(sd_bus_message_read(message, "sss", &name, &before, &now), "read");
      self.snapshot.running = *now != '\0';
      if (self.snapshot.running) return self.look_soon();
      self.changed({});
    });
  }
  static int on_disconnected(sd_bus_message*, void* userdata, sd_bus_error*) {
    auto& self = *static_cast<Following*>(userdata);
    return self.loop.guarded([&] { throw Unreachable(fmt::format("{} is gone", words(self.client.type_))); });
  }

  void properties_changed(sd_bus_message* message) {
    const char* path = sd_bus_message_get_path(message);
    std::string interface;
    Wire<std::string>::read(message, interface);
    Change change{device_id(sensors_path, path), device_id(actuators_path, path)};
    const auto update = [&](auto& devices, const std::string& id) {
      const auto known = devices.find(id);
      if (known == devices.end()) return look_soon();
      read_properties(message, known->second);
      changed(change);
    };
    if (interface == gateway_interface) {
      read_properties(message, snapshot.gateway);
      changed(change);
    } else if (interface == sensor_interface) {
      update(snapshot.sensors, change.sensor);
    } else if (interface == actuator_interface) {
      update(snapshot.actuators, change.actuator);
    }
  }
};

void Client::follow(EventLoop& loop, Snapshot& snapshot, std::function<void(const Change&)> changed) {
  following_ = std::make_shared<Following>(*this, loop, snapshot, std::move(changed));
  const auto match = [&](const std::string& rule, sd_bus_message_handler_t handler) {
    sd_bus_slot* slot = nullptr;
    const int result = sd_bus_add_match(bus_.get(), &slot, rule.c_str(), handler, following_.get());
    slots_.emplace_back(slot);
    if (result < 0) throw Unreachable(fmt::format("cannot follow {}: {}", words(type_), std::strerror(-result)));
  };
  const auto from_gateway = [](const char* interface) {
    return fmt::format("type='signal',sender='{}',path_namespace='{}',interface='{}'", bus_name, gateway_path,
                       interface);
  };
  match(from_gateway(properties_interface), Following::on_properties);
  match(from_gateway(manager_interface), Following::on_devices);
  match(fmt::format("type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='{}'", bus_name),
        Following::on_owner);
  sd_bus_slot* slot = nullptr;
  check(sd_bus_match_signal(bus_.get(), &slot, nullptr, "/org/freedesktop/DBus/Local", "org.freedesktop.DBus.Local",
                            "Disconnected", Following::on_disconnected, following_.get()),
        "match");
  slots_.emplace_back(slot);
  check(sd_bus_attach_event(bus_.get(), loop.get(), SD_EVENT_PRIORITY_NORMAL), "attach");
  snapshot = this->snapshot();  // after the matches, so that nothing falls in between
}

}  // namespace b2m::dbus
