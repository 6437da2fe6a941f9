#include "daemon/flow/schedule.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

using namespace std::chrono_literals;

const SteadyTime start{100s};

TEST(Schedule, TheFirstTimeIsDueFirst) {
  const Schedule schedule(start, 10s);
  EXPECT_EQ(schedule.next(start - 5s), start);
}

TEST(Schedule, ALatePollDoesNotShiftTheGrid) {
  const Schedule schedule(start, 10s);
  EXPECT_EQ(schedule.next(start + 13s), start + 20s);
}

TEST(Schedule, OnTheGridMeansTheNextSlot) {
  const Schedule schedule(start, 10s);
  EXPECT_EQ(schedule.next(start + 20s), start + 30s);
}

TEST(Schedule, SlotsThatPassedAreCounted) {
  const Schedule schedule(start, 10s);
  EXPECT_EQ(schedule.missed(start, start + 3s), 0U);
  EXPECT_EQ(schedule.missed(start, start + 35s), 3U);
}

TEST(Schedule, SensorsOfABusAreSpreadOverAtMostOneSecond) {
  EXPECT_EQ(spread(start, 60s, 0, 4), start);
  EXPECT_EQ(spread(start, 60s, 1, 4), start + 250ms);
  EXPECT_EQ(spread(start, 200ms, 1, 4), start + 50ms);
}

}  // namespace
}  // namespace b2m
