// Times in payloads, and how they become true later.
#include <fmt/chrono.h>

#include <iterator>

#include "daemon/mqtt/payload_formats.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using Buffer = fmt::memory_buffer;

/// RFC 8428, 4.5.3: a smaller number is not a time but a distance from now.
constexpr std::chrono::seconds least_senml_time{1 << 28};

struct Split {
  std::chrono::seconds seconds;
  std::chrono::milliseconds::rep ms;  ///< 0 to 999
};
Split split(std::chrono::nanoseconds duration) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(duration);
  return {seconds, std::chrono::duration_cast<std::chrono::milliseconds>(duration - seconds).count()};
}

void append_date(Buffer& out, WallTime time) {
  const auto [seconds, ms] = split(time.time_since_epoch());
  fmt::format_to(std::back_inserter(out), "{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                 fmt::gmtime(static_cast<std::time_t>(seconds.count())), ms);
}

void append_base_time(Buffer& out, const Split& time, std::string_view sign) {
  fmt::format_to(std::back_inserter(out), "\"bt\":{}{}.{:03},", sign, time.seconds.count(), time.ms);
}

/// What stands at a spot once the time is known.
void append_known(Buffer& out, TimeSpot::Kind kind, WallTime time) {
  using Kind = TimeSpot::Kind;
  const std::chrono::nanoseconds since_1970 = time.time_since_epoch();
  if (kind == Kind::time) {
    append_date(out, time);
  } else if (kind == Kind::senml_base_time && since_1970 >= least_senml_time) {
    append_base_time(out, split(since_1970), "");
  } else if (kind == Kind::influx_timestamp) {
    fmt::format_to(std::back_inserter(out), " {}", since_1970.count());
  }
}

}  // namespace

void append_time(Buffer& out, const Moment& moment, TimeSpot::Kind kind, std::vector<TimeSpot>& spots) {
  const auto at = out.size();
  if (moment.synchronised || kind == TimeSpot::Kind::time) append_known(out, kind, moment.wall);
  if (!moment.synchronised)
    spots.push_back({kind, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(out.size() - at)});
}

void correct_time(std::string& payload, std::span<const TimeSpot> spots, WallTime time) {
  for (auto spot = spots.rbegin(); spot != spots.rend(); ++spot) {  // from the end, so that the places before stay
    if (spot->at > payload.size()) continue;
    Buffer known;
    append_known(known, spot->kind, time);
    payload.replace(spot->at, spot->length, known.data(), known.size());
  }
}

void tell_age(std::string& payload, std::span<TimeSpot> spots, std::chrono::nanoseconds age) {
  for (auto& spot : spots) {  // a payload has at most one of this kind, and none of another beside it
    if (spot.kind != TimeSpot::Kind::senml_base_time || spot.at > payload.size()) continue;
    Buffer known;
    if (age >= 1s) append_base_time(known, split(age), "-");  // less is "roughly now", which needs no words
    payload.replace(spot.at, spot.length, known.data(), known.size());
    spot.length = static_cast<std::uint32_t>(known.size());
  }
}

std::string format_time(WallTime time) {
  Buffer out;
  append_date(out, time);
  return fmt::to_string(out);
}

}  // namespace b2m
