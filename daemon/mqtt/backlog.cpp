#include "daemon/mqtt/backlog.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace b2m {
namespace {

auto first_above(const std::deque<OutboxEntry>& queue, MessageId id) {
  return std::upper_bound(queue.begin(), queue.end(), id,
                          [](MessageId wanted, const OutboxEntry& entry) { return wanted < entry.id; });
}

bool holds(const Backlog::Gap& range, MessageId id) { return range.after < id && id <= range.through; }

}  // namespace

void Backlog::left_on_disk(std::uint64_t count, MessageId first, MessageId last) {
  if (count == 0) return;
  tail_.insert(tail_.begin(), std::make_move_iterator(head_.begin()), std::make_move_iterator(head_.end()));
  head_.clear();
  gap_count_ = count;
  gap_after_ = first == 0 ? 0 : first - 1;
  gap_through_ = last;
}

void Backlog::put_back(OutboxEntry entry) {
  if (!gapless() && holds({gap_after_, gap_through_}, entry.id)) {
    ++gap_count_;  // a gap is as wide as what is on disk: it will be read again with its neighbours
    return;
  }
  const bool before_gap = gapless() ? tail_.empty() || entry.id < tail_.front().id : entry.id <= gap_after_;
  auto& queue = before_gap ? head_ : tail_;
  queue.insert(first_above(queue, entry.id), std::move(entry));
}

OutboxEntry Backlog::take_front() {
  if (head_.empty()) head_.swap(tail_);
  auto entry = std::move(head_.front());
  head_.pop_front();
  return entry;
}

std::optional<OutboxEntry> Backlog::take_behind_gap() {
  if (tail_.empty()) return std::nullopt;
  auto entry = std::move(tail_.front());
  tail_.pop_front();
  return entry;
}

/// Everything but the oldest page becomes the tail.
void Backlog::split() {
  if (!gapless() || !tail_.empty() || head_.size() <= page_) return;
  const auto at = head_.begin() + static_cast<std::ptrdiff_t>(page_);
  tail_.assign(std::make_move_iterator(at), std::make_move_iterator(head_.end()));
  head_.erase(at, head_.end());
}

void Backlog::widen_gap(MessageId id) {
  if (gapless()) {
    gap_after_ = id - 1;
    gap_through_ = id;
  } else {
    gap_after_ = std::min(gap_after_, id - 1);
    gap_through_ = std::max(gap_through_, id);
  }
  ++gap_count_;
}

std::size_t Backlog::leave_to_disk(const Gap& on_disk) {
  split();
  std::size_t left = 0;
  for (; !tail_.empty() && holds(on_disk, tail_.front().id); ++left) {
    widen_gap(tail_.front().id);
    tail_.pop_front();
  }
  // The disk is behind: rather read some of the page anew than lose anything. Then there is a gap, and the page is not
  // in the way any more.
  if (left == 0 && gapless() && !head_.empty() && holds(on_disk, head_.back().id)) {
    widen_gap(head_.back().id);
    head_.pop_back();
    left = 1;
  }
  return left;
}

std::optional<OutboxEntry> Backlog::take_oldest_newer_than_gap() {
  if (!gapless() || head_.empty()) return take_behind_gap();
  return take_front();
}

bool Backlog::begins_through(MessageId id) const noexcept {
  if (!head_.empty()) return head_.front().id <= id;
  if (!gapless()) return gap_after_ < id;
  return !tail_.empty() && tail_.front().id <= id;
}

std::size_t Backlog::drop_head(MessageId through) {
  std::size_t count = 0;
  for (; !head_.empty() && head_.front().id <= through; ++count) head_.pop_front();
  return count;
}

void Backlog::shrink_gap(std::uint64_t count, MessageId through) {
  gap_count_ -= std::min(count, gap_count_);
  gap_after_ = std::max(gap_after_, std::min(through, gap_through_));
}

void Backlog::fill(std::vector<OutboxEntry> entries, MessageId through) {
  shrink_gap(entries.size(), through);
  head_.insert(head_.end(), std::make_move_iterator(entries.begin()), std::make_move_iterator(entries.end()));
}

void Backlog::append_newer(MessageId id, std::vector<const OutboxEntry*>& out) const {
  for (const auto* queue : {&head_, &tail_})
    for (auto entry = first_above(*queue, id); entry != queue->end(); ++entry) out.push_back(&*entry);
}

std::uint64_t Backlog::count(const Gap& range) const {
  const auto in = [&](const Queue& queue) {
    return first_above(queue, range.through) - first_above(queue, range.after);
  };
  return range.through <= range.after ? 0 : static_cast<std::uint64_t>(in(head_) + in(tail_));
}

}  // namespace b2m
