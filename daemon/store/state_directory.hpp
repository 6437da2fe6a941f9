// The directory of what outlives the daemon, claimed by one daemon at a time.
#pragma once

#include <filesystem>
#include <string>

#include "daemon/io/file_descriptor.hpp"
#include "drivers/api/result.hpp"

namespace b2m {

/// `given` when it is not empty, else the first of $STATE_DIRECTORY (systemd.exec(5)), else board2mqtt below
/// $XDG_STATE_HOME or ~/.local/state; empty when there is none of all these.
[[nodiscard]] std::filesystem::path find_state_directory(const std::string& given);

/// Holds the directory until it is destroyed, or the process ends in whatever way.
class StateDirectory {
 public:
  /// Made if it is missing. Errc::busy when another process holds it. The caller names the path beside the error.
  [[nodiscard]] static Result<StateDirectory> claim(const std::filesystem::path& path);
  [[nodiscard]] const std::filesystem::path& path() const noexcept { return path_; }

 private:
  StateDirectory(std::filesystem::path path, FileDescriptor lock) : path_(std::move(path)), lock_(std::move(lock)) {}
  std::filesystem::path path_;
  FileDescriptor lock_;
};

}  // namespace b2m
