// When a total is worth writing to where it outlives the daemon.
#pragma once

#include <cmath>
#include <optional>

#include "daemon/loop/event_loop.hpp"
#include "drivers/api/edge_sensor.hpp"

namespace b2m {

/// Follows a KeepRule. Pure: time comes in.
class KeepPace {
 public:
  explicit KeepPace(const KeepRule& rule) : rule_(rule) {}

  /// `value` is what is kept since `now`.
  void kept(double value, SteadyTime now) {
    value_ = value;
    since_ = now;
  }
  [[nodiscard]] bool changed(double value) const { return value != value_; }
  /// When `value` is to be kept; none when it is.
  [[nodiscard]] std::optional<SteadyTime> due(double value) const {
    if (!changed(value)) return std::nullopt;
    const auto pause = std::abs(value - value_) >= rule_.step ? rule_.at_most : rule_.at_least;
    return since_ + std::chrono::duration_cast<SteadyClock::duration>(pause);
  }

 private:
  KeepRule rule_;
  double value_ = 0;
  SteadyTime since_{};
};

}  // namespace b2m
