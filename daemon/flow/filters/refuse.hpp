// Stages that distrust: a value passes unchanged or becomes an error.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <optional>
#include <string>

#include "daemon/flow/filter.hpp"
#include "drivers/api/quantity.hpp"

namespace b2m::filters {

/// Refuses what lies outside of an interval. Pure.
class RejectOutside final : public Filter {
 public:
  RejectOutside(double low, double high) : range_{low, high} {}
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime) override {
    if (value && !range_.contains(*value))
      return fail(Errc::out_of_range, fmt::format("{:g} is outside of {:g} to {:g}", *value, range_.low, range_.high));
    return value;
  }

 private:
  Range range_;
};

/// Refuses jumps. A reading passes when it departs from the last one that passed by at most the rate times the time
/// between them: the room grows while nothing passes. A step too large for that is believed once five refused readings
/// in a row follow one another within the rate; the fifth passes. Pure.
class MaxRate final : public Filter {
 public:
  explicit MaxRate(double per_second) : per_second_(per_second) {}
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime now) override {
    if (!value) return value;
    const Point point{*value, now};
    if (!accepted_ || reachable(*accepted_, point) || is_new_level(point)) {
      accepted_ = point;
      agreeing_ = 0;
      return value;
    }
    return fail(Errc::out_of_range, fmt::format("jump from {:g} to {:g} is faster than {:g} per second",
                                                accepted_->value, *value, per_second_));
  }

 private:
  struct Point {
    double value;
    SteadyTime time;
  };
  static constexpr int readings_of_a_step = 5;

  [[nodiscard]] bool reachable(const Point& from, const Point& to) const {
    const std::chrono::duration<double> between = to.time - from.time;
    return std::abs(to.value - from.value) <= per_second_ * between.count();
  }
  bool is_new_level(const Point& point) {
    agreeing_ = agreeing_ > 0 && reachable(refused_, point) ? agreeing_ + 1 : 1;
    refused_ = point;
    return agreeing_ >= readings_of_a_step;
  }

  double per_second_;
  std::optional<Point> accepted_;
  Point refused_{};   ///< the last refused reading, while agreeing_ > 0
  int agreeing_ = 0;  ///< refused readings in a row that follow one another within the rate
};

/// "10min": in the largest unit in which it is a whole number.
[[nodiscard]] inline std::string to_text(std::chrono::nanoseconds duration) {
  using namespace std::chrono_literals;
  if (duration % 1h == 0ns) return fmt::format("{}h", duration / 1h);
  if (duration % 1min == 0ns) return fmt::format("{}min", duration / 1min);
  if (duration % 1s == 0ns) return fmt::format("{}s", duration / 1s);
  return fmt::format("{}ms", duration / 1ms);
}

/// Refuses a reading that has not changed for the duration, and goes on refusing until it changes: a real quantity
/// makes noise, a dead part repeats itself. Pure.
class StuckAfter final : public Filter {
 public:
  explicit StuckAfter(std::chrono::nanoseconds duration) : duration_(duration) {}
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime now) override {
    if (!value) return value;
    if (value != last_) {
      last_ = value;
      since_ = now;
    }
    if (now - since_ < duration_) return value;
    return fail(Errc::not_ready, fmt::format("unchanged for {}", to_text(duration_)));
  }

 private:
  std::chrono::nanoseconds duration_;
  std::optional<double> last_;
  SteadyTime since_{};
};

}  // namespace b2m::filters
