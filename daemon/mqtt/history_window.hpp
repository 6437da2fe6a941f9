// How many of the readings that waited may be on their way beside live ones.
#pragma once

#include <algorithm>
#include <cstddef>

#include "daemon/loop/event_loop.hpp"

namespace b2m {

/// A live reading waits behind those that are on their way already, so these must not queue anywhere: their window
/// grows by one a round trip while their answers come about as fast as the fastest of this connection, and shrinks when
/// they take half as long again. A few are always on their way, which keeps a broker on the same network busy; a far
/// one gets more, for the same rate. The idea is that of TCP Vegas and of LEDBAT (RFC 6817). Pure: time comes in. Loop
/// only.
class HistoryWindow {
 public:
  using Duration = SteadyClock::duration;
  static constexpr std::size_t least = 4;

  /// Of at most `most`, at least 1.
  [[nodiscard]] std::size_t size(std::size_t most) const {
    return std::clamp<std::size_t>(static_cast<std::size_t>(size_), 1, std::max<std::size_t>(most, 1));
  }
  /// The broker has acknowledged one of them `round_trip` after it was sent; the window is one of at most `most`.
  void answered(Duration round_trip, std::size_t most) {
    shortest_ = std::min(shortest_, round_trip);
    constexpr auto floor = static_cast<double>(least);
    // A window of n has n answers a round trip: that is one more for it, or a quarter less.
    size_ += round_trip <= shortest_ + shortest_ / 2 ? 1 / size_ : -0.25;
    size_ = std::clamp(size_, floor, std::max(floor, static_cast<double>(most)));
  }
  /// Another broker, or another way to it.
  void reset() { *this = HistoryWindow(); }

 private:
  double size_ = static_cast<double>(least);
  Duration shortest_ = std::chrono::hours(1);
};

}  // namespace b2m
