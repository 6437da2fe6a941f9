#include "daemon/dbus/objects.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <tuple>
#include <utility>

#include "daemon/dbus/names.hpp"
#include "daemon/dbus/properties.hpp"

namespace b2m::dbus {
namespace {

// Signals that wait to be written. A bus that takes no more is hung, and what changes is told when it takes some again.
constexpr std::uint64_t most_waiting_signals = 256;
// The queue moves without anybody telling: it is looked at again until it stands still.
constexpr std::chrono::milliseconds settling{1000};

/// The names of the properties that change.
template <class Status>
const std::vector<const char*>& changing_properties() {
  static const auto names = [] {
    std::vector<const char*> changing;
    for_each_property<Status>([&](const auto& property) {
      if (!property.constant) changing.push_back(property.name);
    });
    return changing;
  }();
  return names;
}

/// sd-bus takes lists of names as its own, changeable ones, and changes nothing.
void emit_changed(sd_bus* bus, const std::string& path, const char* interface, std::vector<const char*> names) {
  names.push_back(nullptr);
  sd_bus_emit_properties_changed_strv(bus, path.c_str(), interface, const_cast<char**>(names.data()));  // NOLINT
}

std::string read_string(sd_bus_message* call) {
  std::string text;
  Wire<std::string>::read(call, text);
  return text;
}

}  // namespace

/// What sd-bus calls, by C function pointers.
struct Objects::Vtables {
  static int find(const Devices& devices, const char* prefix, const char* path, void** found) {
    const auto device = devices.find(device_id(prefix, path));
    if (device == devices.end()) return 0;
    *found = const_cast<Device*>(&device->second);  // NOLINT: a void* of C; the getters only read
    return 1;
  }
  static int find_sensor(sd_bus*, const char* path, const char*, void* self, void** found, sd_bus_error*) {
    return find(static_cast<Objects*>(self)->sensors_, sensors_path, path, found);
  }
  static int find_actuator(sd_bus*, const char* path, const char*, void* self, void** found, sd_bus_error*) {
    return find(static_cast<Objects*>(self)->actuators_, actuators_path, path, found);
  }

  /// The list and its texts are sd-bus's to free.
  static int enumerate(const Devices& devices, const char* prefix, char*** nodes) {
    auto* list = static_cast<char**>(std::calloc(devices.size() + 1, sizeof(char*)));  // NOLINT
    if (list == nullptr) return -ENOMEM;
    std::size_t count = 0;
    for (const auto& [id, device] : devices) list[count++] = strdup(device_path(prefix, id).c_str());
    *nodes = list;
    return 0;
  }
  static int enumerate_sensors(sd_bus*, const char*, void* self, char*** nodes, sd_bus_error*) {
    return enumerate(static_cast<Objects*>(self)->sensors_, sensors_path, nodes);
  }
  static int enumerate_actuators(sd_bus*, const char*, void* self, char*** nodes, sd_bus_error*) {
    return enumerate(static_cast<Objects*>(self)->actuators_, actuators_path, nodes);
  }

  static std::optional<GatewayStatus> look(const Objects& self, const GatewayStatus*) { return self.port_.gateway(); }
  static std::optional<SensorStatus> look(const Device& device, const SensorStatus*) {
    return device.owner->port_.sensor(device.id);
  }
  static std::optional<ActuatorStatus> look(const Device& device, const ActuatorStatus*) {
    return device.owner->port_.actuator(device.id);
  }
  template <class Status>
  using Object = std::conditional_t<std::is_same_v<Status, GatewayStatus>, Objects, Device>;
  static Objects& owner(Objects& self) { return self; }
  static Objects& owner(Device& device) { return *device.owner; }

  template <class Status, std::size_t index>
  static int get(sd_bus*, const char*, const char*, const char*, sd_bus_message* reply, void* userdata, sd_bus_error*) {
    auto& object = *static_cast<Object<Status>*>(userdata);
    int result = 0;
    owner(object).loop_.guarded([&] {
      const auto status = look(object, static_cast<const Status*>(nullptr));
      if (!status) return void(result = -ENOENT);
      const auto& value = (*status).*std::get<index>(properties<Status>).member;
      Wire<std::decay_t<decltype(value)>>::write(reply, value);
    });
    return result;
  }

