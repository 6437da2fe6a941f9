#include "daemon/loop/backoff.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, DoublesUpToItsGreatestPause) {
  Backoff backoff(1s, 5s);
  EXPECT_EQ(backoff.next(0), 1s);
  EXPECT_EQ(backoff.next(0), 2s);
  EXPECT_EQ(backoff.next(0), 4s);
  EXPECT_EQ(backoff.next(0), 5s);
  EXPECT_EQ(backoff.next(0), 5s);
}

TEST(Backoff, StartsAnewAfterASuccess) {
  Backoff backoff(1s, 60s);
  EXPECT_EQ(backoff.next(0), 1s);
  EXPECT_EQ(backoff.next(0), 2s);
  backoff.reset();
  EXPECT_EQ(backoff.next(0), 1s);
}

TEST(Backoff, JitterTakesUpToHalfOfThePauseAwayAndDoesNotAddUp) {
  Backoff backoff(2s, 60s);
  EXPECT_EQ(backoff.next(1), 1s);
  EXPECT_EQ(backoff.next(0.5), 3s);
  EXPECT_EQ(backoff.next(0), 8s);
}

}  // namespace
}  // namespace b2m
