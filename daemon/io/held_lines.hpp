// Output lines that stay requested while one device of this process takes the place of another.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "daemon/io/line_keeper.hpp"

namespace b2m {

/// Holds a duplicate of each line's descriptor. The outputs' workers take and keep lines, the loop forgets them. Any
/// thread.
class HeldLines : public LineKeeper {
 public:
  FileDescriptor take(const std::string& place) override;
  void keep(const std::string& place, int fd) override;
  void forget(const std::string& place) override;
  void forget_but(const std::vector<std::string>& places) override;

 protected:
  /// For those that an earlier process left; to be called in the constructor.
  void hold(const std::string& key, FileDescriptor fd) { held_.insert_or_assign(key, std::move(fd)); }

 private:
  /// What a place is called where its line is kept.
  [[nodiscard]] virtual std::string key_of(const std::string& place) const { return place; }
  /// Both with the lock held.
  virtual void on_held(const std::string& /*key*/, int /*fd*/) {}
  virtual void on_dropped(const std::string& /*key*/) {}
  void drop(const std::string& key);

  std::mutex mutex_;
  std::map<std::string, FileDescriptor> held_;  ///< by key
};

}  // namespace b2m
