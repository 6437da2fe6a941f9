// The outbox's view of time: how old a reading is, and what its time was when the clock did not know.
#include "daemon/mqtt/outbox.hpp"
#include "daemon/mqtt/payload.hpp"

namespace b2m {

void Outbox::learn_clock(const Moment& moment) {
  const bool unknown_moment = moment.monotonic == SteadyTime{};
  if (!moment.synchronised || unknown_moment || clock_offsets_.contains(0)) return;
  clock_offsets_[0] = moment.wall.time_since_epoch() - moment.monotonic.time_since_epoch();
  if (store_ == nullptr) return;
  tell_clock_offset_ = true;  // so that a later boot can correct what this one leaves behind
  store_->changed(false);
}

std::optional<std::chrono::nanoseconds> Outbox::clock_offset(BootNumber boot) const {
  const auto known = clock_offsets_.find(boot);
  return known == clock_offsets_.end() ? std::nullopt : std::optional(known->second);
}

void Outbox::correct(Entry& entry, SteadyTime now) const {
  auto& taken = entry.taken;
  if (taken.synchronised) return;
  const auto offset = clock_offset(taken.boot);
  if (!offset) {
    // Nobody knows how old it is when the machine was off meanwhile; an age that it was sent with before goes again.
    tell_age(entry.message.payload, taken.spots,
             taken.boot == 0 ? now - taken.monotonic : SteadyTime::duration::zero());
    return;
  }
  taken.wall = WallTime(std::chrono::duration_cast<WallClock::duration>(taken.monotonic.time_since_epoch() + *offset));
  correct_time(entry.message.payload, taken.spots, taken.wall);
  taken.spots.clear();
  taken.synchronised = true;
}

bool Outbox::too_old(const Entry& entry, const Moment& now) const {
  if (config_.max_age <= std::chrono::nanoseconds::zero()) return false;
  const auto& taken = entry.taken;
  if (taken.boot == 0) return now.monotonic - taken.monotonic > config_.max_age;
  if (!now.synchronised) return false;  // nobody knows how long the machine was off
  if (taken.synchronised) return now.wall - taken.wall > config_.max_age;
  const auto offset = clock_offset(taken.boot);
  return offset && now.wall.time_since_epoch() - (taken.monotonic.time_since_epoch() + *offset) > config_.max_age;
}

}  // namespace b2m
