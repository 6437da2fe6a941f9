// Stages without memory: a value becomes another value.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "daemon/flow/filter.hpp"

namespace b2m::filters {

/// Applies a function to every value. Pure.
template <class Function>
class Map final : public Filter {
 public:
  explicit Map(Function function) : function_(std::move(function)) {}
  Result<std::optional<double>> push(std::optional<double> value, SteadyTime) override {
    if (value) value = function_(*value);
    return value;
  }

 private:
  Function function_;
};

template <class Function>
[[nodiscard]] std::unique_ptr<Filter> map(Function function) {
  return std::make_unique<Map<Function>>(std::move(function));
}

/// The polygon through `points` (x0, y0, x1, y1 …, x ascending); its first and last line go on outside. Pure.
[[nodiscard]] inline double interpolate(std::span<const double> points, double x) {
  std::size_t right = 2;
  while (right + 2 < points.size() && x > points[right]) right += 2;
  const double x0 = points[right - 2];
  const double y0 = points[right - 1];
  return y0 + (x - x0) * (points[right + 1] - y0) / (points[right] - x0);
}

/// Horner's scheme; `coefficients` lowest power first. Pure.
[[nodiscard]] inline double polynomial(std::span<const double> coefficients, double x) {
  double sum = 0;
  for (std::size_t i = coefficients.size(); i-- > 0;) sum = sum * x + coefficients[i];
  return sum;
}

/// Half away from zero, as people round. Pure.
[[nodiscard]] inline double round_to(double value, double digits) {
  const double factor = std::pow(10.0, digits);
  const double rounded = std::round(value * factor) / factor;
  return std::isfinite(rounded) ? rounded : value;  // so large that it has no digits after the point
}

}  // namespace b2m::filters
