// The readings that wait, in order: the oldest and the newest in memory, those between them on disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "daemon/mqtt/message.hpp"

namespace b2m {

struct OutboxEntry {
  MessageId id = 0;
  Message message = {};
  Taken taken = {};
  bool history = false;  ///< newer readings have gone before it: it goes to the replay topic
  SteadyTime sent = {};  ///< when it was last sent
};

/// A queue by number with a gap in its middle, which is on disk: head < gap < tail. Says what to read, and reads
/// nothing itself. Pure.
class Backlog {
 public:
  /// Numbers from `after` (not included) to `through`.
  struct Gap {
    MessageId after = 0;
    MessageId through = 0;
    friend bool operator==(const Gap&, const Gap&) = default;
  };

  /// `page` is how many of the oldest stay in memory when room is made, at least 1.
  explicit Backlog(std::size_t page) : page_(page) {}

  /// What an earlier run left on disk: `count` readings, all older than those that are here. Precondition: no gap.
  void left_on_disk(std::uint64_t count, MessageId first, MessageId last);
  void push_back(OutboxEntry entry) { (gapless() && tail_.empty() ? head_ : tail_).push_back(std::move(entry)); }
  /// To where it was before it was taken.
  void put_back(OutboxEntry entry);

  /// The oldest is in memory.
  [[nodiscard]] bool has_front() const noexcept { return !head_.empty() || (gapless() && !tail_.empty()); }
  /// Precondition: has_front().
  OutboxEntry take_front();
  /// The oldest behind the gap, for when the disk cannot be read; none when there is none.
  std::optional<OutboxEntry> take_behind_gap();

  /// Makes room: what is on disk, by its number (more than `after`, up to `through`), need not be in memory. The oldest
  /// page stays while there is anything else to take. Returns how many have left.
  std::size_t leave_to_disk(const Gap& on_disk);
  /// To be dropped; none when there is none. Without a gap, the oldest of all.
  std::optional<OutboxEntry> take_oldest_newer_than_gap();
  /// Those before the gap with a number up to `through` are gone. Returns how many.
  std::size_t drop_head(MessageId through);

  /// None when everything is in memory.
  [[nodiscard]] std::optional<Gap> gap() const noexcept {
    return gapless() ? std::nullopt : std::optional(Gap{gap_after_, gap_through_});
  }
  [[nodiscard]] std::uint64_t in_gap() const noexcept { return gap_count_; }
  /// `count` of the oldest in the gap, up to `through`, are there no more.
  void shrink_gap(std::uint64_t count, MessageId through);
  /// What was read of the gap, in order. The gap now begins behind `through`.
  void fill(std::vector<OutboxEntry> entries, MessageId through);

  /// The oldest has a number up to this one.
  [[nodiscard]] bool begins_through(MessageId id) const noexcept;
  /// The head could do with another page.
  [[nodiscard]] bool wants_page() const noexcept { return !gapless() && head_.size() <= page_ / 2; }
  [[nodiscard]] std::size_t page() const noexcept { return page_; }
  [[nodiscard]] std::size_t in_head() const noexcept { return head_.size(); }
  [[nodiscard]] std::size_t in_memory() const noexcept { return head_.size() + tail_.size(); }
  [[nodiscard]] std::uint64_t size() const noexcept { return in_memory() + gap_count_; }
  /// Appends those in memory with a number above `id`.
  void append_newer(MessageId id, std::vector<const OutboxEntry*>& out) const;
  /// Those in memory with a number above `after`, up to `through`.
  [[nodiscard]] std::uint64_t count(const Gap& range) const;

 private:
  using Queue = std::deque<OutboxEntry>;

  [[nodiscard]] bool gapless() const noexcept { return gap_count_ == 0; }
  void split();
  void widen_gap(MessageId id);

  std::size_t page_;
  Queue head_;
  Queue tail_;
  std::uint64_t gap_count_ = 0;
  MessageId gap_after_ = 0;
  MessageId gap_through_ = 0;
};

}  // namespace b2m
