#include "daemon/io/held_lines.hpp"

#include <fcntl.h>

#include <set>
#include <utility>

namespace b2m {
namespace {

FileDescriptor duplicate(int fd) { return FileDescriptor(::fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

}  // namespace

FileDescriptor HeldLines::take(const std::string& place) {
  const std::lock_guard lock(mutex_);
  const auto at = held_.find(key_of(place));
  return at == held_.end() ? FileDescriptor() : duplicate(at->second.get());
}

void HeldLines::keep(const std::string& place, int fd) {
  const std::lock_guard lock(mutex_);
  const auto key = key_of(place);
  drop(key);
  if (auto own = duplicate(fd)) held_.insert_or_assign(key, std::move(own));
  on_held(key, fd);
}

void HeldLines::forget(const std::string& place) {
  const std::lock_guard lock(mutex_);
  drop(key_of(place));
}

void HeldLines::drop(const std::string& key) {
  if (held_.erase(key) != 0) on_dropped(key);
}

void HeldLines::forget_but(const std::vector<std::string>& places) {
  const std::lock_guard lock(mutex_);
  std::set<std::string> wanted;
  for (const auto& place : places) wanted.insert(key_of(place));
  std::erase_if(held_, [&](const auto& entry) {
    if (wanted.contains(entry.first)) return false;
    on_dropped(entry.first);
    return true;
  });
}

}  // namespace b2m
