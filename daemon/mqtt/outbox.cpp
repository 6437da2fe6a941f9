#include "daemon/mqtt/outbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace b2m {

Outbox::Outbox(std::size_t capacity, std::size_t window)
    : capacity_(std::max<std::size_t>(capacity, 1)), window_(std::max<std::size_t>(window, 1)) {}

void Outbox::push(Message message) {
  if (waiting_.size() + inflight_.size() >= capacity_) make_room();
  waiting_.push_back({next_id_++, std::move(message)});
}

/// What is on its way may have arrived already, so it is dropped last.
void Outbox::make_room() {
  if (!waiting_.empty()) {
    waiting_.pop_front();
  } else {
    inflight_.erase(inflight_.begin());
  }
  ++dropped_full_;
}

const Outbox::Entry* Outbox::next() {
  if (waiting_.empty() || inflight_.size() >= window_) return nullptr;
  const auto id = waiting_.front().id;
  const auto placed = inflight_.emplace_hint(inflight_.end(), id, std::move(waiting_.front()));
  waiting_.pop_front();
  return &placed->second;
}

bool Outbox::acknowledge(MessageId id) {
  if (inflight_.erase(id) == 0) return false;
  ++delivered_;
  return true;
}

bool Outbox::refuse(MessageId id) {
  if (inflight_.erase(id) == 0) return false;
  ++dropped_refused_;
  return true;
}

void Outbox::rewind() {
  for (auto entry = inflight_.rbegin(); entry != inflight_.rend(); ++entry) {
    entry->second.again = true;
    waiting_.push_front(std::move(entry->second));
  }
  inflight_.clear();
}

const Message* Outbox::find(MessageId id) const {
  const auto entry = inflight_.find(id);
  return entry == inflight_.end() ? nullptr : &entry->second.message;
}

void Outbox::set_window(std::size_t window) { window_ = std::max<std::size_t>(window, 1); }

}  // namespace b2m
