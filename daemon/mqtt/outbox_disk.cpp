// The outbox and its store: what is written, read again, and found missing.
#include <algorithm>
#include <utility>

#include "daemon/mqtt/outbox.hpp"

namespace b2m {
namespace {

// A lot is copied, so it is small beside what the memory holds.
constexpr std::size_t lot_readings = 2000;
/// So is it beside what the disk may hold.
std::size_t lot_bytes(std::uint64_t disk_bytes) {
  return static_cast<std::size_t>(std::clamp<std::uint64_t>(disk_bytes / 16, 16'000, 1'000'000));
}
/// Numbers acknowledged out of order make ranges of their own; this many are worth a commit before its time.
constexpr std::size_t many_ranges = 4096;

}  // namespace

std::uint64_t Outbox::unwritten() const noexcept {
  return next_id_ - 1 - std::min(next_id_ - 1, std::max(committed_, committing_.value_or(0)));
}

/// The disk is hurried when half of the room is taken, and a quarter of it hangs on the disk.
void Outbox::note_change() {
  if (store_ == nullptr) return;
  const bool filling = occupied() > room() / 2 && unwritten() >= std::max<std::size_t>(room() / 4, 1);
  store_->changed(filling || erase_.ranges().size() >= many_ranges);
}

OutboxChanges Outbox::collect() {
  std::vector<const Entry*> newer;
  for (auto entry = inflight_.upper_bound(committed_); entry != inflight_.end(); ++entry)
    newer.push_back(&entry->second);
  backlog_.append_newer(committed_, newer);
  for (const auto& entry : live_)
    if (entry.id > committed_) newer.push_back(&entry);
  std::sort(newer.begin(), newer.end(), [](const Entry* a, const Entry* b) { return a->id < b->id; });

  OutboxChanges changes{.erase = std::exchange(erase_, {}), .through = next_id_ - 1};
  erasing_ = changes.erase;
  const auto most_bytes = lot_bytes(config_.disk_bytes);
  std::size_t bytes = 0;
  for (const auto* entry : newer) {
    if (changes.put.size() == lot_readings || bytes >= most_bytes) {
      changes.through = changes.put.back().id;
      changes.more = true;
      break;
    }
    bytes += entry->message.topic.size() + entry->message.payload.size();
    changes.put.push_back({entry->id, entry->message, entry->taken});
  }
  if (std::exchange(tell_clock_offset_, false)) changes.clock_offset = clock_offset(0);
  if (std::exchange(tell_overtaken_, false)) changes.overtaken = overtaken_;
  committing_ = changes.through;
  return changes;
}

void Outbox::committed(std::uint64_t dropped, MessageId dropped_through) {
  committed_ = std::max(committed_, committing_.value_or(0));
  committing_.reset();
  erasing_ = {};
  if (dropped != 0) {
    const auto elsewhere = kept_in_memory(dropped_through) + erase_.count_through(dropped_through);
    const auto in_gap = std::min(backlog_.in_gap(), dropped - std::min(dropped, elsewhere));
    disk_dropped_ = std::max(disk_dropped_, dropped_through);
    const bool oldest_first = backlog_.in_gap() != 0;  // those before the gap are older than what the disk gave up
    backlog_.shrink_gap(in_gap, dropped_through);
    drops_.full += in_gap + (oldest_first ? backlog_.drop_head(dropped_through) : 0);
  }
  make_room();
  read_ahead();
  if (on_change_) on_change_();
}

void Outbox::not_committed(IdRanges erase) {
  committing_.reset();
  erasing_ = {};
  erase_.add(erase);
  if (clock_offsets_.contains(0)) tell_clock_offset_ = true;
  if (overtaken_ != 0) tell_overtaken_ = true;
}

std::uint64_t Outbox::surviving() const {
  if (store_ == nullptr) return 0;
  if (store_->writable()) return waiting();
  return backlog_.in_gap() + kept_in_memory(committed_);
}

/// Of what is on disk up to this number.
std::uint64_t Outbox::kept_in_memory(MessageId through) const {
  const Backlog::Gap range{disk_dropped_, std::min(through, committed_)};
  const auto in_range = [&](MessageId id) { return range.after < id && id <= range.through; };
  auto count = backlog_.count(range);
  for (const auto& entry : live_) count += in_range(entry.id) ? 1U : 0U;
  for (const auto& [id, entry] : inflight_) count += in_range(id) ? 1U : 0U;
  return count;
}

// ---- reading ----

void Outbox::read_ahead() {
  if (store_ == nullptr || loading_ || !backlog_.wants_page() || !store_->readable()) return;
  loading_ = backlog_.gap();
  store_->load(loading_->after, loading_->through, backlog_.page());
}

/// Not on its way, nor arrived since it was asked for.
bool Outbox::is_still_wanted(MessageId id) const {
  return !inflight_.contains(id) && !erase_.contains(id) && !erasing_.contains(id);
}

void Outbox::loaded(std::optional<OutboxPage> page) {
  const auto asked = std::exchange(loading_, std::nullopt);
  const auto gap = backlog_.gap();
  if (!page || !asked || !gap) return;
  drops_.damaged += page->damaged;
  backlog_.shrink_gap(page->damaged, gap->after);
  if (gap->after == asked->after) {  // else the gap has changed at its begin, and is read anew
    std::vector<Entry> entries;
    for (auto& reading : page->readings)
      if (is_still_wanted(reading.id))
        entries.push_back({reading.id, std::move(reading.message), std::move(reading.taken)});
    backlog_.fill(std::move(entries), page->through);
    if (const auto left = backlog_.gap(); left && left->after >= left->through) {
      drops_.damaged += backlog_.in_gap();  // the disk has lost them without knowing
      backlog_.shrink_gap(backlog_.in_gap(), left->through);
    }
  }
  make_room();
  read_ahead();
  if (on_change_) on_change_();
}

/// What is in memory and newer is written once more.
void Outbox::rewritten() {
  const auto gap = backlog_.gap();
  committed_ = gap ? gap->through : 0;
}

/// What has left meanwhile has overtaken it.
void Outbox::found(const OutboxStore::Contents& contents) {
  backlog_.left_on_disk(contents.count, contents.first, contents.last);
  clock_offsets_.insert(contents.clock_offsets.begin(), contents.clock_offsets.end());
  overtaken_ = std::max(overtaken_, contents.overtaken);
  if (sent_ && contents.count != 0) overtake(contents.last);
  availability_changed();
}

void Outbox::availability_changed() {
  read_ahead();
  if (on_change_) on_change_();
}

}  // namespace b2m
