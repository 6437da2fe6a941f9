// What went wrong, as a value: every call that a device, a file or a user can make fail returns a Result.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace b2m {

/// Causes that callers tell apart. Their names (see name()) are what users read in payloads and logs.
enum class Errc : std::uint8_t {
  no_ack,        ///< nothing answers at the address
  timeout,       ///< no answer in the time the part or the kernel allows
  bus_stuck,     ///< the whole bus hangs
  checksum,      ///< bytes arrived, but damaged
  not_ready,     ///< no measurement available yet
  wrong_chip,    ///< something answers, but it is another part
  out_of_range,  ///< a magic, saturated or impossible value
  unsupported,   ///< the part, adapter or kernel cannot do this
  gone,          ///< the device file or chip vanished
  busy,          ///< somebody else holds it
  io,            ///< any other error of the kernel
  cancelled,     ///< given up because the daemon stops or the configuration changed
};

/// What the owner of a device does after an error.
enum class Policy : std::uint8_t {
  retry_now,        ///< a passing disturbance: once more at once, then count it as failed
  retry_next_poll,  ///< keep the device, read again when it is due
  reinit,           ///< its state is unknown: start it again at the next poll
  drop_device,      ///< not there: probe again, more and more slowly, for ever
  fatal,            ///< cannot work as configured; still probed again, at the slowest rate
};

struct Error {
  Errc code = Errc::io;
  std::string detail = {};  ///< for people; names the place and, where there is one, the way out
  friend bool operator==(const Error&, const Error&) = default;
};

template <class T = void>
using Result = tl::expected<T, Error>;

[[nodiscard]] inline tl::unexpected<Error> fail(Errc code, std::string detail = {}) {
  return tl::unexpected(Error{code, std::move(detail)});
}

[[nodiscard]] constexpr std::string_view name(Errc code) noexcept {
  switch (code) {
    case Errc::no_ack: return "no_ack";
    case Errc::timeout: return "timeout";
    case Errc::bus_stuck: return "bus_stuck";
    case Errc::checksum: return "checksum";
    case Errc::not_ready: return "not_ready";
    case Errc::wrong_chip: return "wrong_chip";
    case Errc::out_of_range: return "out_of_range";
    case Errc::unsupported: return "unsupported";
    case Errc::gone: return "gone";
    case Errc::busy: return "busy";
    case Errc::io: return "io";
    case Errc::cancelled: return "cancelled";
  }
  return "io";
}

[[nodiscard]] constexpr Policy policy(Errc code) noexcept {
  switch (code) {
    case Errc::checksum: return Policy::retry_now;
    case Errc::not_ready:
    case Errc::out_of_range:
    case Errc::busy:
    case Errc::cancelled: return Policy::retry_next_poll;
    case Errc::timeout:
    case Errc::io:
    case Errc::bus_stuck: return Policy::reinit;
    case Errc::no_ack:
    case Errc::gone: return Policy::drop_device;
    case Errc::wrong_chip:
    case Errc::unsupported: return Policy::fatal;
  }
  return Policy::reinit;
}

/// "checksum: word 2 of 3" or, without detail, "checksum".
[[nodiscard]] inline std::string to_string(const Error& error) {
  std::string text{name(error.code)};
  if (!error.detail.empty()) text.append(": ").append(error.detail);
  return text;
}

}  // namespace b2m

#define B2M_CONCAT_(a, b) a##b
#define B2M_CONCAT(a, b) B2M_CONCAT_(a, b)

/// Returns the error of `expression` from the calling function, if it has one.
#define B2M_TRY(expression)                                                                                \
  do {                                                                                                     \
    if (auto b2m_result = (expression); !b2m_result) return tl::unexpected(std::move(b2m_result).error()); \
  } while (false)

/// Assigns the value of `expression` to `target` (which may declare a variable), or returns its error.
#define B2M_ASSIGN(target, expression) B2M_ASSIGN_(B2M_CONCAT(b2m_result_, __LINE__), target, expression)
#define B2M_ASSIGN_(result, target, expression)                  \
  auto result = (expression);                                    \
  if (!result) return tl::unexpected(std::move(result).error()); \
  target = std::move(*result)
