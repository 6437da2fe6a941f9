#include "daemon/io/kernel_error.hpp"

#include <fmt/format.h>
#include <grp.h>
#include <sys/stat.h>

#include <array>
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

namespace {

/// What gives a user access to the file of a device: its group, where one may read and write it.
std::string way_to_access(const std::string& path) {
  constexpr std::string_view otherwise = "give the user of this process access to it (udev rule or group)";
  constexpr mode_t read_and_write = S_IRGRP | S_IWGRP;
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & read_and_write) != read_and_write || status.st_gid == 0)
    return std::string(otherwise);
  std::array<char, 1024> buffer{};
  group entry{};
  group* found = nullptr;
  if (::getgrgid_r(status.st_gid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return std::string(otherwise);
  return fmt::format("it belongs to the group {0}: run `sudo usermod -aG {0} $USER` and log in again", found->gr_name);
}

}  // namespace

std::string kernel_words(int error) { return std::generic_category().message(error); }

Error kernel_error(int error, std::string_view place) {
  const bool denied = error == EACCES || error == EPERM;
  return {to_errc(error), fmt::format("{}: {}{}{}", place, kernel_words(error), denied ? "; " : "",
                                      denied ? way_to_access(std::string(place)) : std::string())};
}

}  // namespace b2m
