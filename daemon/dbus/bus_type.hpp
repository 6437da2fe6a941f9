// Which of the two buses of D-Bus.
#pragma once

#include <cstdint>

namespace b2m::dbus {

enum class BusType : std::uint8_t { system, session };

/// "the system bus". Pure.
[[nodiscard]] constexpr const char* words(BusType type) noexcept {
  return type == BusType::system ? "the system bus" : "the session bus";
}

}  // namespace b2m::dbus
