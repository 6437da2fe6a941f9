// Filters: what may happen to a channel's value between the driver and the message. Specifications are values; a
// pipeline is built from them for each channel.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "daemon/loop/event_loop.hpp"
#include "drivers/api/result.hpp"

namespace b2m {

enum class FilterKind : std::uint8_t {
  offset,
  multiply,
  calibrate_linear,
  calibrate_polynomial,
  clamp,
  reject_outside,
  max_rate,
  median,
  mean,
  exponential,
  min,
  max,
  quantile,
  delta,
  throttle,
  throttle_mean,
  heartbeat,
  round,
  stuck_after,
  debounce,
};

/// How a filter's parameter is written in the configuration.
enum class FilterParameter : std::uint8_t {
  number,           ///< {"offset": -0.5}
  interval,         ///< {"clamp": [0, 100]}: two numbers, low and high
  points,           ///< {"calibrate_linear": [[0, 0.4], [100, 99.1]]}: measured, true; at least two, measured ascending
  coefficients,     ///< {"calibrate_polynomial": [c0, c1, c2]}: lowest power first
  window,           ///< {"median": 5}: a whole number of readings, 1 to 1000
  quantile,         ///< {"quantile": {"window": 9, "q": 0.9}}
  number_or_share,  ///< {"delta": 0.5} or {"delta": "2%"}
  duration,         ///< {"throttle": "10s"}
  digits,           ///< {"round": 1}: 0 to 9
};

struct FilterInfo {
  FilterKind kind;
  std::string_view name;
  FilterParameter parameter;
  std::string_view summary;
};

/// One row for each filter, in the order of the enumeration. Pure.
[[nodiscard]] std::span<const FilterInfo> all_filters() noexcept;

/// A filter as configured. Numbers are in the channel's published unit, as the user sees it.
struct FilterSpec {
  FilterKind kind;
  std::vector<double> numbers = {};  ///< number; low, high; x0, y0, x1, y1 …; coefficients; window; window, q; digits
  bool share = false;                ///< number_or_share: the number is a share of the last value (0.02 for "2%")
  std::chrono::nanoseconds duration{0};
  friend bool operator==(const FilterSpec&, const FilterSpec&) = default;
};

/// One stage. Pure: time comes in.
///
/// State and errors: a refused reading is not seen by the stages after the one that refused it, and windows, references
/// and clocks keep what they have, so that one disturbed reading does not undo the smoothing. Only what compares with
/// "the last told value" forgets it (restart()), since an error was told after it: the next good value must be told
/// even when it is the old one.
class Filter {
 public:
  virtual ~Filter() = default;
  /// The value after this stage; none when nothing is to be told now; an error when the value is refused. `value` is
  /// none when an earlier stage held it back.
  virtual Result<std::optional<double>> push(std::optional<double> value, SteadyTime now) = 0;
  /// An error was told in place of a value.
  virtual void restart() noexcept {}
};

/// The stages of one channel in the order written. Loop only.
class Pipeline {
 public:
  /// `scale` is the quantity's: published units per SI unit.
  Pipeline(std::span<const FilterSpec> specs, double scale);
  /// SI in, SI out; none when it is held back; an error when a stage refuses it.
  Result<std::optional<double>> push(double value, SteadyTime now);
  /// To be called when the channel tells an error of its own (a failed read); push() does it for the errors it returns.
  void restart() noexcept;

 private:
  Result<std::optional<double>> fold(double value, SteadyTime now);

  std::vector<std::unique_ptr<Filter>> stages_;
  double scale_;
};

}  // namespace b2m
