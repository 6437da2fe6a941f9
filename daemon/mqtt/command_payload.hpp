// The grammar of command payloads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include <tl/expected.hpp>

#include "daemon/flow/command.hpp"

namespace b2m {

/// Which command topic the payload came on.
enum class CommandForm : std::uint8_t { set, set_on_ms, set_off_ms };

inline constexpr std::size_t max_command_bytes = std::size_t{64} * 1024;

/// A command, or the outcome of what is none; that has the sender's id, too, where one could be read. `error` of the
/// refusal is one of empty_payload, payload_too_long, invalid_utf8, invalid_json, too_deep, unknown_key, missing_state,
/// unknown_state, not_finite, invalid_duration, invalid_id, invalid_time. Never throws. Pure.
[[nodiscard]] tl::expected<Command, Outcome> parse_command(std::string_view payload, ActuatorKind kind,
                                                           CommandForm form = CommandForm::set) noexcept;

/// Well-formed UTF-8 as in RFC 3629: shortest forms, no surrogates, at most U+10FFFF. Pure.
[[nodiscard]] bool is_utf8(std::string_view bytes) noexcept;

}  // namespace b2m
