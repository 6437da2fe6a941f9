#include "daemon/sim/line_motion.hpp"

#include <gtest/gtest.h>

#include <set>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using TimePoint = LineMotion::TimePoint;

TEST(LineMotion, FollowsItsLevelsForEver) {
  const LineMotion motion{.levels = {300ms, 100ms}, .offset = 50ms};
  const TimePoint begin{400s + 50ms};
  EXPECT_FALSE(motion.active_at(begin));
  EXPECT_FALSE(motion.active_at(begin + 299ms));
  EXPECT_TRUE(motion.active_at(begin + 300ms));
  EXPECT_EQ(motion.next_change(begin), begin + 300ms);
  EXPECT_EQ(motion.next_change(begin + 300ms), begin + 400ms);
  EXPECT_FALSE(motion.active_at(begin + 400ms));
}

TEST(LineMotion, TheLinesOfAnEncoderChangeOneAtATimeAndComeBack) {
  const auto first = find_line_motion("encoder", "line").value();
  const auto second = find_line_motion("encoder", "second_line").value();
  std::set<std::pair<bool, bool>> seen;
  auto before = std::pair(first.active_at(TimePoint{0s}), second.active_at(TimePoint{0s}));
  EXPECT_EQ(before, std::pair(false, false));
  for (TimePoint now{0s}; now <= TimePoint{6s}; now += 10ms) {
    const auto levels = std::pair(first.active_at(now), second.active_at(now));
    EXPECT_FALSE(levels.first != before.first && levels.second != before.second) << now.time_since_epoch().count();
    seen.insert(before = levels);
  }
  EXPECT_EQ(seen.size(), 4u);
  EXPECT_EQ(before, std::pair(false, false));
}

TEST(LineMotion, EachPulseMeterHasItsOwnAndAPlainContactNone) {
  for (const auto* driver : {"counter", "flow_meter", "anemometer", "rain_gauge", "energy_meter", "button"}) {
    const auto motion = find_line_motion(driver, "line");
    ASSERT_TRUE(motion) << driver;
    EXPECT_EQ(motion->levels.size() % 2, 0u) << driver;
    for (const auto level : motion->levels) EXPECT_GT(level, 0ms) << driver;
  }
  EXPECT_FALSE(find_line_motion("input", "line"));
}

}  // namespace
}  // namespace b2m
