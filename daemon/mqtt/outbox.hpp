// The readings that the broker does not have yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>

#include "daemon/mqtt/message.hpp"

namespace b2m {

/// Numbers messages and keeps them until they are acknowledged. Messages leave in the order they came, so each topic's
/// do; at most `window` are on their way at a time, and each acknowledgement makes room for one. When full, the oldest
/// waiting message is dropped. Pure. Loop only.
class Outbox {
 public:
  struct Entry {
    MessageId id;
    Message message;
    bool again = false;  ///< it was on its way before, when a connection was lost: the broker may have it
  };

  /// Both at least 1.
  Outbox(std::size_t capacity, std::size_t window);

  void push(Message message);
  /// Moves the next message into the window: none when the window is full or nothing waits. The pointer is valid until
  /// the next call that changes the outbox.
  [[nodiscard]] const Entry* next();
  /// The broker has it. False for a number that is not on its way, such as one acknowledged twice.
  bool acknowledge(MessageId id);
  /// The broker refuses it for good: forgotten and counted. False as above.
  bool refuse(MessageId id);
  /// The connection is gone: what was on its way waits again, before everything else and in its old order.
  void rewind();
  /// What is on its way under this number, or null.
  [[nodiscard]] const Message* find(MessageId id) const;
  /// What the broker takes at a time; takes effect with the next message.
  void set_window(std::size_t window);

  [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.size(); }
  [[nodiscard]] std::size_t inflight() const noexcept { return inflight_.size(); }
  [[nodiscard]] bool empty() const noexcept { return waiting_.empty() && inflight_.empty(); }
  [[nodiscard]] std::uint64_t delivered() const noexcept { return delivered_; }
  [[nodiscard]] std::uint64_t dropped_full() const noexcept { return dropped_full_; }
  [[nodiscard]] std::uint64_t dropped_refused() const noexcept { return dropped_refused_; }

 private:
  void make_room();

  std::size_t capacity_;
  std::size_t window_;
  MessageId next_id_ = 1;
  std::deque<Entry> waiting_;            ///< oldest first
  std::map<MessageId, Entry> inflight_;  ///< oldest first
  std::uint64_t delivered_ = 0;
  std::uint64_t dropped_full_ = 0;
  std::uint64_t dropped_refused_ = 0;
};

}  // namespace b2m
