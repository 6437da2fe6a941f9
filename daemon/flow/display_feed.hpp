// What a display shows by itself: lines of text in which readings stand.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/loop/event_loop.hpp"

namespace b2m {

/// A value as a field of the lines shows it; none while it cannot be told.
struct ShownValue {
  std::optional<double> si = {};
  Quantity quantity = Quantity::count;
  SteadyTime until = SteadyTime::max();  ///< then it is too old
};

/// Keeps the newest value of each channel that its lines name, and makes their text of them, no faster than the
/// refresh: of what comes in between, the newest is shown. Pure: time comes in. Loop only.
class DisplayFeed {
 public:
  using Lines = std::vector<std::vector<TemplatePiece>>;
  /// What stands for a value that is not known.
  static constexpr std::string_view unknown = "--";

  DisplayFeed(const Lines& lines, std::chrono::nanoseconds refresh);

  /// `field` is "sensor.channel"; one that no line names is nobody's business.
  void reading(std::string_view field, const ShownValue& value);
  /// Nothing is known of the sensor any more.
  void lost(std::string_view sensor);

  /// The text when it is another one than before and the refresh is over; lines end in "\n" but for the last.
  std::optional<std::string> update(SteadyTime now);
  /// When update() may have something; none: not before the next reading.
  [[nodiscard]] std::optional<SteadyTime> due() const;

 private:
  [[nodiscard]] std::string text() const;

  Lines lines_;
  SteadyClock::duration refresh_;
  std::map<std::string, ShownValue, std::less<>> values_;  ///< of every field
  bool changed_ = true;
  std::optional<std::string> shown_;
  SteadyTime next_ = SteadyTime::min();
};

}  // namespace b2m
