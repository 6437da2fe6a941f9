#include "daemon/mqtt/outbox.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <vector>

namespace b2m {
namespace {

TEST(Outbox, WhenFullTheOldestWaitingMessageIsDroppedAndCounted) {
  Outbox outbox(3, 1);
  for (const char* payload : {"1", "2", "3", "4"}) outbox.push({"t", payload});
  EXPECT_EQ(outbox.next()->message.payload, "2");
  EXPECT_EQ(outbox.dropped_full(), 1U);
}

TEST(Outbox, WhatIsOnItsWayIsDroppedLast) {
  Outbox outbox(2, 1);
  outbox.push({"t", "1"});
  const auto first = outbox.next()->id;
  outbox.push({"t", "2"});
  outbox.push({"t", "3"});
  EXPECT_TRUE(outbox.acknowledge(first));
  EXPECT_EQ(outbox.next()->message.payload, "3");
}

TEST(Outbox, AnAcknowledgementCountsOnce) {
  Outbox outbox(2, 1);
  outbox.push({"t", "1"});
  const auto id = outbox.next()->id;
  EXPECT_TRUE(outbox.acknowledge(id));
  EXPECT_FALSE(outbox.acknowledge(id));
  EXPECT_FALSE(outbox.refuse(id));
  EXPECT_EQ(outbox.delivered(), 1U);
}

TEST(Outbox, AfterARewindTheMessagesSayThatTheyAreSentAgain) {
  Outbox outbox(2, 1);
  outbox.push({"t", "1"});
  EXPECT_FALSE(outbox.next()->again);
  outbox.rewind();
  EXPECT_TRUE(outbox.next()->again);
}

/// Whatever happens, every message is delivered, refused, dropped or still there; each topic's leave in order; the
/// bounds hold.
TEST(Outbox, KeepsItsPromisesUnderAnyOrderOfEvents) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    const std::size_t capacity = 1 + random() % 20;
    const std::size_t window = 1 + random() % 8;
    Outbox outbox(capacity, window);
    std::uint64_t pushed = 0;
    std::set<MessageId> away;
    MessageId highest = 0;  // numbers rise in the order sent, between two rewinds
    for (int step = 0; step < 2000; ++step) {
      switch (random() % 5) {
        case 0:
        case 1:
          outbox.push({"t", std::to_string(++pushed)});
          break;
        case 2:
          if (const auto* entry = outbox.next()) {
            EXPECT_GT(entry->id, highest);
            highest = entry->id;
            away.insert(entry->id);
          }
          break;
        case 3:
          if (!away.empty()) {
            const auto id = *std::next(away.begin(), static_cast<long>(random() % away.size()));
            if (random() % 8 == 0) {
              outbox.refuse(id);
            } else {
              outbox.acknowledge(id);
            }
            away.erase(id);
          }
          break;
        default:
          if (random() % 20 == 0) {
            outbox.rewind();
            away.clear();
            highest = 0;
          }
      }
      ASSERT_LE(outbox.waiting() + outbox.inflight(), capacity);
      ASSERT_LE(outbox.inflight(), window);
      ASSERT_EQ(pushed, outbox.delivered() + outbox.dropped_full() + outbox.dropped_refused() + outbox.waiting() +
                            outbox.inflight());
    }
  }
}

}  // namespace
}  // namespace b2m
