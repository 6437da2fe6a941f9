// When the MQTT library needs a push.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "daemon/loop/event_loop.hpp"

namespace b2m {

/// Paho C 1.3.12 has two places where it sleeps although there is work:
///  - a wake-up of its send thread may be lost, and the last message of a burst then leaves up to a second later;
///  - its receive thread sleeps 100 ms after each second without a packet, and a command that comes then waits.
/// A request that the broker answers and nobody else sees cures both. This class says when one is due: once after a
/// publication that stays unanswered for longer than answers take here, and, where being prompt is worth packets, each
/// time before a second of silence is over. Pure: time comes in. Loop only.
class Nudge {
 public:
  using Duration = SteadyClock::duration;
  static constexpr Duration shortest_stall = std::chrono::milliseconds(30);
  static constexpr Duration silence = std::chrono::milliseconds(800);

  /// Starts anew for a connection.
  void connected(SteadyTime now) {
    *this = Nudge();
    connected_ = true;
    heard_ = now;
  }
  /// Whether to avoid the silence, too.
  void be_prompt(bool prompt) { prompt_ = prompt; }
  void disconnected() { connected_ = false; }

  void published(SteadyTime now) {
    ++unanswered_;
    sent_ = now;
    stalled_told_ = false;
  }
  /// An acknowledgement; `round_trip` false for one that says only that the message was written.
  void answered(SteadyTime now, bool round_trip) {
    if (unanswered_ > 0) --unanswered_;
    if (!round_trip) return;
    heard_ = now;
    if (unanswered_ == 0) usual_ += (now - sent_ - usual_) / 8;  // as TCP smoothes its round trip, RFC 6298
  }
  void heard(SteadyTime now) { heard_ = now; }
  void nudged(SteadyTime now) {
    stalled_told_ = true;
    heard_ = now;  // its answer is on the way
  }

  /// When to look again; none while nothing can become due.
  [[nodiscard]] std::optional<SteadyTime> due() const {
    std::optional<SteadyTime> when;
    if (!connected_) return when;
    if (unanswered_ > 0 && !stalled_told_) when = sent_ + std::max(shortest_stall, 3 * usual_);
    if (prompt_) when = when ? std::min(*when, heard_ + silence) : heard_ + silence;
    return when;
  }

 private:
  bool connected_ = false;
  bool prompt_ = false;
  bool stalled_told_ = false;
  unsigned unanswered_ = 0;
  SteadyTime sent_{};
  SteadyTime heard_{};
  Duration usual_{0};  ///< smoothed time from the last publication to its answer
};

}  // namespace b2m
