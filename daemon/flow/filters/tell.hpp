// Stages that decide when something is told.
#pragma once

#include <chrono>
#include <cmath>
#include <cstdint>
#include <optional>

#include "daemon/flow/filter.hpp"

namespace b2m::filters {

using Interval = std::chrono::nanoseconds;

/// How much too early a reading may come and still count for its interval: the grid of the polls is exact, the end of a
/// transfer is not, and without this an interval equal to the poll's would lose every other reading.
[[nodiscard]] constexpr Interval slack(Interval interval) { return interval / 100; }

/// Intervals of one length after another from the first reading on. Pure.
class Pace {
 public:
  explicit Pace(Interval interval) : interval_(interval) {}
  [[nodiscard]] bool started() const noexcept { return due_.has_value(); }
  void start(SteadyTime now) { due_ = now + interval_; }
  /// True once for each interval that is over.
  bool over(SteadyTime now) {
    if (now + slack(interval_) < *due_) return false;
    *due_ += interval_;
    if (*due_ <= now) due_ = now + interval_;  // readings failed to come for longer: no catching up
    return true;
  }

 private:
  Interval interval_;
  std::optional<SteadyTime> due_;
};

/// At most one value in an interval: the first passes, the rest is held back. Pure.
class Throttle final : public Filter {
 public:
  explicit Throttle(Interval interval) : pace_(interval) {}
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime now) override {
    if (!value) return value;
    if (pace_.started()) return pace_.over(now) ? value : std::nullopt;
    pace_.start(now);
    return value;
  }

 private:
  Pace pace_;
};

/// One value at the end of each interval: the mean of what came in it. Pure.
class ThrottleMean final : public Filter {
 public:
  explicit ThrottleMean(Interval interval) : pace_(interval) {}
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime now) override {
    if (value) {
      sum_ += *value;
      ++count_;
      if (!pace_.started()) {
        pace_.start(now);
        return std::nullopt;
      }
    }
    if (count_ == 0 || !pace_.over(now)) return std::nullopt;
    const double mean = sum_ / static_cast<double>(count_);
    sum_ = 0;
    count_ = 0;
    return mean;
  }

 private:
  Pace pace_;
  double sum_ = 0;
  std::uint64_t count_ = 0;
};

/// Holds back what differs from the last told value by less than `step`, or by less than that share of it. An equal
/// value is never told again. Pure.
class Delta final : public Filter {
 public:
  Delta(double step, bool share) : step_(step), share_(share) {}
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime) override {
    if (!value || (told_ && !differs(*told_, *value))) return std::nullopt;
    told_ = value;
    return value;
  }
  void restart() noexcept override { told_.reset(); }

 private:
  [[nodiscard]] bool differs(double told, double value) const {
    constexpr double rounding = 1 - 1e-9;  // 20.6 − 20.1 is a little less than 0.5
    const double step = share_ ? step_ * std::abs(told) : step_;
    return value != told && std::abs(value - told) >= step * rounding;
  }

  double step_;
  bool share_;
  std::optional<double> told_;
};

/// Tells the last value again when nothing was told for the interval, that is when earlier stages held back what came.
/// Written last. Pure.
class Heartbeat final : public Filter {
 public:
  explicit Heartbeat(Interval interval) : interval_(interval) {}
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime now) override {
    if (!value && last_ && now - told_ + slack(interval_) >= interval_) value = last_;
    if (!value) return value;
    last_ = value;
    told_ = now;
    return value;
  }
  void restart() noexcept override { last_.reset(); }  // what is older than an error is not known any more

 private:
  Interval interval_;
  std::optional<double> last_;
  SteadyTime told_{};
};

/// Holds a changed value back until it has been the same for the duration; what has settled passes. Time is seen when a
/// reading comes: for polled values, lines have their own `debounce`. Pure.
class Debounce final : public Filter {
 public:
  explicit Debounce(Interval duration) : duration_(duration) {}
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime now) override {
    if (!value) return value;
    if (value != candidate_) {
      candidate_ = value;
      since_ = now;
    }
    return now - since_ + slack(duration_) >= duration_ ? value : std::nullopt;
  }

 private:
  Interval duration_;
  std::optional<double> candidate_;
  SteadyTime since_{};
};

}  // namespace b2m::filters
