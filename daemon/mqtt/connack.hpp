// CONNACK codes and MQTT 5 reasons in words.
#pragma once

#include <string>

namespace b2m {

/// "4: bad user name or password (check mqtt.username and mqtt.password_file)". Pure.
[[nodiscard]] std::string connack_words(int code);
/// An MQTT 5 reason of PUBACK, SUBACK or DISCONNECT, "135: not authorized". Pure.
[[nodiscard]] std::string reason_words(int reason);
/// The login is what was refused: trying again soon is of no use and may lead to a ban. Pure.
[[nodiscard]] bool is_refused_login(int code) noexcept;
/// The protocol version is what was refused. Pure.
[[nodiscard]] bool is_refused_version(int code) noexcept;

}  // namespace b2m
