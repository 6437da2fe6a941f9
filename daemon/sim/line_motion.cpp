#include "daemon/sim/line_motion.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using std::chrono::milliseconds;
using Levels = std::vector<milliseconds>;

/// Pulses of `length` whose pace goes up and down between two periods within a cycle of 32.
Levels pulses(milliseconds length, milliseconds shortest, milliseconds longest) {
  constexpr int count = 32;
  Levels levels;
  for (int i = 0; i < count; ++i) {
    const double share = (1 - std::cos(2 * 3.141592653589793 * i / count)) / 2;
    const auto period =
        shortest + milliseconds(std::llround(share * static_cast<double>((longest - shortest).count())));
    levels.push_back(period - length);
    levels.push_back(length);
  }
  return levels;
}

/// Somebody presses once, twice, then for long.
Levels presses() { return {4000ms, 120ms, 4000ms, 100ms, 150ms, 100ms, 6000ms, 1500ms}; }

/// A knob is turned by three steps, rests, is turned back, rests.
Levels turns(bool is_second) {
  constexpr auto quarter = 50ms;
  constexpr int turned = 12;
  constexpr int rest = 48;
  constexpr std::array<bool, 4> first_line{false, true, true, false};
  constexpr std::array<bool, 4> second_line{false, false, true, true};
  Levels levels{0ms};
  for (int step = 0; step < 2 * (turned + rest); ++step) {
    const int there = std::min(step, turned);
    const int back = std::clamp(step - turned - rest, 0, turned);
    const auto place = static_cast<std::size_t>(there - back) % 4;
    const bool active = is_second ? second_line[place] : first_line[place];
    if (active != (levels.size() % 2 == 0)) levels.push_back(0ms);
    levels.back() += quarter;
  }
  levels.push_back(0ms);  // it ends as it begins: inactive
  return levels;
}

struct Row {
  std::string_view driver;
  Levels (*levels)(bool is_second);
};
constexpr std::array rows{
    Row{"button", [](bool) { return presses(); }},
    Row{"encoder", turns},
    Row{"counter", [](bool) { return pulses(30ms, 80ms, 400ms); }},
    Row{"flow_meter", [](bool) { return pulses(15ms, 30ms, 90ms); }},           // 5 to 1.5 L/min
    Row{"anemometer", [](bool) { return pulses(40ms, 200ms, 1500ms); }},        // 12 to 1.6 km/h
    Row{"rain_gauge", [](bool) { return pulses(100ms, 20'000ms, 90'000ms); }},  // 50 to 11 mm/h
    Row{"energy_meter", [](bool) { return pulses(60ms, 3000ms, 9000ms); }},     // 1200 to 400 W
};

}  // namespace

LineMotion::Place LineMotion::place_of(TimePoint time) const {
  const std::chrono::nanoseconds cycle = std::accumulate(levels.begin(), levels.end(), milliseconds(0));
  auto within = (time.time_since_epoch() - offset) % cycle;
  if (within < 0ns) within += cycle;
  std::size_t level = 0;
  for (; within >= levels[level]; ++level) within -= levels[level];
  return {level, levels[level] - within};
}

bool LineMotion::active_at(TimePoint time) const { return place_of(time).level % 2 == 1; }

LineMotion::TimePoint LineMotion::next_change(TimePoint after) const {
  return after + std::chrono::duration_cast<TimePoint::duration>(place_of(after).left);
}

std::optional<LineMotion> find_line_motion(std::string_view driver, std::string_view option) {
  const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& known) { return known.driver == driver; });
  if (row == rows.end()) return std::nullopt;
  return LineMotion{.levels = row->levels(option == "second_line")};
}

LineMotion contact_motion(std::uint32_t seed) {
  const milliseconds each = 5s + std::chrono::seconds(seed % 8);
  return {.levels = {each, each}, .offset = milliseconds(seed % 9973)};
}

}  // namespace b2m
