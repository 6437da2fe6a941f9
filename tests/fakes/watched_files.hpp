// Kernel files behind which something else stands, with what is written to them noted and, when asked for, refused.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "drivers/api/files.hpp"

namespace b2m {

class WatchedFiles final : public AttributeFiles {
 public:
  /// `inner` outlives it.
  explicit WatchedFiles(AttributeFiles& inner) : inner_(inner) {}

  /// "file = text" of each write that succeeded, the file without its directory.
  std::vector<std::string> log;
  /// The next `times` writes to the path end so.
  void refuse(const std::string& path, Errc code, int times = 1) { refusals_[path] = {code, times}; }

  Result<std::string> read(const std::string& path) override { return inner_.read(path); }
  Result<> write(const std::string& path, std::string_view text) override {
    if (auto refusal = refusals_.find(path); refusal != refusals_.end() && refusal->second.second > 0) {
      --refusal->second.second;
      return fail(refusal->second.first, path + ": injected");
    }
    auto written = inner_.write(path, text);
    if (written) log.push_back(path.substr(path.rfind('/') + 1) + " = " + std::string(text));
    return written;
  }
  Result<std::vector<std::string>> list(const std::string& directory) override { return inner_.list(directory); }
  Result<Space> space(const std::string& path) override { return inner_.space(path); }

 private:
  AttributeFiles& inner_;
  std::map<std::string, std::pair<Errc, int>> refusals_;
};

}  // namespace b2m
