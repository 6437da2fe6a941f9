// Telling the daemon's own messages from commands, where they share a topic and the broker cannot.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "daemon/loop/event_loop.hpp"

namespace b2m {

/// Remembers what was sent to a topic that is also subscribed, until it comes back or too long has passed. With MQTT 5
/// the subscription's no-local flag does the same better, and nothing needs to be remembered. Pure: time comes in. Loop
/// only.
class EchoMemory {
 public:
  static constexpr std::size_t capacity = 1024;
  static constexpr std::chrono::seconds lifetime{60};

  void sent(std::string_view topic, std::string_view payload, SteadyTime now);
  /// True once for each message sent.
  [[nodiscard]] bool take(std::string_view topic, std::string_view payload, SteadyTime now);
  /// What was sent before comes back in a session that the broker has kept, counted from now, and else never.
  void begin_connection(bool session_kept, SteadyTime now) {
    if (!session_kept) sent_.clear();
    for (auto& sent : sent_) sent.time = now;
  }

 private:
  struct Sent {
    std::string topic;
    std::string payload;
    SteadyTime time;
  };
  std::deque<Sent> sent_;  ///< oldest first
};

}  // namespace b2m
