// Times in payloads, and how they become true later.
#include <fmt/chrono.h>

#include <iterator>

#include "daemon/mqtt/payload_formats.hpp"

namespace b2m {
namespace {

using Buffer = fmt::memory_buffer;

void append_time(Buffer& out, WallTime time) {
  using namespace std::chrono;
  const auto seconds = floor<std::chrono::seconds>(time);
  const auto ms = duration_cast<milliseconds>(time - seconds).count();
  fmt::format_to(std::back_inserter(out), "{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(WallClock::to_time_t(seconds)),
                 ms);
}

}  // namespace

void append_time(Buffer& out, const Moment& moment, std::vector<TimeSpot>& spots) {
  const auto at = out.size();
  append_time(out, moment.wall);
  if (!moment.synchronised)
    spots.push_back(
        {TimeSpot::Kind::time, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(out.size() - at)});
}

void correct_time(std::string& payload, std::span<const TimeSpot> spots, WallTime time) {
  const auto text = format_time(time);
  for (auto spot = spots.rbegin(); spot != spots.rend(); ++spot)  // from the end, so that the places before stay
    if (spot->at <= payload.size())
      payload.replace(spot->at, spot->length, spot->kind == TimeSpot::Kind::time ? text : std::string());
}

std::string format_time(WallTime time) {
  Buffer out;
  append_time(out, time);
  return fmt::to_string(out);
}

}  // namespace b2m
