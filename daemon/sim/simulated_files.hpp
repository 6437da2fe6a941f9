// Simulated sysfs and procfs: attributes whose content is computed when they are read.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "drivers/api/files.hpp"

namespace b2m {

/// A tree of attributes; directories exist through what is in them. Any thread: its lock stands for the kernel's, so
/// that a reload can add devices while a worker reads.
class SimulatedFiles final : public AttributeFiles {
 public:
  using Content = std::function<std::string()>;
  /// What becomes of a text that is written, or the kernel's refusal of it.
  using Store = std::function<Result<>(std::string_view)>;

  Result<std::string> read(const std::string& path) override;
  Result<> write(const std::string& path, std::string_view text) override;
  Result<std::vector<std::string>> list(const std::string& directory) override;
  Result<Space> space(const std::string& path) override;

  /// Read-only attributes, in place of those that were there. Paths are absolute, without "." and "..".
  void add(const std::string& path, std::string content);
  void add(const std::string& path, Content content);
  /// An attribute that keeps what is written to it.
  void add_writable(const std::string& path, std::string content);
  /// One that does something when it is written, such as to add others.
  void add_writable(const std::string& path, Content content, Store store);
  [[nodiscard]] bool has_directory(const std::string& directory) const;

 private:
  struct Attribute {
    Content content;
    Store store = {};  ///< none: read-only
  };
  [[nodiscard]] std::vector<std::string> names_in(const std::string& directory) const;

  mutable std::recursive_mutex mutex_;  ///< contents and stores are called within
  std::map<std::string, Attribute> attributes_;
};

}  // namespace b2m
