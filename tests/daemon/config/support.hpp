// What the tests of the configuration share: a machine that is the same everywhere, and files that last as long as a
// test.
#pragma once

#include <unistd.h>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

#include "daemon/config/load.hpp"

namespace b2m::test {

inline Environment machine() {
  return {.hostname = "host", .machine_id = "0123456789ab", .device_tree_model = {}, .credentials = {}};
}

/// A directory that is removed at the end.
class Directory {
 public:
  Directory() {
    static std::atomic<int> count{0};
    path_ = std::filesystem::temp_directory_path() /
            ("b2m-config-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(path_);
  }
  ~Directory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Directory(const Directory&) = delete;
  Directory& operator=(const Directory&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  /// Writes a file with the permissions given; its path.
  std::filesystem::path write(const std::filesystem::path& name, std::string_view text, unsigned mode = 0640) const {
    const auto file = path_ / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
    std::filesystem::permissions(file, static_cast<std::filesystem::perms>(mode));
    return file;
  }

 private:
  std::filesystem::path path_;
};

inline LoadResult load_text(std::string_view text, const Environment& environment = machine()) {
  const Directory directory;
  return load(directory.write("board2mqtt.json", text), environment);
}

/// The diagnostics with file names in place of paths.
inline std::string text_of(const LoadResult& result, const std::filesystem::path& directory) {
  auto text = to_text(result.diagnostics);
  const auto prefix = directory.string() + "/";
  for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at)) text.erase(at, prefix.size());
  return text;
}

}  // namespace b2m::test
