// The names of the gateway on the bus; fixed for ever.
#pragma once

#include <string>
#include <string_view>

namespace b2m::dbus {

inline constexpr const char* bus_name = "org.board2mqtt.Gateway1";
inline constexpr const char* gateway_path = "/org/board2mqtt";
inline constexpr const char* sensors_path = "/org/board2mqtt/sensors";
inline constexpr const char* actuators_path = "/org/board2mqtt/actuators";
inline constexpr const char* gateway_interface = "org.board2mqtt.Gateway1";
inline constexpr const char* sensor_interface = "org.board2mqtt.Sensor1";
inline constexpr const char* actuator_interface = "org.board2mqtt.Actuator1";
inline constexpr std::string_view error_prefix = "org.board2mqtt.Error.";

/// The members of this group may act; so may root.
inline constexpr const char* acting_group = "board2mqtt";

/// The path of a device; its id is escaped as D-Bus asks for ("soil-1" is "soil_2d1"). Pure.
[[nodiscard]] std::string device_path(const char* prefix, const std::string& id);
/// The id behind a path; empty for a path that is not right below `prefix`. Pure.
[[nodiscard]] std::string device_id(const char* prefix, const char* path);

/// "too_old" as the name of a D-Bus error, "org.board2mqtt.Error.TooOld", and back. Pure.
[[nodiscard]] std::string error_name(std::string_view word);
[[nodiscard]] std::string error_word(std::string_view name);

}  // namespace b2m::dbus
