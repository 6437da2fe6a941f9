#include "daemon/mqtt/outbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "daemon/mqtt/topics.hpp"

namespace b2m {
namespace {

std::size_t page_of(std::size_t memory) { return std::max<std::size_t>(memory / 4, 1); }

}  // namespace

Outbox::Outbox(const OutboxConfig& config, std::size_t window, OutboxStore* store)
    : config_(config), window_(std::max<std::size_t>(window, 1)), store_(store), backlog_(page_of(config.memory)) {
  if (store_ == nullptr) return;
  const auto contents = store_->attach(*this);
  backlog_.left_on_disk(contents.count, contents.first, contents.last);
  overtaken_ = contents.overtaken;
  committed_ = std::max(contents.last, overtaken_);  // no number below is given again
  next_id_ = committed_ + 1;
  clock_offsets_ = contents.clock_offsets;
  read_ahead();
}

Outbox::~Outbox() {
  if (store_ != nullptr) store_->detach();
}

// ---- in ----

void Outbox::push(ReadingMessage reading) {
  learn_clock({reading.taken.wall, reading.taken.monotonic, reading.taken.synchronised});
  Entry entry{.id = next_id_++, .message = std::move(reading.message), .taken = std::move(reading.taken)};
  if (connected_ && config_.replay == ReplayMode::live_first) {
    live_.push_back(std::move(entry));
  } else {
    backlog_.push_back(std::move(entry));
  }
  make_room();
  note_change();
}

std::size_t Outbox::capacity() const noexcept { return std::max<std::size_t>(config_.memory, 1); }

/// What is on its way leaves room for what is on its way to the disk.
std::size_t Outbox::window() const noexcept {
  return store_ == nullptr ? window_ : std::min(window_, std::max<std::size_t>(capacity() / 4, 1));
}

/// Where there is a disk, what is on its way has room of its own, and so has the page that was read last: a memory full
/// of what cannot be written must not stop what is read.
std::size_t Outbox::room() const noexcept {
  if (store_ == nullptr) return capacity();
  return capacity() - std::min(window() + backlog_.page(), capacity() - 1);
}

/// What takes that room.
std::size_t Outbox::occupied() const noexcept {
  if (store_ == nullptr) return in_memory();
  const auto read = backlog_.in_gap() == 0 ? std::min(backlog_.in_head(), backlog_.page()) : backlog_.in_head();
  return live_.size() + backlog_.in_memory() - read;
}

void Outbox::make_room() {
  while (occupied() > room()) {
    if (backlog_.leave_to_disk(on_disk()) != 0) continue;
    const bool live_may_wait = store_ != nullptr && live_.size() > backlog_.page() && live_.front().id <= committed_;
    if (!live_may_wait) {
      drop_oldest();
      continue;
    }
    backlog_.push_back(std::move(live_.front()));  // it has waited
    live_.pop_front();
  }
}

/// What is on its way may have arrived already, so it is dropped last.
void Outbox::drop_oldest() {
  if (auto oldest = backlog_.take_oldest_newer_than_gap()) {
    forget(oldest->id);
  } else if (!live_.empty()) {
    forget(live_.front().id);
    live_.pop_front();
  } else {
    settle(inflight_.begin());
  }
  ++drops_.full;
}

// ---- out ----

const Outbox::Entry* Outbox::next(const Moment& now) {
  due_.reset();
  learn_clock(now);
  while (inflight_.size() < window()) {
    auto entry = take_next(now.monotonic);
    if (!entry) return nullptr;
    if (too_old(*entry, now)) {
      forget(entry->id);
      ++drops_.old;
      next_replay_ = {};
      continue;
    }
    correct(*entry, now.monotonic);
    if (entry->history) ++history_inflight_;
    entry->sent = now.monotonic;
    sent_ = true;
    const auto id = entry->id;
    return &inflight_.insert_or_assign(id, std::move(*entry)).first->second;
  }
  return nullptr;
}

std::optional<Outbox::Entry> Outbox::take_next(SteadyTime now) {
  if (!live_.empty()) {
    auto entry = std::move(live_.front());
    live_.pop_front();
    return entry;
  }
  auto entry = take_waiting(now);
  if (entry && (config_.replay == ReplayMode::live_first || entry->id <= overtaken_)) into_history(*entry);
  return entry;
}

/// The oldest. When it is on a disk that does not answer, the oldest that is not goes before it.
std::optional<Outbox::Entry> Outbox::take_waiting(SteadyTime now) {
  if (held_back(now)) return std::nullopt;
  if (backlog_.has_front()) {
    if (is_paced())
      next_replay_ = now + std::chrono::duration_cast<SteadyClock::duration>(
                               std::chrono::duration<double>(1.0 / config_.replay_rate));
    auto entry = backlog_.take_front();
    read_ahead();
    return entry;
  }
  read_ahead();
  if (backlog_.in_gap() == 0 || store_->readable()) return std::nullopt;
  auto entry = backlog_.take_behind_gap();
  if (entry) overtake(entry->id - 1);
  return entry;
}

/// The disk learns it as soon as it answers, so that old does not follow new after a restart either.
void Outbox::overtake(MessageId id) {
  overtaken_ = std::max(overtaken_, id);
  tell_overtaken_ = true;
  store_->changed(false);
}

/// By the window of those that waited, and by `replay_rate`.
bool Outbox::held_back(SteadyTime now) {
  if (backlog_.size() == 0) return false;
  if (config_.replay == ReplayMode::live_first && history_inflight_ >= history_window_.size(window() / 2)) return true;
  if (!is_paced() || now >= next_replay_) return false;
  due_ = next_replay_;
  return true;
}

/// What comes next has waited for the connection.
bool Outbox::is_paced() const noexcept { return config_.replay_rate > 0 && backlog_.begins_through(waited_); }

void Outbox::into_history(Entry& entry) const {
  if (std::exchange(entry.history, true)) return;
  entry.message.topic = replay_topic(config_.replay_topic, entry.message.topic);
  entry.message.retain = false;  // what is retained on a topic is the newest
}

// ---- the end of a reading ----

void Outbox::settle(Inflight::iterator entry) {
  if (entry->second.history) --history_inflight_;
  forget(entry->first);
  inflight_.erase(entry);
}

/// On disk it is not needed any more; nor if it is just being written.
void Outbox::forget(MessageId id) {
  if (id <= disk_dropped_ || id > std::max(committed_, committing_.value_or(0))) return;
  erase_.add(id);
  note_change();
}

bool Outbox::acknowledge(MessageId id, SteadyTime now) {
  const auto entry = inflight_.find(id);
  if (entry == inflight_.end()) return false;
  const auto& reading = entry->second;
  // At QoS 0 nobody answers: it is only written.
  if (reading.history && reading.message.qos != 0) history_window_.answered(now - reading.sent, window() / 2);
  settle(entry);
  ++delivered_;
  return true;
}

bool Outbox::refuse(MessageId id) {
  const auto entry = inflight_.find(id);
  if (entry == inflight_.end()) return false;
  settle(entry);
  ++drops_.refused;
  return true;
}

// ---- the connection ----

void Outbox::connected() {
  connected_ = true;
  history_window_.reset();
  waited_ = next_id_ - 1;
}

void Outbox::rewind() {
  connected_ = false;
  history_inflight_ = 0;
  for (auto entry = inflight_.rbegin(); entry != inflight_.rend(); ++entry) {
    backlog_.put_back(std::move(entry->second));
  }
  inflight_.clear();
  for (auto& entry : live_) backlog_.push_back(std::move(entry));
  live_.clear();
}

const Message* Outbox::find(MessageId id) const {
  const auto entry = inflight_.find(id);
  return entry == inflight_.end() ? nullptr : &entry->second.message;
}

void Outbox::set_replay(const OutboxConfig& config) {
  config_.max_age = config.max_age;
  config_.replay_rate = config.replay_rate;
  config_.replay_topic = config.replay_topic;
  next_replay_ = {};
}

void Outbox::set_window(std::size_t window) { window_ = std::max<std::size_t>(window, 1); }

}  // namespace b2m
