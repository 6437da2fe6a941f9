// Times of day as people mean them: on the clock on the wall.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "daemon/flow/reading.hpp"

namespace b2m {

/// A clock before this has never been set: a board without one starts in 1970, or where a file says it stopped.
inline constexpr std::chrono::seconds earliest_set_clock{1'735'689'600};  // 2025-01-01T00:00:00Z

/// The minute of the local day; none while the clock has never been set. The system's time zone, with its summer time.
[[nodiscard]] std::optional<std::chrono::minutes> minute_of_day(WallTime time);

/// When the local clock will next show one of these times, or jump over it: at most a day and an hour later. A clock
/// that was never set: when it is.
[[nodiscard]] WallTime next_passing(std::span<const std::chrono::minutes> times, WallTime now);

/// When to look at times of day. Loop only.
class DayTimes {
 public:
  /// These from now on, whatever was looked ahead to before.
  void watch(std::vector<std::chrono::minutes> times);
  /// The next passing, when it was not told yet: for others, when the last one has come, or when the clock was set
  /// back.
  [[nodiscard]] std::optional<WallTime> look_ahead(WallTime now);

 private:
  std::vector<std::chrono::minutes> times_;
  WallTime looked_ahead_{};
  WallTime next_{};
};

}  // namespace b2m
