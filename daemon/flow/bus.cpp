#include "daemon/flow/bus.hpp"

#include <utility>

#include "daemon/log/log.hpp"

namespace b2m {
namespace {

// Each job under way comes back once, also one that pauses.
constexpr std::size_t lane_capacity = 256;
constexpr std::size_t done_capacity = 4 * lane_capacity;

}  // namespace

std::optional<std::chrono::microseconds> BusJob::step() {
  if (const auto pause = work()) return pause;
  done_->try_push(shared_from_this());  // afterwards the loop may post the job again at once
  return std::nullopt;
}

Bus::Bus(EventLoop& loop, std::string name, std::chrono::nanoseconds budget)
    : name_(std::move(name)),
      budget_(budget),
      done_(loop, done_capacity, [this](const std::shared_ptr<BusJob>& job) { receive(job); }),
      watch_timer_(loop, [this] { watch(); }),
      worker_(name_, lane_capacity) {}

bool Bus::post(std::shared_ptr<BusJob> job, Worker::Lane lane) {
  if (stuck_ || under_way_ == done_capacity) return false;  // each job must be able to come back
  if (!job->done_) job->done_.emplace(done_.sender());
  if (!worker_.post(std::move(job), lane)) return false;
  ++under_way_;
  if (!watch_timer_.armed()) watch_timer_.arm_after(budget_);
  return true;
}

void Bus::receive(const std::shared_ptr<BusJob>& job) {
  --under_way_;
  if (under_way_ == 0) watch_timer_.cancel();
  if (stuck_) set_stuck(false);
  job->finish();
}

/// Looks at the step under way; armed only while work is under way.
void Bus::watch() {
  const auto since = worker_.busy_since();
  const auto limit = since ? *since + std::chrono::duration_cast<SteadyClock::duration>(budget_) : SteadyTime::max();
  if (SteadyClock::now() >= limit) {
    set_stuck(true);  // its end shows by itself: the job comes back
  } else {
    watch_timer_.arm(since ? limit : SteadyClock::now() + std::chrono::duration_cast<SteadyClock::duration>(budget_));
  }
}

void Bus::set_stuck(bool stuck) {
  if (stuck == stuck_) return;
  stuck_ = stuck;
  if (stuck) {
    log::error({.bus = name_, .error = "bus_stuck", .message_id = log::id_bus_stuck},
               "bus {} hangs: a transfer has not ended for {} s; its devices are off line until it does", name_,
               std::chrono::duration_cast<std::chrono::seconds>(budget_).count());
  } else {
    log::notice({.bus = name_}, "bus {} answers again", name_);
    if (under_way_ > 0) watch_timer_.arm_after(budget_);
  }
  for (const auto& listener : listeners_) listener(stuck);
}

}  // namespace b2m
