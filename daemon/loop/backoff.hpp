// Growing pauses between attempts.
#pragma once

#include <algorithm>
#include <chrono>

namespace b2m {

/// Doubles from `min` to `max`. Pure.
class Backoff {
 public:
  using Duration = std::chrono::nanoseconds;
  constexpr Backoff(Duration min, Duration max) : min_(min), max_(max), next_(min) {}

  /// The pause before the next attempt. `jitter` from 0 to 1 takes up to half of it away, so that many gateways do not
  /// come back in one moment.
  [[nodiscard]] constexpr Duration next(double jitter) {
    const auto pause = next_;
    next_ = std::min(max_, next_ * 2);
    return pause - Duration(static_cast<Duration::rep>(static_cast<double>(pause.count()) * 0.5 * jitter));
  }
  constexpr void reset() { next_ = min_; }

 private:
  Duration min_;
  Duration max_;
  Duration next_;
};

}  // namespace b2m
