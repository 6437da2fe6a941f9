// What is true now: one message for each topic, sent again after every connect.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "daemon/mqtt/message.hpp"

namespace b2m {

/// Remembers the newest message of each topic until it is forgotten. A message that waits is replaced by a newer one;
/// at most one message of a topic is on its way, so that the newest arrives last. Topics leave in the order of their
/// first message, those that explain the others ahead of them. Pure. Loop only.
class StateBoard {
 public:
  /// Numbers of states, events and readings never meet: each kind has its own range.
  static constexpr MessageId first_id = MessageId{1} << 62U;

  explicit StateBoard(std::size_t window) : window_(window) {}

  enum class Place : std::uint8_t { ahead, row };
  /// `place` counts for a topic that is not here yet.
  void set(Message message, Place place = Place::row);
  void forget(std::string_view topic);
  /// Has the broker retain nothing on this topic any more: an empty message, ahead of the others where the topic was
  /// not here, and then it is forgotten.
  void clear(const std::string& topic, int qos);
  /// Marks everything as unsent; for a new connection.
  void rewind();
  /// Has everything sent again, after what is on its way.
  void repeat();
  /// The next message to send and its number; null when nothing waits or the window is full.
  struct Outgoing {
    MessageId id;
    const Message* message = nullptr;
  };
  [[nodiscard]] Outgoing next();
  /// It has arrived, or will never. False for a number that is not of this board.
  bool settle(MessageId id);
  void set_window(std::size_t window) { window_ = window; }

  [[nodiscard]] const Message* find(std::string_view topic) const;
  /// The newest message of the topic that this number is on its way to, or null.
  [[nodiscard]] const Message* find(MessageId id) const;
  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }
  [[nodiscard]] std::size_t inflight() const noexcept { return inflight_.size(); }

 private:
  struct State {
    Message message;
    MessageId on_its_way = 0;  ///< 0: none
    bool cleared = false;      ///< forgotten once the broker has it
  };
  using Order = std::uint64_t;  ///< of a topic's first message
  static constexpr Order first_in_row = Order{1} << 32U;

  std::size_t window_;
  MessageId next_id_ = first_id;
  Order next_ahead_ = 1;
  Order next_order_ = first_in_row;
  std::map<std::string, Order, std::less<>> orders_;
  std::unordered_map<Order, State> states_;
  std::set<Order> waiting_;  ///< the topics to send
  std::unordered_map<MessageId, Order> inflight_;
};

}  // namespace b2m
