// Devices that are told by edges of their GPIO lines: contacts, counters, buttons, encoders.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "drivers/api/channel.hpp"
#include "drivers/api/gpio.hpp"

namespace b2m {

/// A line that an edge sensor listens to.
struct LineUse {
  std::string_view option = "line";      ///< the option that names it
  Edges edges = Edges::both;             ///< which ones matter; those of the other kind may come too
  std::chrono::nanoseconds debounce{0};  ///< how long a level must last to count; 0: every edge is told as it comes
};

/// A change of one of the lines.
struct LineChange {
  std::size_t line = 0;  ///< index into EdgeSensor::lines()
  bool active = false;
  std::chrono::steady_clock::time_point time = {};  ///< the kernel's, of the edge itself
  std::uint64_t lost_before = 0;  ///< edges of the wanted kind that came just before and could not be told one by one
};

/// Something that happened at a moment and is over: a button was pressed. `name` is one of DriverInfo::events.
struct EdgeEvent {
  std::string_view name;
  std::chrono::steady_clock::time_point time;
  friend bool operator==(const EdgeEvent&, const EdgeEvent&) = default;
};

/// What came of a change or of time.
struct EdgeNews {
  bool changed = false;  ///< the channels are worth telling now: measure() is called for the same moment
  std::vector<EdgeEvent> events = {};
};

/// How often a total is written to where it outlives the daemon: once it has changed by `step` (SI), but not more often
/// than each `at_most`; and any change of it within `at_least`.
struct KeepRule {
  double step = 0;
  std::chrono::nanoseconds at_most{0};
  std::chrono::nanoseconds at_least{0};
};

/// A device that is told by edges. Pure: knows no clock, no line; time never runs backwards. Loop only.
class EdgeSensor {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  virtual ~EdgeSensor() = default;
  [[nodiscard]] virtual std::vector<Channel> channels() const = 0;
  [[nodiscard]] virtual std::vector<LineUse> lines() const = 0;

  /// The levels of the lines as they are found at the start, and each time after they were lost.
  virtual EdgeNews start(const std::vector<bool>& levels, TimePoint now) = 0;
  virtual EdgeNews on_change(const LineChange& change) = 0;
  /// When time alone will bring something, if it will.
  [[nodiscard]] virtual std::optional<TimePoint> next_due() const { return std::nullopt; }
  /// It is `now`, at or after next_due(), and no line changed since the last call of any of these. Moves next_due() on.
  virtual EdgeNews on_time(TimePoint /*now*/) { return {}; }
  /// The values to tell at `now`. A difference is that to the values of the call before.
  virtual void measure(TimePoint now, Samples& samples) = 0;

  /// Set when the first channel is a total (or a position) that outlives the daemon.
  [[nodiscard]] virtual std::optional<KeepRule> keep_rule() const { return std::nullopt; }
  /// The value of the first channel, in SI, where it can be kept or DriverInfo::settable is true.
  [[nodiscard]] virtual double total() const { return 0; }
  /// Goes on counting from `value` (SI, within the first channel's range).
  virtual void set_total(double /*value*/) {}
};

}  // namespace b2m
