#include "daemon/sim/motion.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/daemon/sim/manual_clock.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr Range span{10, 20};

TEST(Motion, AValueStaysInItsRangeAndUsesMostOfIt) {
  ManualClock time;
  const MovingValue value(time.clock(), span, 1);
  double low = span.high;
  double high = span.low;
  for (int i = 0; i < 7200; ++i, time.advance(1s)) {
    low = std::min(low, value());
    high = std::max(high, value());
  }
  EXPECT_GE(low, span.low);
  EXPECT_LE(high, span.high);
  EXPECT_GT(high - low, 7.0);
}

TEST(Motion, AValueMovesEverySecondWithoutJumping) {
  ManualClock time;
  const MovingValue value(time.clock(), span, 7);
  int still = 0;
  for (int i = 0; i < 3600; ++i) {
    const double before = value();
    time.advance(1s);
    const double moved = std::abs(value() - before);
    EXPECT_LT(moved, (span.high - span.low) / 20);
    if (moved == 0) ++still;
  }
  EXPECT_EQ(still, 0);
}

TEST(Motion, TwoSeedsDoNotMoveInStep) {
  ManualClock time;
  const MovingValue one(time.clock(), span, seed_of("i2c-1/0x48"));
  const MovingValue other(time.clock(), span, seed_of("i2c-1/0x49"));
  EXPECT_NE(one(), other());
}

TEST(Motion, TheEverydayRangeOfEveryQuantityIsPlausible) {
  for (const auto& row : all_quantities()) {
    const Range range = everyday_range(row.quantity);
    EXPECT_GE(range.low, row.plausible.low) << row.key;
    EXPECT_LE(range.high, row.plausible.high) << row.key;
    EXPECT_LT(range.low, range.high) << row.key;
  }
}

TEST(Motion, TheLimitsOfAPartGoBeforeWhatIsUsual) {
  const Range cold = everyday_range(Quantity::temperature, {-40, 0});
  EXPECT_EQ(cold.low, -40);
  EXPECT_EQ(cold.high, 0);
  const Range partly = everyday_range(Quantity::temperature, {-40, 22});
  EXPECT_EQ(partly.low, 19);
  EXPECT_EQ(partly.high, 22);
}

}  // namespace
}  // namespace b2m
