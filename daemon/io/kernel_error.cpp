#include "daemon/io/kernel_error.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace b2m {

Errc to_errc(int error) noexcept {
  switch (error) {
    case ENXIO:
    case EREMOTEIO: return Errc::no_ack;
    case ETIMEDOUT: return Errc::timeout;
    case ENOENT:
    case ENODEV:
    case ENOTDIR:
    case ESHUTDOWN: return Errc::gone;
    case EAGAIN:
    case ENODATA: return Errc::not_ready;
    case EBADMSG: return Errc::checksum;
    case EBUSY: return Errc::busy;
    case EOPNOTSUPP:
    case ENOSYS:
    case ENOTTY: return Errc::unsupported;
    default: return Errc::io;
  }
}

std::string kernel_words(int error) { return std::generic_category().message(error); }

Error kernel_error(int error, std::string_view place) {
  const bool denied = error == EACCES || error == EPERM;
  return {to_errc(error),
          fmt::format("{}: {}{}", place, kernel_words(error),
                      denied ? "; give the user of this process access to it (udev rule or group)" : "")};
}

}  // namespace b2m
