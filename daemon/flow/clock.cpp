#include "daemon/flow/clock.hpp"

#include <sys/timex.h>

namespace b2m {

bool clock_synchronised() noexcept {
  timex state{};  // modes = 0: only asks
  return adjtimex(&state) != TIME_ERROR && (state.status & STA_UNSYNC) == 0;
}

Moment this_moment() noexcept { return {WallClock::now(), SteadyClock::now(), clock_synchronised()}; }

}  // namespace b2m
