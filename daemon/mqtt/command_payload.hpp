// The grammar of command payloads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <tl/expected.hpp>

#include "daemon/flow/command.hpp"

namespace b2m {

/// What an actuator understands, which decides what a bare "1" or word means.
enum class CommandKind : std::uint8_t {
  on_off,  ///< 1 and 0 are ON and OFF
  range,   ///< 1 is a number
  text,    ///< everything is text, but for an object with "value"
};

/// The kind that goes with an actuator's state. Pure.
[[nodiscard]] CommandKind command_kind(const ActuatorState& state) noexcept;

/// Which command topic the payload came on.
enum class CommandForm : std::uint8_t { set, set_on_ms, set_off_ms };

inline constexpr std::size_t max_command_bytes = std::size_t{64} * 1024;

/// A command, or why it is none. `error` of the refusal is one of empty_payload, payload_too_long, invalid_utf8,
/// invalid_json, too_deep, unknown_key, missing_state, unknown_state, not_finite, invalid_duration, invalid_id. Never
/// throws. Pure.
[[nodiscard]] tl::expected<Command, Refusal> parse_command(std::string_view payload, CommandKind kind,
                                                           CommandForm form = CommandForm::set) noexcept;

/// Well-formed UTF-8 as in RFC 3629: shortest forms, no surrogates, at most U+10FFFF. Pure.
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

}  // namespace b2m
