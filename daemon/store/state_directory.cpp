#include "daemon/store/state_directory.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>

namespace b2m {
namespace {

constexpr ::mode_t lock_mode = 0640;

std::string environment(const char* name) {
  const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
  return value == nullptr ? std::string() : value;
}

/// The process that holds the lock wrote its number into it.
std::string holder(int lock) {
  std::array<char, 32> text{};
  const auto size = ::pread(lock, text.data(), text.size() - 1, 0);
  const std::string_view written(text.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  return written.empty() ? std::string() : fmt::format(" (process {})", written);
}

void write_holder(int lock) {
  const auto text = fmt::format("{}", ::getpid());
  // For people only: the lock holds without it.
  if (::ftruncate(lock, 0) == 0 && ::pwrite(lock, text.data(), text.size(), 0) < 0) return;
}

}  // namespace

std::filesystem::path find_state_directory(const std::string& given) {
  if (!given.empty()) return given;
  if (const auto systemd = environment("STATE_DIRECTORY"); !systemd.empty())
    return systemd.substr(0, systemd.find(':'));
  if (const auto state = environment("XDG_STATE_HOME"); state.starts_with('/'))
    return std::filesystem::path(state) / "board2mqtt";
  if (const auto home = environment("HOME"); home.starts_with('/'))
    return std::filesystem::path(home) / ".local/state/board2mqtt";
  return {};
}

Result<StateDirectory> StateDirectory::claim(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error) return fail(Errc::io, fmt::format("cannot be made: {}", error.message()));
  FileDescriptor lock(::open((path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, lock_mode));
  if (!lock) return fail(Errc::io, fmt::format("cannot be written: {}", std::strerror(errno)));
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0)
    return fail(Errc::busy,
                fmt::format("in use by another board2mqtt{}; give each its own with --state DIR", holder(lock.get())));
  write_holder(lock.get());
  return StateDirectory(path, std::move(lock));
}

}  // namespace b2m
