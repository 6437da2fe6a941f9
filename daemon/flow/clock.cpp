#include "daemon/flow/clock.hpp"

#include <sys/timex.h>

#include <atomic>

namespace b2m {
namespace {

// One bit that workers stamp their readings with; nothing else is ordered by it.
std::atomic<bool> synchronised_now = false;

// The kernel's NTP_PHASE_LIMIT in microseconds: its clock's error is at most this, or not known. The flag STA_UNSYNC
// says less, since chrony may set it to keep the kernel away from the clock on the board (systemd's timedated decides
// alike).
constexpr long unknown_error_usec = 16'000'000;

}  // namespace

bool clock_synchronised() noexcept { return synchronised_now.load(std::memory_order_relaxed); }

void set_clock_synchronised(bool synchronised) noexcept {
  synchronised_now.store(synchronised, std::memory_order_relaxed);
}

std::optional<bool> ask_kernel_clock() noexcept {
  timex clock{};  // modes = 0: only asks
  if (adjtimex(&clock) < 0) return std::nullopt;
  return clock.maxerror < unknown_error_usec;
}

Moment this_moment() noexcept { return {WallClock::now(), SteadyClock::now(), clock_synchronised()}; }

}  // namespace b2m
