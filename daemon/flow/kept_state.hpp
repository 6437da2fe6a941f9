// The state of an actuator as it is kept for the next process.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "daemon/flow/reading.hpp"
#include "drivers/api/driver.hpp"

namespace b2m {

struct KeptState {
  ActuatorState state;
  WallTime since;
  bool synchronised = false;  ///< whether the clock could be trusted then
  friend bool operator==(const KeptState&, const KeptState&) = default;
};

/// "1795230245678 ntp ON": milliseconds since 1970, "ntp" or "-", then ON, OFF, =40.5, or 'text. Pure.
[[nodiscard]] std::string to_kept_text(const KeptState& kept);
/// None for what is no such text, or is not of this kind. Pure.
[[nodiscard]] std::optional<KeptState> from_kept_text(std::string_view text, ActuatorKind kind);

/// How long ago it began, as far as that can be known: 0 where one of the clocks was not to be trusted. Pure.
[[nodiscard]] std::chrono::nanoseconds age(const KeptState& kept, const Moment& now);

}  // namespace b2m
