// Attribute files of the kernel: sysfs and procfs, or a tree that looks like them.
#pragma once

#include <string>

#include "drivers/api/files.hpp"

namespace b2m {

/// Files below an optional root, which is put before every path.
/// Worker only.
class LinuxFiles final : public AttributeFiles {
 public:
  explicit LinuxFiles(std::string root = {}) : root_(std::move(root)) {}
  Result<std::string> read(const std::string& path) override;
  Result<> write(const std::string& path, std::string_view text) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<Space> space(const std::string& path) override;

 private:
  std::string root_;
};

}  // namespace b2m
