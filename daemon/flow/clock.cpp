#include "daemon/flow/clock.hpp"

#include <sys/timex.h>

namespace b2m {

bool clock_synchronised() noexcept {
  timex clock{};                       // modes = 0: only asks
  const int state = adjtimex(&clock);  // -1 where a sandbox forbids to ask
  return state >= 0 && state != TIME_ERROR && (clock.status & STA_UNSYNC) == 0;
}

Moment this_moment() noexcept { return {WallClock::now(), SteadyClock::now(), clock_synchronised()}; }

}  // namespace b2m
