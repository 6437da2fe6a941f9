#include "daemon/loop/mailbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr auto at_once = 0us;

TEST(Mailbox, ValuesArriveInTheOrderTheyWerePushed) {
  EventLoop loop;
  std::vector<int> received;
  Mailbox<int> mailbox(loop, 10, [&](int value) { received.push_back(value); });
  const auto sender = mailbox.sender();
  for (const int value : {1, 2, 3}) EXPECT_TRUE(sender.try_push(value));
  EXPECT_TRUE(received.empty()) << "only the loop receives";
  loop.run_once(at_once);
  EXPECT_THAT(received, ElementsAre(1, 2, 3));
}

struct Letter {
  std::optional<Mailbox<std::shared_ptr<Letter>>::Sender> way_back;
};

TEST(Mailbox, WhatWaitsAtItsEndIsLetGoOfThoughItHoldsASender) {
  EventLoop loop;
  auto letter = std::make_shared<Letter>();
  const std::weak_ptr<Letter> seen = letter;
  {
    Mailbox<std::shared_ptr<Letter>> mailbox(loop, 10, [](const auto&) {});
    letter->way_back = mailbox.sender();
    const auto sender = mailbox.sender();
    EXPECT_TRUE(sender.try_push(std::move(letter)));
  }
  EXPECT_TRUE(seen.expired());
}

TEST(Mailbox, ASenderThatOutlivesItKeepsNothing) {
  EventLoop loop;
  std::optional<Mailbox<std::shared_ptr<int>>> mailbox;
  mailbox.emplace(loop, 10, [](const auto&) {});
  const auto sender = mailbox->sender();
  mailbox.reset();
  auto value = std::make_shared<int>(1);
  const std::weak_ptr<int> seen = value;
  EXPECT_FALSE(sender.try_push(std::move(value)));
  EXPECT_TRUE(seen.expired());
}

TEST(Mailbox, AFullOneRefusesAndCounts) {
  EventLoop loop;
  std::vector<int> received;
  Mailbox<int> mailbox(loop, 2, [&](int value) { received.push_back(value); });
  const auto sender = mailbox.sender();
  EXPECT_TRUE(sender.try_push(1));
  EXPECT_TRUE(sender.try_push(2));
  EXPECT_FALSE(sender.try_push(3));
  EXPECT_FALSE(sender.try_push(4));
  EXPECT_EQ(mailbox.dropped(), 2U);
  loop.run_once(at_once);
  EXPECT_THAT(received, ElementsAre(1, 2));
  EXPECT_TRUE(sender.try_push(5)) << "there is room again";
}

TEST(Mailbox, WhatAReceiverPushesArrivesInTheNextRound) {
  EventLoop loop;
  std::vector<int> received;
  std::optional<Mailbox<int>::Sender> sender;
  Mailbox<int> mailbox(loop, 10, [&](int value) {
    received.push_back(value);
    if (value < 3) sender->try_push(value + 1);
  });
  sender = mailbox.sender();
  sender->try_push(1);
  loop.run_once(at_once);
  EXPECT_THAT(received, ElementsAre(1));
  loop.run_once(at_once);
  loop.run_once(at_once);
  EXPECT_THAT(received, ElementsAre(1, 2, 3));
}

TEST(Mailbox, ASenderOutlivesItAndPushesIntoNothing) {
  EventLoop loop;
  std::optional<Mailbox<int>::Sender> sender;
  {
    Mailbox<int> mailbox(loop, 10, [](int) { FAIL() << "nobody is there to receive"; });
    sender = mailbox.sender();
  }
  sender->try_push(1);
  loop.run_once(at_once);
}

TEST(Mailbox, CarriesValuesThatCanOnlyMove) {
  EventLoop loop;
  std::unique_ptr<int> received;
  Mailbox<std::unique_ptr<int>> mailbox(loop, 10, [&](std::unique_ptr<int> value) { received = std::move(value); });
  mailbox.sender().try_push(std::make_unique<int>(42));
  loop.run_once(at_once);
  ASSERT_TRUE(received);
  EXPECT_EQ(*received, 42);
}

TEST(Mailbox, EachThreadsValuesKeepTheirOrderAndNoneIsLostUncounted) {
  constexpr int threads = 4;
  constexpr int values = 2000;
  EventLoop loop;
  std::vector<std::vector<int>> received(threads);
  Mailbox<std::pair<int, int>> mailbox(loop, 100, [&](std::pair<int, int> value) {
    received[static_cast<std::size_t>(value.first)].push_back(value.second);
  });
  std::vector<std::thread> pushers;
  for (int thread = 0; thread < threads; ++thread) {
    pushers.emplace_back([thread, sender = mailbox.sender()] {
      for (int value = 0; value < values; ++value) {
        while (!sender.try_push({thread, value})) std::this_thread::yield();
      }
    });
  }
  const auto complete = [&] {
    std::size_t count = 0;
    for (const auto& one : received) count += one.size();
    return count == std::size_t{threads} * values;
  };
  while (!complete()) loop.run_once(1s);
  for (auto& pusher : pushers) pusher.join();
  for (const auto& one : received) {
    for (int value = 0; value < values; ++value) EXPECT_EQ(one[static_cast<std::size_t>(value)], value);
  }
}

}  // namespace
}  // namespace b2m
