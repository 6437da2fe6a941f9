#include "daemon/flow/clock_watch.hpp"

#include <utility>

#include "daemon/flow/clock.hpp"
#include "daemon/log/log.hpp"

namespace b2m {

ClockWatch::ClockWatch(EventLoop& loop, ClockSources sources, ClockTimes times)
    : sources_(std::move(sources)),
      times_(times),
      backoff_(times.first_pause, times.longest_pause),
      set_watch_(loop,
                 [this] {
                   backoff_.reset();  // what sets the clock will soon have synchronised it
                   look();
                 }),
      timer_(loop, [this] { look(); }) {
  look();
}

ClockWatch::~ClockWatch() { set_clock_synchronised(false); }

void ClockWatch::look() {
  if (asking_) return;
  if (const auto told = sources_.kernel()) return conclude(told, SteadyClock::now());
  asking_ = true;
  timer_.cancel();
  sources_.bus([this, alive = std::weak_ptr(alive_)](std::optional<bool> told) {
    if (alive.expired()) return;
    asking_ = false;
    conclude(told, SteadyClock::now());
  });
}

void ClockWatch::conclude(std::optional<bool> told, SteadyTime now) {
  if (told) {
    silent_since_.reset();
  } else if (!silent_since_) {
    silent_since_ = now;
  }
  const bool given_up = silent_since_ && now - *silent_since_ >= times_.patience;
  become(told.value_or(given_up));
  if (clock_synchronised()) {
    timer_.cancel();
    backoff_.reset();
  } else {
    timer_.arm_after(backoff_.next(0));
  }
}

void ClockWatch::become(bool synchronised) {
  if (clock_synchronised() == synchronised) return;
  set_clock_synchronised(synchronised);
  if (synchronised && silent_since_)
    log::info({}, "clock: nobody says whether it is synchronised; it is taken for it");
  else
    log::info({}, "clock: {}", synchronised ? "synchronised" : "no longer synchronised");
  if (changed_) changed_();
}

}  // namespace b2m
