// What the operator reads: the journal with fields under systemd, plain lines on standard error otherwise.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string_view>
#include <utility>

namespace b2m::log {

enum class Level : std::uint8_t { error = 3, warning = 4, notice = 5, info = 6, debug = 7 };  // syslog(3)

/// The journal fields B2M_DEVICE, B2M_CHANNEL, B2M_BUS and B2M_ERROR, and the MESSAGE_ID of what an operator alerts on
/// (128 bits in hexadecimal). Empty ones are left out.
struct Fields {
  std::string_view device = {};
  std::string_view channel = {};
  std::string_view bus = {};
  std::string_view error = {};
  std::string_view message_id = {};
};

/// MESSAGE_ID values, fixed for ever.
inline constexpr std::string_view id_device_failed = "3f1b7cb5c5d24d0f9a4f3de2a2bb7a01";
inline constexpr std::string_view id_device_recovered = "3f1b7cb5c5d24d0f9a4f3de2a2bb7a02";
inline constexpr std::string_view id_link_lost = "3f1b7cb5c5d24d0f9a4f3de2a2bb7a03";
inline constexpr std::string_view id_link_up = "3f1b7cb5c5d24d0f9a4f3de2a2bb7a04";
inline constexpr std::string_view id_dropped = "3f1b7cb5c5d24d0f9a4f3de2a2bb7a05";
inline constexpr std::string_view id_bus_stuck = "3f1b7cb5c5d24d0f9a4f3de2a2bb7a06";
inline constexpr std::string_view id_login_refused = "3f1b7cb5c5d24d0f9a4f3de2a2bb7a07";
inline constexpr std::string_view id_reloaded = "3f1b7cb5c5d24d0f9a4f3de2a2bb7a08";
inline constexpr std::string_view id_reload_refused = "3f1b7cb5c5d24d0f9a4f3de2a2bb7a09";

/// Any thread. Never throws; a message that cannot be written is lost.
void write(Level level, const Fields& fields, std::string_view message) noexcept;
/// Messages below this are not written; Level::info at the start. To be set before threads exist.
void set_level(Level level) noexcept;
[[nodiscard]] bool enabled(Level level) noexcept;

template <class... Args>
void error(const Fields& fields, fmt::format_string<Args...> text, Args&&... args) {
  write(Level::error, fields, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void warning(const Fields& fields, fmt::format_string<Args...> text, Args&&... args) {
  write(Level::warning, fields, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void notice(const Fields& fields, fmt::format_string<Args...> text, Args&&... args) {
  write(Level::notice, fields, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void info(const Fields& fields, fmt::format_string<Args...> text, Args&&... args) {
  write(Level::info, fields, fmt::format(text, std::forward<Args>(args)...));
}
template <class... Args>
void debug(const Fields& fields, fmt::format_string<Args...> text, Args&&... args) {
  if (enabled(Level::debug)) write(Level::debug, fields, fmt::format(text, std::forward<Args>(args)...));
}

}  // namespace b2m::log
