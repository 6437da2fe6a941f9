#include "daemon/flow/keep_pace.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

using namespace std::chrono_literals;

const SteadyTime start{100s};
const KeepRule rule{.step = 100, .at_most = 10s, .at_least = 5min};

TEST(KeepPace, WhatDidNotChangeIsNotKeptAgain) {
  KeepPace pace(rule);
  pace.kept(7, start);
  EXPECT_FALSE(pace.due(7));
}

TEST(KeepPace, ASmallChangeIsKeptInTheEnd) {
  KeepPace pace(rule);
  pace.kept(7, start);
  EXPECT_EQ(pace.due(8), start + 5min);
}

TEST(KeepPace, AStepIsKeptSoonButNotTooOften) {
  KeepPace pace(rule);
  pace.kept(7, start);
  EXPECT_EQ(pace.due(107), start + 10s);
  EXPECT_EQ(pace.due(1e9), start + 10s);
}

TEST(KeepPace, AWayDownCountsAsWell) {
  KeepPace pace(rule);
  pace.kept(500, start);
  EXPECT_EQ(pace.due(0), start + 10s);
}

}  // namespace
}  // namespace b2m
