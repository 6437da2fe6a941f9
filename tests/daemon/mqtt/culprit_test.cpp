#include "daemon/mqtt/culprit.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

using namespace std::chrono_literals;
constexpr SteadyTime start = SteadyTime() + 1h;
const Message good{"a", "1"};
const Message bad{"b", "2"};

void acknowledge_one(CulpritSearch& search) {
  search.sent(99, good, start);
  search.settled(99);
}

TEST(CulpritSearch, WhatWasAloneAtTwoLossesIsGuilty) {
  CulpritSearch search;
  acknowledge_one(search);
  search.sent(1, bad, start);
  EXPECT_FALSE(search.lost(start + 1s));
  acknowledge_one(search);
  search.sent(2, bad, start + 5s);
  EXPECT_EQ(search.lost(start + 6s), 2U);
  EXPECT_FALSE(search.one_by_one());
}

TEST(CulpritSearch, AfterALossWithSeveralOnTheirWayTheyGoOneByOne) {
  CulpritSearch search;
  search.sent(1, good, start);
  search.sent(2, bad, start);
  EXPECT_FALSE(search.lost(start));
  EXPECT_TRUE(search.one_by_one());
  search.sent(1, good, start);
  search.settled(1);
  EXPECT_TRUE(search.one_by_one());
  search.sent(2, bad, start);
  search.settled(2);
  EXPECT_FALSE(search.one_by_one());
}

TEST(CulpritSearch, ALossLongAfterTheMessageWasSentIsTheNetworks) {
  CulpritSearch search;
  for (int i = 0; i < 5; ++i) {
    acknowledge_one(search);
    search.sent(1, bad, start);
    EXPECT_FALSE(search.lost(start + 3s));
  }
}

TEST(CulpritSearch, AnAcknowledgementBetweenTwoLossesAcquits) {
  CulpritSearch search;
  acknowledge_one(search);
  search.sent(1, bad, start);
  EXPECT_FALSE(search.lost(start));
  search.sent(1, bad, start);
  search.settled(1);
  search.sent(1, bad, start);
  EXPECT_FALSE(search.lost(start));
}

// As RabbitMQ was seen to be after the loss of another node: every publication crashed its connection.
TEST(CulpritSearch, ForABrokerThatTakesNothingNothingIsGivenUp) {
  CulpritSearch search;
  for (int i = 0; i < 10; ++i) {
    search.sent(1, bad, start);
    EXPECT_FALSE(search.lost(start));
  }
  const Message unanswered{"a", "1", 0};
  for (int i = 0; i < 10; ++i) {
    search.sent(1, unanswered, start);
    search.settled(1);
    search.sent(2, bad, start);
    EXPECT_FALSE(search.lost(start));
  }
}

TEST(CulpritSearch, ASuspectThatDoesNotComeAgainDoesNotSlowTheOthersForEver) {
  CulpritSearch search;
  search.sent(1, bad, start);
  EXPECT_FALSE(search.lost(start));
  search.all_sent();
  EXPECT_FALSE(search.one_by_one());
}

}  // namespace
}  // namespace b2m
