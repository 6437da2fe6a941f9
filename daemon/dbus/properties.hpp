// The properties of the gateway's objects: the one table that the service offers and the client reads.
#pragma once

#include <string>
#include <string_view>
#include <tuple>

#include "daemon/dbus/wire.hpp"

namespace b2m::dbus {

/// A property and the member of Status that holds it.
template <class Status, class Member>
struct Property {
  const char* name;
  Member Status::*member;
  bool constant = false;  ///< never changes while the object is there
};

template <class Status>
inline constexpr auto properties = std::tuple();

template <>
inline constexpr auto properties<GatewayStatus> = std::tuple(
    Property{"Version", &GatewayStatus::version, true}, Property{"Name", &GatewayStatus::name},
    Property{"Board", &GatewayStatus::board}, Property{"Started", &GatewayStatus::started, true},
    Property{"Connected", &GatewayStatus::connected}, Property{"Broker", &GatewayStatus::broker},
    Property{"LinkSince", &GatewayStatus::link_since}, Property{"LinkError", &GatewayStatus::link_error},
    Property{"Queued", &GatewayStatus::queued}, Property{"Published", &GatewayStatus::published},
    Property{"Dropped", &GatewayStatus::dropped}, Property{"ClockSynchronised", &GatewayStatus::clock_synchronised},
    Property{"Rules", &GatewayStatus::rules});

template <>
inline constexpr auto properties<SensorStatus> =
    std::tuple(Property{"Id", &SensorStatus::id, true}, Property{"Driver", &SensorStatus::driver},
               Property{"State", &SensorStatus::state}, Property{"Online", &SensorStatus::online},
               Property{"Error", &SensorStatus::error}, Property{"Good", &SensorStatus::good},
               Property{"Failed", &SensorStatus::failed}, Property{"Readings", &SensorStatus::readings},
               Property{"Units", &SensorStatus::units}, Property{"Errors", &SensorStatus::errors},
               Property{"Times", &SensorStatus::times}, Property{"TimesMonotonic", &SensorStatus::times_monotonic});

template <>
inline constexpr auto properties<ActuatorStatus> =
    std::tuple(Property{"Id", &ActuatorStatus::id, true}, Property{"Driver", &ActuatorStatus::driver},
               Property{"State", &ActuatorStatus::state}, Property{"Output", &ActuatorStatus::output},
               Property{"Unit", &ActuatorStatus::unit}, Property{"Cause", &ActuatorStatus::cause},
               Property{"Since", &ActuatorStatus::since}, Property{"SinceMonotonic", &ActuatorStatus::since_monotonic},
               Property{"Error", &ActuatorStatus::error});

/// Calls `visit` with each property of a status.
template <class Status, class Visit>
void for_each_property(Visit visit) {
  std::apply([&](const auto&... property) { (visit(property), ...); }, properties<Status>);
}

/// Reads an a{sv} of properties into `status`; those it does not know are passed over, those that are missing stay.
template <class Status>
void read_properties(sd_bus_message* message, Status& status) {
  check(sd_bus_message_enter_container(message, 'a', "{sv}"), "read");
  while (check(sd_bus_message_enter_container(message, 'e', "sv"), "read") > 0) {
    std::string name;
    Wire<std::string>::read(message, name);
    bool known = false;
    for_each_property<Status>([&](const auto& property) {
      if (name != property.name) return;
      auto& value = status.*property.member;
      using Type = Wire<std::decay_t<decltype(value)>>;
      check(sd_bus_message_enter_container(message, 'v', Type::signature), "read");
      Type::read(message, value);
      check(sd_bus_message_exit_container(message), "read");
      known = true;
    });
    if (!known) check(sd_bus_message_skip(message, "v"), "read");
    check(sd_bus_message_exit_container(message), "read");
  }
  check(sd_bus_message_exit_container(message), "read");
}

}  // namespace b2m::dbus
