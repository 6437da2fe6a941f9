// Stages that look back: a value becomes a summary of the last ones.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <optional>
#include <span>
#include <vector>

#include "daemon/flow/filter.hpp"

namespace b2m::filters {

/// Summaries of a window, which they may reorder; `q` is the quantile. Pure.
using Summary = double (*)(std::span<double> window, double q);

[[nodiscard]] inline double mean_of(std::span<double> window, double) {
  return std::accumulate(window.begin(), window.end(), 0.0) / static_cast<double>(window.size());
}
[[nodiscard]] inline double min_of(std::span<double> window, double) {
  return *std::min_element(window.begin(), window.end());
}
[[nodiscard]] inline double max_of(std::span<double> window, double) {
  return *std::max_element(window.begin(), window.end());
}

/// Linear between the two readings next to the quantile, as spreadsheets and NumPy do (Hyndman and Fan's definition 7).
[[nodiscard]] inline double quantile_of(std::span<double> window, double q) {
  const double position = q * static_cast<double>(window.size() - 1);
  const auto lower = std::min(static_cast<std::size_t>(position), window.size() - 1);
  const auto at = window.begin() + static_cast<std::ptrdiff_t>(lower);
  std::nth_element(window.begin(), at, window.end());
  const double fraction = position - static_cast<double>(lower);
  if (fraction <= 0) return *at;
  const double above = *std::min_element(at + 1, window.end());
  return *at + fraction * (above - *at);
}

/// A summary of the last `size` readings, of those there are while the window fills. Pure.
class Window final : public Filter {
 public:
  Window(std::size_t size, Summary summary, double q = 0) : size_(size), summary_(summary), q_(q) {
    readings_.reserve(size_);
    scratch_.reserve(size_);
  }
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime) override {
    if (!value) return value;
    if (readings_.size() < size_) {
      readings_.push_back(*value);
    } else {
      readings_[oldest_] = *value;
      oldest_ = (oldest_ + 1) % size_;
    }
    scratch_.assign(readings_.begin(), readings_.end());
    return summary_(scratch_, q_);
  }

 private:
  std::size_t size_;
  Summary summary_;
  double q_;
  std::size_t oldest_ = 0;
  std::vector<double> readings_;
  std::vector<double> scratch_;
};

/// Goes the share `alpha` of the way to each new reading; the first is taken as it is. Pure.
class Exponential final : public Filter {
 public:
  explicit Exponential(double alpha) : alpha_(alpha) {}
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime) override {
    if (!value) return value;
    smoothed_ = smoothed_ ? *smoothed_ + alpha_ * (*value - *smoothed_) : *value;
    return smoothed_;
  }

 private:
  double alpha_;
  std::optional<double> smoothed_;
};

}  // namespace b2m::filters
