#include "daemon/flow/debounce.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

using namespace std::chrono_literals;

const SteadyTime start{100s};

TEST(Debounce, ABouncingContactGivesOneChange) {
  Debounce debounce(5ms);
  int told = 0;
  auto now = start;
  for (int bounce = 0; bounce < 9; ++bounce, now += 1ms) {
    told += debounce.settle(now).has_value();
    debounce.on_edge(bounce % 2 == 0, now);
  }
  EXPECT_EQ(told, 0);
  const auto settled = debounce.settle(*debounce.deadline());
  ASSERT_TRUE(settled);
  EXPECT_TRUE(settled->active);
  EXPECT_FALSE(debounce.deadline());
}

TEST(Debounce, TheChangeCarriesTheTimeOfItsLastEdge) {
  Debounce debounce(5ms);
  debounce.on_edge(true, start);
  EXPECT_EQ(debounce.settle(start + 9ms)->since, start);
}

TEST(Debounce, APulseShorterThanTheQuietTimeIsNotTold) {
  Debounce debounce(5ms);
  debounce.on_edge(false, start);
  ASSERT_TRUE(debounce.settle(start + 5ms));
  debounce.on_edge(true, start + 20ms);
  debounce.on_edge(false, start + 22ms);
  EXPECT_FALSE(debounce.settle(start + 30ms));
}

TEST(Debounce, WithoutAQuietTimeEveryChangeIsToldAtOnce) {
  Debounce debounce(0ms);
  debounce.on_edge(true, start);
  EXPECT_TRUE(debounce.settle(start)->active);
  debounce.on_edge(false, start);
  EXPECT_FALSE(debounce.settle(start)->active);
}

}  // namespace
}  // namespace b2m
