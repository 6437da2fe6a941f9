// A level that must stand still before it counts.
#pragma once

#include <algorithm>
#include <optional>

#include "daemon/loop/event_loop.hpp"

namespace b2m {

/// Follows the edges of a line and settles when no edge came for `quiet`. Pure: time comes in.
class Debounce {
 public:
  explicit Debounce(SteadyClock::duration quiet) : quiet_(quiet) {}

  /// The level found, standing still: nothing to tell.
  void start(bool active) {
    level_ = active;
    told_ = active;
    pending_ = false;
  }
  /// An edge to `active` at `time`.
  void on_edge(bool active, SteadyTime time) {
    level_ = active;
    changed_ = time;
    pending_ = true;
  }
  /// When settle() should be asked, while an edge is pending.
  [[nodiscard]] std::optional<SteadyTime> deadline() const {
    return pending_ ? std::optional(changed_ + quiet_) : std::nullopt;
  }

  /// The moment until which it is certain what the level did, given that every edge until `now` was told.
  [[nodiscard]] SteadyTime certain_until(SteadyTime now) const { return pending_ ? std::min(now, changed_) : now; }

  struct Settled {
    bool active;
    SteadyTime since;  ///< of the last edge
  };
  /// The new level, once it has stood still for long enough and differs from the last one told.
  std::optional<Settled> settle(SteadyTime now) {
    if (!pending_ || now < changed_ + quiet_) return std::nullopt;
    pending_ = false;
    if (told_ == level_) return std::nullopt;
    told_ = level_;
    return Settled{level_, changed_};
  }

 private:
  SteadyClock::duration quiet_;
  bool level_ = false;
  bool pending_ = false;
  SteadyTime changed_{};
  std::optional<bool> told_;
};

}  // namespace b2m
