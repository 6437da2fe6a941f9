// When a sensor is due.
#pragma once

#include <chrono>
#include <cstdint>

#include "daemon/loop/event_loop.hpp"

namespace b2m {

/// A fixed grid of times, so that a late poll does not shift those after it. Pure.
class Schedule {
 public:
  using Duration = SteadyClock::duration;

  /// Due at `first` and then each `every` after it.
  Schedule(SteadyTime first, Duration every) : first_(first), every_(every) {}

  [[nodiscard]] SteadyTime first() const noexcept { return first_; }
  /// The earliest grid time after `now`.
  [[nodiscard]] SteadyTime next(SteadyTime now) const {
    if (now < first_) return first_;
    return first_ + ((now - first_) / every_ + 1) * every_;
  }
  /// How many grid times lie after `due` and not after `now`: the slots missed by a poll that was due at `due`.
  [[nodiscard]] std::uint64_t missed(SteadyTime due, SteadyTime now) const {
    return now <= due ? 0 : static_cast<std::uint64_t>((now - due) / every_);
  }

 private:
  SteadyTime first_;
  Duration every_;
};

/// The first time of the `index`th of `count` sensors on one bus: spread over the interval, but at most over one
/// second, so that everything is read soon after the start. Pure.
[[nodiscard]] inline SteadyTime spread(SteadyTime start, Schedule::Duration every, std::size_t index,
                                       std::size_t count) {
  const auto window = std::min<Schedule::Duration>(every, std::chrono::seconds(1));
  return start + window * static_cast<Schedule::Duration::rep>(index) /
                     static_cast<Schedule::Duration::rep>(std::max<std::size_t>(count, 1));
}

}  // namespace b2m
