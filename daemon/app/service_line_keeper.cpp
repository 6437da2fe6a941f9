#include "daemon/app/service_line_keeper.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <algorithm>
#include <cstdlib>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string_view>
#include <utility>

#include "daemon/log/log.hpp"

namespace b2m {
namespace {

constexpr std::string_view prefix = "line-";

/// A name of the store has at most 255 printable characters without a colon (sd_notify(3)); a label may have any.
std::string store_name(const std::string& place) {
  std::string name(prefix);
  for (const char c : place) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '.' || c == '-';
    if (plain) {
      name += c;
    } else {
      name += fmt::format("_{:02x}", static_cast<unsigned char>(c));
    }
  }
  return name;
}

/// The outputs' worker takes and keeps lines, the loop forgets them: the one map that both may touch.
class SystemdLineKeeper final : public LineKeeper {
 public:
  SystemdLineKeeper() {
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    for (int i = 0; i < count; ++i) {
      FileDescriptor fd(SD_LISTEN_FDS_START + i);
      if (std::string_view(names[i]).starts_with(prefix)) left_.insert_or_assign(names[i], std::move(fd));
      std::free(names[i]);
    }
    std::free(names);
    if (!left_.empty()) log::info({}, "{} output line(s) kept since the last run", left_.size());
  }

  FileDescriptor take(const std::string& place) override {
    const std::lock_guard lock(mutex_);
    const auto at = left_.find(store_name(place));
    if (at == left_.end()) return {};
    auto fd = std::move(at->second);
    kept_.insert(std::move(left_.extract(at).key()));
    return fd;
  }

  void keep(const std::string& place, int fd) override {
    const std::lock_guard lock(mutex_);
    const auto name = store_name(place);
    if (kept_.contains(name)) remove(name);
    const int sent = sd_pid_notify_with_fds(0, 0, fmt::format("FDSTORE=1\nFDNAME={}", name).c_str(), &fd, 1);
    if (sent < 0) log::warning({}, "the line {} cannot be kept over a restart", place);
    kept_.insert(name);
  }

  void forget(const std::string& place) override {
    const std::lock_guard lock(mutex_);
    const auto name = store_name(place);
    left_.erase(name);
    kept_.erase(name);
    remove(name);
  }

  void forget_but(const std::vector<std::string>& places) override {
    const std::lock_guard lock(mutex_);
    std::set<std::string> wanted;
    for (const auto& place : places) wanted.insert(store_name(place));
    const auto unwanted = [&](const std::string& name) {
      if (wanted.contains(name)) return false;
      remove(name);
      return true;
    };
    std::erase_if(left_, [&](const auto& entry) { return unwanted(entry.first); });
    std::erase_if(kept_, unwanted);
  }

 private:
  static void remove(const std::string& name) { sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", name.c_str()); }

  std::mutex mutex_;
  std::map<std::string, FileDescriptor> left_;  ///< by an earlier process, by their names in the store
  std::set<std::string> kept_;                  ///< names of what the store has of this process's lines
};

}  // namespace

std::unique_ptr<LineKeeper> service_line_keeper() {
  if (std::getenv("NOTIFY_SOCKET") == nullptr) return std::make_unique<NoLineKeeper>();
  return std::make_unique<SystemdLineKeeper>();
}

}  // namespace b2m
