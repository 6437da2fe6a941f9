// Kernel files in memory: a map from path to content or error. Directories exist as far as files are in them.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "drivers/api/files.hpp"

namespace b2m {

/// Behaves as the port promises: trailing white space is removed, what does not exist is gone.
class FakeFiles final : public AttributeFiles {
 public:
  FakeFiles() = default;
  explicit FakeFiles(const std::map<std::string, std::string>& contents) {
    for (const auto& [path, text] : contents) set(path, text);
  }

  void set(const std::string& path, std::string text) { files_[path] = std::move(text); }
  void set_error(const std::string& path, Errc code) { files_[path] = fail(code, path + ": injected"); }
  void remove(const std::string& path) { files_.erase(path); }
  void set_space(const std::string& path, Space space) { spaces_[path] = space; }
  [[nodiscard]] const std::vector<std::pair<std::string, std::string>>& written() const { return written_; }

  Result<std::string> read(const std::string& path) override {
    const auto file = files_.find(path);
    if (file == files_.end()) return fail(Errc::gone, path + ": No such file or directory");
    if (!file->second) return file->second;
    std::string text = *file->second;
    while (!text.empty() && (text.back() == ' ' || text.back() == '\n' || text.back() == '\t')) text.pop_back();
    return text;
  }
  Result<> write(const std::string& path, std::string_view text) override {
    const auto file = files_.find(path);
    if (file == files_.end()) return fail(Errc::gone, path + ": No such file or directory");
    if (!file->second) return tl::unexpected(file->second.error());
    written_.emplace_back(path, std::string(text));
    file->second = std::string(text);
    return {};
  }
  Result<std::vector<std::string>> list(const std::string& directory) override {
    const std::string inside = directory + "/";
    std::set<std::string> names;
    for (const auto& [path, content] : files_)
      if (path.starts_with(inside))
        names.insert(path.substr(inside.size(), path.find('/', inside.size()) - inside.size()));
    if (names.empty()) return fail(Errc::gone, directory + ": No such file or directory");
    return std::vector<std::string>(names.begin(), names.end());
  }
  Result<Space> space(const std::string& path) override {
    const auto found = spaces_.find(path);
    if (found == spaces_.end()) return fail(Errc::gone, path + ": No such file or directory");
    return found->second;
  }

 private:
  std::map<std::string, Result<std::string>> files_;
  std::map<std::string, Space> spaces_;
  std::vector<std::pair<std::string, std::string>> written_;
};

}  // namespace b2m
