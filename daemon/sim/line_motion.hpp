// How the input lines of the simulated board move by themselves: a door, a button that somebody presses, a water meter.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace b2m {

/// Levels that repeat for ever. A level follows from the time alone, so that two lines with cycles of one length keep
/// their places. Pure.
struct LineMotion {
  using TimePoint = std::chrono::steady_clock::time_point;
  std::vector<std::chrono::milliseconds> levels;  ///< how long inactive, then active, then inactive …; an even number
  std::chrono::milliseconds offset{0};            ///< how much later the cycle begins

  [[nodiscard]] bool active_at(TimePoint time) const;
  [[nodiscard]] TimePoint next_change(TimePoint after) const;

 private:
  struct Place {
    std::size_t level;
    std::chrono::nanoseconds left;  ///< of it
  };
  [[nodiscard]] Place place_of(TimePoint time) const;
};

/// What is like the part of that driver, on the line of that option; none for a plain contact.
[[nodiscard]] std::optional<LineMotion> find_line_motion(std::string_view driver, std::string_view option);

/// A contact that changes every 5 to 12 s; which, and when, follows from the seed.
[[nodiscard]] LineMotion contact_motion(std::uint32_t seed);

}  // namespace b2m
