// The readings that the broker does not have yet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "daemon/config/model.hpp"
#include "daemon/mqtt/backlog.hpp"
#include "daemon/mqtt/history_window.hpp"
#include "daemon/mqtt/message.hpp"
#include "daemon/mqtt/outbox_store.hpp"

namespace b2m {

/// Numbers readings and keeps them until they are acknowledged: in memory, and where there is a store, on disk beyond
/// that and against a crash. Readings leave in the order they came, so each topic's do; at most `window` are on their
/// way at a time, and each acknowledgement makes room for one. With ReplayMode::live_first those that waited go to the
/// replay topic, beside the new ones. When everything is full, the oldest is dropped. Loop only.
class Outbox final : public OutboxStore::Client {
 public:
  using Entry = OutboxEntry;
  struct Drops {
    std::uint64_t full = 0;     ///< no room
    std::uint64_t refused = 0;  ///< by the broker, for good
    std::uint64_t old = 0;      ///< older than `max_age`
    std::uint64_t damaged = 0;  ///< unreadable on disk
  };

  /// `window` at least 1. `store`, when there is one, outlives the outbox.
  Outbox(const OutboxConfig& config, std::size_t window, OutboxStore* store = nullptr);
  ~Outbox() override;
  Outbox(const Outbox&) = delete;
  Outbox& operator=(const Outbox&) = delete;

  /// How old, how fast and whereto what waited is sent, from the next message on. The rest of `config` is what the
  /// outbox was made with: room and order cannot change under what waits.
  void set_replay(const OutboxConfig& config);
  /// Called when next() may have something again, or something was dropped, because the disk has answered.
  void on_change(std::function<void()> handler) { on_change_ = std::move(handler); }

  void push(ReadingMessage reading);
  /// Moves the next reading into the window: none when the window is full, nothing waits, what waits is still being
  /// read, or it is not its time (see due()). The pointer is valid until the next call that changes the outbox.
  [[nodiscard]] const Entry* next(const Moment& now);
  /// When next() will have what `replay_rate` holds back; none when it holds nothing back.
  [[nodiscard]] std::optional<SteadyTime> due() const noexcept { return due_; }
  /// The broker has it, since `now`. False for a number that is not on its way, such as one acknowledged twice.
  bool acknowledge(MessageId id, SteadyTime now);
  /// The broker refuses it for good: forgotten and counted. False as above.
  bool refuse(MessageId id);
  /// There is a connection: what waits now has waited.
  void connected();
  /// The connection is gone: what was on its way waits again, in its old order.
  void rewind();
  /// What is on its way under this number, or null.
  [[nodiscard]] const Message* find(MessageId id) const;
  /// What the broker takes at a time; takes effect with the next message.
  void set_window(std::size_t window);

  [[nodiscard]] std::uint64_t waiting() const noexcept { return backlog_.size() + live_.size(); }
  [[nodiscard]] std::size_t inflight() const noexcept { return inflight_.size(); }
  [[nodiscard]] bool empty() const noexcept { return waiting() == 0 && inflight_.empty(); }
  [[nodiscard]] std::size_t in_memory() const noexcept {
    return backlog_.in_memory() + live_.size() + inflight_.size();
  }
  [[nodiscard]] std::uint64_t delivered() const noexcept { return delivered_; }
  [[nodiscard]] const Drops& drops() const noexcept { return drops_; }
  /// Readings since the newest that is on disk or on its way there; those acknowledged meanwhile count, too.
  [[nodiscard]] std::uint64_t unwritten() const noexcept;
  /// Of what waits now, what will be there after a restart.
  [[nodiscard]] std::uint64_t surviving() const;

  OutboxChanges collect() override;
  void committed(std::uint64_t dropped, MessageId dropped_through) override;
  void not_committed(IdRanges erase) override;
  void loaded(std::optional<OutboxPage> page) override;
  void found(const OutboxStore::Contents& contents) override;
  void availability_changed() override;
  void rewritten() override;

  /// The moment on both clocks: the first one with a synchronised clock tells how far the monotonic clock is from it,
  /// and times taken before, in this boot, are corrected when their readings leave. Called besides by push() and
  /// next().
  void learn_clock(const Moment& moment);

 private:
  using Inflight = std::map<MessageId, Entry>;

  // outbox.cpp: what comes and goes
  std::optional<Entry> take_next(SteadyTime now);
  std::optional<Entry> take_waiting(SteadyTime now);
  [[nodiscard]] bool held_back(SteadyTime now);
  [[nodiscard]] bool is_paced() const noexcept;
  [[nodiscard]] std::size_t capacity() const noexcept;
  [[nodiscard]] std::size_t window() const noexcept;
  void into_history(Entry& entry) const;
  void overtake(MessageId id);
  [[nodiscard]] std::size_t room() const noexcept;
  [[nodiscard]] std::size_t occupied() const noexcept;
  void make_room();
  void drop_oldest();
  void settle(Inflight::iterator entry);
  void forget(MessageId id);
  // outbox_clock.cpp: times
  [[nodiscard]] bool too_old(const Entry& entry, const Moment& now) const;
  void correct(Entry& entry, SteadyTime now) const;
  [[nodiscard]] std::optional<std::chrono::nanoseconds> clock_offset(BootNumber boot) const;
  // outbox_disk.cpp: what is on disk
  [[nodiscard]] Backlog::Gap on_disk() const noexcept { return {disk_dropped_, committed_}; }
  [[nodiscard]] std::uint64_t kept_in_memory(MessageId through) const;
  [[nodiscard]] bool is_still_wanted(MessageId id) const;
  void note_change();
  void read_ahead();

  OutboxConfig config_;
  std::size_t window_;
  OutboxStore* store_;
  std::function<void()> on_change_;
  MessageId next_id_ = 1;
  Backlog backlog_;
  std::deque<Entry> live_;  ///< with live_first: what has come since the connection was made; newer than the backlog
  Inflight inflight_;
  std::size_t history_inflight_ = 0;
  HistoryWindow history_window_;
  bool connected_ = false;
  bool sent_ = false;        ///< something has left in this run
  MessageId waited_ = 0;     ///< up to this number, readings waited for the connection
  MessageId overtaken_ = 0;  ///< up to this number, newer readings may have gone before
  SteadyTime next_replay_{};
  std::optional<SteadyTime> due_;

  MessageId committed_ = 0;              ///< up to this number, everything that waits is on disk …
  MessageId disk_dropped_ = 0;           ///< … but for what the disk has dropped, up to this one
  std::optional<MessageId> committing_;  ///< a lot up to this number is under way
  IdRanges erase_;                       ///< on disk, but not needed any more
  IdRanges erasing_;                     ///< the same, in the lot under way
  std::optional<Backlog::Gap> loading_;

  std::map<BootNumber, std::chrono::nanoseconds> clock_offsets_;  ///< wall clock minus monotonic clock, by boot
  bool tell_clock_offset_ = false;
  bool tell_overtaken_ = false;

  std::uint64_t delivered_ = 0;
  Drops drops_;
};

}  // namespace b2m