  /// Reads the arguments of a call, and acts once its sender is known to be allowed to.
  template <class Act>
  static int acting(Objects& self, sd_bus_message* call, Act act) {
    self.loop_.guarded([&] { self.authority_.when_allowed(call, std::move(act)); });
    return 1;
  }
  static int read_all(sd_bus_message* call, void* userdata, sd_bus_error*) {
    auto& self = *static_cast<Objects*>(userdata);
    self.loop_.guarded([&] { self.read(call, self.port_.sensors()); });
    return 1;
  }
  static int read_one(sd_bus_message* call, void* userdata, sd_bus_error*) {
    auto& device = *static_cast<Device*>(userdata);
    device.owner->loop_.guarded([&] { device.owner->read(call, {device.id}); });
    return 1;
  }
  static int set_named(sd_bus_message* call, void* userdata, sd_bus_error*) {
    auto& self = *static_cast<Objects*>(userdata);
    auto actuator = read_string(call);
    auto command = read_string(call);
    return acting(self, call,
                  [&self, actuator, command](sd_bus_message* asked) { self.set(asked, actuator, command); });
  }
  static int set_this(sd_bus_message* call, void* userdata, sd_bus_error*) {
    auto& device = *static_cast<Device*>(userdata);
    auto& self = *device.owner;
    return acting(self, call, [&self, actuator = device.id, command = read_string(call)](sd_bus_message* asked) {
      self.set(asked, actuator, command);
    });
  }
  static int reload(sd_bus_message* call, void* userdata, sd_bus_error*) {
    auto& self = *static_cast<Objects*>(userdata);
    return acting(self, call, [&self](sd_bus_message* asked) { self.reload(asked); });
  }

  /// The flag UNPRIVILEGED turns sd-bus's own check off, which would wait for the bus; Authority checks.
  static constexpr std::uint64_t method_flags = SD_BUS_VTABLE_UNPRIVILEGED;

  template <class Status, std::size_t... index>
  static std::vector<sd_bus_vtable> with_properties(std::vector<sd_bus_vtable> methods, std::index_sequence<index...>) {
    const auto flags = [](bool constant) {
      return constant ? SD_BUS_VTABLE_PROPERTY_CONST : SD_BUS_VTABLE_PROPERTY_EMITS_CHANGE;
    };
    std::vector<sd_bus_vtable> table{SD_BUS_VTABLE_START(0)};
    (table.push_back(SD_BUS_PROPERTY(
         std::get<index>(properties<Status>).name,
         Wire<std::decay_t<decltype(std::declval<Status>().*std::get<index>(properties<Status>).member)>>::signature,
         (&get<Status, index>), 0, flags(std::get<index>(properties<Status>).constant))),
     ...);
    table.insert(table.end(), methods.begin(), methods.end());
    table.push_back(SD_BUS_VTABLE_END);
    return table;
  }
  template <class Status>
  static std::vector<sd_bus_vtable> table(std::vector<sd_bus_vtable> methods) {
    return with_properties<Status>(
        std::move(methods), std::make_index_sequence<std::tuple_size_v<std::decay_t<decltype(properties<Status>)>>>());
  }

