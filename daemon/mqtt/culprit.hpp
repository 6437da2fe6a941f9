// Finding the message for which a broker closes the connection.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>

#include "daemon/loop/event_loop.hpp"
#include "daemon/mqtt/message.hpp"

namespace b2m {

/// Before MQTT 5 a broker that will not take a message (too large for it, a forbidden topic) can only close the
/// connection, and the same message would then be sent for ever. After a loss, what was on its way is suspected and
/// goes one by one. Guilty is a message that was alone on its way at two losses, each directly after it was sent and in
/// a connection in which the broker had acknowledged another: a broker that takes nothing is sick, and nothing is given
/// up for it. A network that fails has all that happen to one message only by chance. Pure: time comes in. Loop only.
class CulpritSearch {
 public:
  static constexpr std::chrono::seconds directly{2};  ///< from sending to the loss
  static constexpr int enough = 2;                    ///< losses

  void sent(MessageId id, const Message& message, SteadyTime now) {
    on_their_way_[id] = {key(message), now, message.qos > 0};
  }
  void settled(MessageId id) {
    const auto found = on_their_way_.find(id);
    if (found == on_their_way_.end()) return;
    suspects_.erase(found->second.key);
    acknowledged_ = acknowledged_ || found->second.answered;  // without an answer nobody knows
    if (found->second.key == accused_) losses_ = 0;
    on_their_way_.erase(found);
  }
  /// The connection is gone. The message to give up, if one is guilty.
  [[nodiscard]] std::optional<MessageId> lost(SteadyTime now) {
    std::optional<MessageId> guilty;
    if (acknowledged_ && on_their_way_.size() == 1 && now - on_their_way_.begin()->second.sent <= directly)
      guilty = accuse(on_their_way_.begin()->first, on_their_way_.begin()->second.key);
    suspects_.clear();
    for (const auto& [id, message] : on_their_way_)
      if (id != guilty) suspects_.insert(message.key);
    on_their_way_.clear();
    acknowledged_ = false;
    return guilty;
  }
  /// The broker has acknowledged a message in this connection.
  [[nodiscard]] bool acknowledged() const noexcept { return acknowledged_; }
  /// One message at a time until no suspect is left.
  [[nodiscard]] bool one_by_one() const noexcept { return !suspects_.empty(); }
  /// Nothing is on its way and nothing waits: a suspect that has not come again was a state, and has changed since.
  void all_sent() { suspects_.clear(); }

 private:
  struct Sent {
    std::size_t key;
    SteadyTime sent;
    bool answered;  ///< the broker acknowledges it
  };
  /// A message that is sent again has another number, and the same content.
  static std::size_t key(const Message& message) {
    const std::hash<std::string_view> hash;
    return hash(message.topic) * 31 + hash(message.payload);
  }
  std::optional<MessageId> accuse(MessageId id, std::size_t key) {
    losses_ = key == accused_ ? losses_ + 1 : 1;
    accused_ = key;
    if (losses_ < enough) return std::nullopt;
    losses_ = 0;
    return id;
  }

  std::unordered_map<MessageId, Sent> on_their_way_;
  std::unordered_set<std::size_t> suspects_;
  bool acknowledged_ = false;
  std::size_t accused_ = 0;
  int losses_ = 0;
};

}  // namespace b2m
