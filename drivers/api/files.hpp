// The port for small text attributes: sysfs, procfs, configfs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "drivers/api/result.hpp"

namespace b2m {

/// Paths are absolute as the kernel has them ("/sys/class/thermal"); an implementation may put a root before them.
/// Worker only.
class AttributeFiles {
 public:
  virtual ~AttributeFiles() = default;
  /// The whole content, at most 64 KiB, trailing white space removed. Errors: gone (no such file), not_ready (EAGAIN,
  /// ENODATA), timeout, io; the detail has the path and the kernel's words.
  virtual Result<std::string> read(const std::string& path) = 0;
  virtual Result<> write(const std::string& path, std::string_view text) = 0;
  /// Names in a directory, sorted, without "." and "..".
  virtual Result<std::vector<std::string>> list(const std::string& directory) = 0;
  /// Bytes available to everybody and in total of the file system that holds `path`.
  struct Space {
    double total_bytes;
    double free_bytes;
  };
  virtual Result<Space> space(const std::string& path) = 0;
};

}  // namespace b2m
