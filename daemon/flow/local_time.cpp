#include "daemon/flow/local_time.hpp"

#include <algorithm>
#include <ctime>

namespace b2m {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

minutes local_minute(WallTime time) {
  const auto seconds = WallClock::to_time_t(time);
  std::tm local{};
  localtime_r(&seconds, &local);
  return hours(local.tm_hour) + minutes(local.tm_min);
}

/// Whether the clock, going from one showing to the next, passes `time`.
bool passes(minutes from, minutes to, minutes time) {
  if (from <= to) return from < time && time <= to;
  if (from - to <= hours(2)) return time == to || (to < time && time <= from);  // put back an hour: shown once more
  return time > from || time <= to;                                             // past midnight
}

}  // namespace

std::optional<minutes> minute_of_day(WallTime time) {
  if (time.time_since_epoch() < earliest_set_clock) return std::nullopt;
  tzset();
  return local_minute(time);
}

WallTime next_passing(std::span<const minutes> times, WallTime now) {
  if (now.time_since_epoch() < earliest_set_clock) return WallTime(earliest_set_clock);
  tzset();
  // Minute by minute, so that no rule about summer time is needed here but the time zone's own.
  auto at = std::chrono::floor<minutes>(now);
  auto shown = local_minute(at);
  const auto end = at + hours(25);
  while (at < end) {
    at += minutes(1);
    const auto next = local_minute(at);
    if (std::any_of(times.begin(), times.end(), [&](minutes time) { return passes(shown, next, time); })) break;
    shown = next;
  }
  return at;
}

void DayTimes::watch(std::vector<minutes> times) {
  times_ = std::move(times);
  looked_ahead_ = {};
  next_ = {};
}

std::optional<WallTime> DayTimes::look_ahead(WallTime now) {
  if (times_.empty() || (now >= looked_ahead_ && now < next_)) return std::nullopt;
  looked_ahead_ = now;
  next_ = next_passing(times_, now);
  return next_;
}

}  // namespace b2m
