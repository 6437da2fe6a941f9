// Not more messages a minute than a broker allows.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <deque>

#include "daemon/loop/event_loop.hpp"

namespace b2m {

/// Any 60 seconds hold at most `per_minute` messages: brokers that ban count in windows of their own. What was not used
/// up may be sent at once. Pure: time comes in. Loop only.
class RateLimit {
 public:
  /// 0: no limit.
  explicit RateLimit(int per_minute) : most_(count(per_minute)) {}

  /// Another limit for the same broker: what it has been sent counts on, as far as it was counted.
  void change(int per_minute) {
    most_ = count(per_minute);
    while (sent_.size() > most_) sent_.pop_front();
  }

  /// When the next message may be sent; in the past when at once.
  [[nodiscard]] SteadyTime next() const {
    return most_ == 0 || sent_.size() < most_ ? SteadyTime{} : sent_.front() + std::chrono::minutes(1);
  }
  void sent(SteadyTime now) {
    if (most_ == 0) return;
    if (sent_.size() == most_) sent_.pop_front();
    sent_.push_back(now);
  }

 private:
  static std::size_t count(int per_minute) { return static_cast<std::size_t>(std::max(per_minute, 0)); }

  std::size_t most_;
  std::deque<SteadyTime> sent_;  ///< the latest `most_`, oldest first
};

}  // namespace b2m
