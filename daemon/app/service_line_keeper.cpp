#include "daemon/app/service_line_keeper.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <cstdlib>
#include <memory>
#include <string_view>
#include <utility>

#include "daemon/io/held_lines.hpp"
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

/// Keeps lines over a restart too. Any thread.
class SystemdLineKeeper final : public HeldLines {
 public:
  SystemdLineKeeper() {
    char** names = nullptr;
    const int count = sd_listen_fds_with_names(1, &names);
    std::size_t left = 0;
    for (int i = 0; i < count; ++i) {
      FileDescriptor fd(SD_LISTEN_FDS_START + i);
      if (std::string_view(names[i]).starts_with(prefix)) {
        hold(names[i], std::move(fd));
        ++left;
      }
      std::free(names[i]);
    }
    std::free(names);
    if (left != 0) log::info({}, "{} output line(s) kept since the last run", left);
  }

 private:
  [[nodiscard]] std::string key_of(const std::string& place) const override { return store_name(place); }
  void on_held(const std::string& key, int fd) override {
    const int sent = sd_pid_notify_with_fds(0, 0, fmt::format("FDSTORE=1\nFDNAME={}", key).c_str(), &fd, 1);
    if (sent < 0) log::warning({}, "{} cannot be kept over a restart", key);
  }
  void on_dropped(const std::string& key) override { sd_notifyf(0, "FDSTOREREMOVE=1\nFDNAME=%s", key.c_str()); }
};

}  // namespace

std::unique_ptr<LineKeeper> service_line_keeper() {
  if (std::getenv("NOTIFY_SOCKET") == nullptr) return std::make_unique<HeldLines>();
  return std::make_unique<SystemdLineKeeper>();
}

}  // namespace b2m
