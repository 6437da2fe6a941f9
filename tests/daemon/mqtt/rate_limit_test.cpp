#include "daemon/mqtt/rate_limit.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

using namespace std::chrono_literals;
constexpr SteadyTime start = SteadyTime() + 1h;

TEST(RateLimit, NoMinuteHoldsMoreThanItAllows) {
  RateLimit limit(3);
  for (const auto at : {0s, 10s, 20s}) {
    EXPECT_LE(limit.next(), start + at);
    limit.sent(start + at);
  }
  EXPECT_EQ(limit.next(), start + 60s);
  limit.sent(start + 60s);
  EXPECT_EQ(limit.next(), start + 70s);
}

TEST(RateLimit, ALimitThatChangesCountsWhatWasSentBefore) {
  RateLimit limit(3);
  for (const auto at : {0s, 10s, 20s}) limit.sent(start + at);
  limit.change(2);
  EXPECT_EQ(limit.next(), start + 70s);
  limit.change(3);
  EXPECT_LE(limit.next(), start + 20s);
  limit.sent(start + 20s);
  EXPECT_EQ(limit.next(), start + 70s);
  limit.change(0);
  EXPECT_LE(limit.next(), start);
}

TEST(RateLimit, WithoutALimitNothingWaits) {
  RateLimit limit(0);
  for (int i = 0; i < 1000; ++i) limit.sent(start);
  EXPECT_LE(limit.next(), start);
}

}  // namespace
}  // namespace b2m