  static const sd_bus_vtable* gateway() {
    static const auto table = Vtables::table<GatewayStatus>({
        SD_BUS_METHOD_WITH_ARGS("Read", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, read_all, method_flags),
        SD_BUS_METHOD_WITH_ARGS("Set", SD_BUS_ARGS("s", actuator, "s", command), SD_BUS_RESULT("s", output), set_named,
                                method_flags),
        SD_BUS_METHOD_WITH_ARGS("Reload", SD_BUS_NO_ARGS, SD_BUS_RESULT("b", accepted, "as", diagnostics),
                                Vtables::reload, method_flags),
    });
    return table.data();
  }
  static const sd_bus_vtable* sensor() {
    static const auto table = Vtables::table<SensorStatus>({
        SD_BUS_METHOD_WITH_ARGS("Read", SD_BUS_NO_ARGS, SD_BUS_NO_RESULT, read_one, method_flags),
    });
    return table.data();
  }
  static const sd_bus_vtable* actuator() {
    static const auto table = Vtables::table<ActuatorStatus>({
        SD_BUS_METHOD_WITH_ARGS("Set", SD_BUS_ARGS("s", command), SD_BUS_RESULT("s", output), set_this, method_flags),
    });
    return table.data();
  }
};

Objects::Objects(EventLoop& loop, GatewayPort& port, Reload reload)
    : loop_(loop), port_(port), reload_(std::move(reload)), authority_(loop), timer_(loop, [this] {
        tell_changes();
      }) {}

// ---- on a connection ----

void Objects::show(sd_bus* bus) {
  bus_ = bus;
  know(sensors_, port_.sensors(), sensors_path, sensor_interface);
  know(actuators_, port_.actuators(), actuators_path, actuator_interface);
  told_ = port_.gateway();
  sd_bus_slot* slot = nullptr;
  check(sd_bus_add_object_manager(bus, &slot, gateway_path), "object manager");
  slots_.emplace_back(slot);
  check(sd_bus_add_object_vtable(bus, &slot, gateway_path, gateway_interface, Vtables::gateway(), this), "object");
  slots_.emplace_back(slot);
  offer_devices(sensors_path, sensor_interface, Vtables::sensor(), Vtables::find_sensor, Vtables::enumerate_sensors);
  offer_devices(actuators_path, actuator_interface, Vtables::actuator(), Vtables::find_actuator,
                Vtables::enumerate_actuators);
}

void Objects::offer_devices(const char* prefix, const char* interface, const sd_bus_vtable* vtable,
                            sd_bus_object_find_t find, sd_bus_node_enumerator_t enumerate) {
  sd_bus_slot* slot = nullptr;
  check(sd_bus_add_fallback_vtable(bus_, &slot, prefix, interface, vtable, find, this), "objects");
  slots_.emplace_back(slot);
  check(sd_bus_add_node_enumerator(bus_, &slot, prefix, enumerate, this), "objects");
  slots_.emplace_back(slot);
}

void Objects::hide() {
  authority_.forget();
  slots_.clear();
  timer_.cancel();
  changed_sensors_.clear();
  changed_actuators_.clear();
  bus_ = nullptr;
}

/// Learns which devices there are now, and tells those who follow which have come and gone.
void Objects::know(Devices& known, std::vector<std::string> now, const char* prefix, const char* interface) {
  const bool follow = !slots_.empty();
  for (auto at = known.begin(); at != known.end();) {
    if (std::find(now.begin(), now.end(), at->first) != now.end()) {
      ++at;
      continue;
    }
    const auto path = device_path(prefix, at->first);
    at = known.erase(at);
    if (follow) sd_bus_emit_interfaces_removed(bus_, path.c_str(), interface, nullptr);
  }
  for (auto& id : now) {
    const auto [at, is_new] = known.try_emplace(id, Device{this, id});
    if (is_new && follow) sd_bus_emit_interfaces_added(bus_, device_path(prefix, id).c_str(), interface, nullptr);
  }
}

// ---- what is asked for ----

void Objects::read(sd_bus_message* call, const std::vector<std::string>& sensors) {
  for (const auto& sensor : sensors) port_.read(sensor);
  sd_bus_reply_method_return(call, nullptr);
}

void Objects::set(sd_bus_message* call, const std::string& actuator, const std::string& command) {
  // The call keeps its connection: an answer that comes after that has been closed goes nowhere.
  port_.set(actuator, command, [asked = std::shared_ptr<sd_bus_message>(share(call))](const SetOutcome& outcome) {
    if (outcome.refusal) {
      sd_bus_reply_method_errorf(asked.get(), error_name(outcome.refusal->error).c_str(), "%s",
                                 outcome.refusal->message.c_str());
    } else {
      sd_bus_reply_method_return(asked.get(), "s", outcome.output.c_str());
    }
  });
}

void Objects::reload(sd_bus_message* call) {
  if (!reload_) {
    sd_bus_reply_method_errorf(call, SD_BUS_ERROR_NOT_SUPPORTED, "this daemon cannot load its configuration again");
    return;
  }
  const auto report = reload_();
  sd_bus_message* reply = nullptr;
  check(sd_bus_message_new_method_return(call, &reply), "reply");
  const Message owned(reply);
  Wire<bool>::write(reply, report.accepted);
  Wire<std::vector<std::string>>::write(reply, report.diagnostics);
  sd_bus_send(nullptr, reply, nullptr);
}

// ---- what changes ----

void Objects::sensor_changed(std::string_view id) {
  if (bus_ == nullptr) return;
  changed_sensors_.emplace(id);
  arm();
}

void Objects::actuator_changed(std::string_view id) {
  if (bus_ == nullptr) return;
  changed_actuators_.emplace(id);
  arm();
}

void Objects::gateway_changed() { arm(); }

void Objects::devices_changed() {
  if (bus_ == nullptr) return;
  know(sensors_, port_.sensors(), sensors_path, sensor_interface);
  know(actuators_, port_.actuators(), actuators_path, actuator_interface);
  for (const auto& [id, device] : sensors_) changed_sensors_.insert(id);
  for (const auto& [id, device] : actuators_) changed_actuators_.insert(id);
  arm();
}

/// The first change waits for those that come right behind it.
void Objects::arm(std::chrono::milliseconds delay) {
  if (bus_ != nullptr && !timer_.armed()) timer_.arm_after(delay);
}

void Objects::tell_changes() {
  std::uint64_t waiting = 0;
  if (sd_bus_get_n_queued_write(bus_, &waiting) < 0 || waiting > most_waiting_signals) return arm();
  tell_devices(changed_sensors_, sensors_path, sensor_interface, changing_properties<SensorStatus>());
  tell_devices(changed_actuators_, actuators_path, actuator_interface, changing_properties<ActuatorStatus>());
  tell_gateway();
}

void Objects::tell_devices(Ids& changed, const char* prefix, const char* interface,
                           const std::vector<const char*>& properties) {
  for (const auto& id : std::exchange(changed, {})) emit_changed(bus_, device_path(prefix, id), interface, properties);
}

/// Of the gateway only what differs from what was told before.
void Objects::tell_gateway() {
  auto now = port_.gateway();
  std::vector<const char*> names;
  for_each_property<GatewayStatus>([&](const auto& property) {
    if (now.*property.member != told_.*property.member) names.push_back(property.name);
  });
  if (names.empty()) return;
  told_ = std::move(now);
  emit_changed(bus_, gateway_path, gateway_interface, names);
  if (!timer_.armed()) timer_.arm_after(settling);
}

}  // namespace b2m::dbus
