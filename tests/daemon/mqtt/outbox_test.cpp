#include "daemon/mqtt/outbox.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/daemon/mqtt/fake_outbox_store.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

const Moment now{WallTime{1795230245678ms}, SteadyTime{1000s}, true};

OutboxConfig memory(std::size_t messages) { return {.memory = messages}; }

/// The payloads that next() gives until it gives none.
std::vector<std::string> sent(Outbox& outbox, const Moment& moment = now) {
  std::vector<std::string> payloads;
  while (const auto* entry = outbox.next(moment))
    payloads.push_back(entry->message.topic + " " + entry->message.payload);
  return payloads;
}

TEST(Outbox, WhenFullTheOldestWaitingMessageIsDroppedAndCounted) {
  Outbox outbox(memory(3), 1);
  for (const char* payload : {"1", "2", "3", "4"}) outbox.push({{"t", payload}});
  EXPECT_EQ(outbox.next(now)->message.payload, "2");
  EXPECT_EQ(outbox.drops().full, 1U);
}

TEST(Outbox, WhatIsOnItsWayIsDroppedLast) {
  Outbox outbox(memory(2), 1);
  outbox.push({{"t", "1"}});
  const auto first = outbox.next(now)->id;
  outbox.push({{"t", "2"}});
  outbox.push({{"t", "3"}});
  EXPECT_TRUE(outbox.acknowledge(first, now.monotonic));
  EXPECT_EQ(outbox.next(now)->message.payload, "3");
}

TEST(Outbox, AnAcknowledgementCountsOnce) {
  Outbox outbox(memory(2), 1);
  outbox.push({{"t", "1"}});
  const auto id = outbox.next(now)->id;
  EXPECT_TRUE(outbox.acknowledge(id, now.monotonic));
  EXPECT_FALSE(outbox.acknowledge(id, now.monotonic));
  EXPECT_FALSE(outbox.refuse(id));
  EXPECT_EQ(outbox.delivered(), 1U);
}

TEST(Outbox, WhatExceedsTheMemoryWaitsOnDiskAndComesBackInOrder) {
  FakeOutboxStore store;
  Outbox outbox(memory(8), 2, &store);
  std::vector<std::string> expected;
  for (int i = 1; i <= 100; ++i) {
    outbox.push({{"t", std::to_string(i)}});
    expected.push_back(std::to_string(i));
    store.work();
    EXPECT_LE(outbox.in_memory(), 8U + 3U);  // and a page
  }
  EXPECT_EQ(outbox.waiting(), 100U);
  std::vector<std::string> payloads;
  for (int step = 0; step < 1000 && !outbox.empty(); ++step) {
    if (const auto* entry = outbox.next(now)) {
      payloads.push_back(entry->message.payload);
      outbox.acknowledge(entry->id, now.monotonic);
    } else {
      store.work();
    }
    EXPECT_LE(outbox.in_memory(), 8U + 3U);
  }
  EXPECT_EQ(payloads, expected);
  store.work();
  EXPECT_EQ(store.rows.size(), 0U);
  EXPECT_EQ(outbox.drops().full, 0U);
}

TEST(Outbox, WhatTheBrokerHasAcknowledgedBeforeTheCommitIsNeverWritten) {
  FakeOutboxStore store;
  Outbox outbox(memory(8), 2, &store);
  outbox.push({{"t", "1"}});
  outbox.push({{"t", "2"}});
  outbox.acknowledge(outbox.next(now)->id, now.monotonic);
  store.work();
  ASSERT_EQ(store.rows.size(), 1U);
  EXPECT_EQ(store.rows.begin()->second.message.payload, "2");
}

TEST(Outbox, WhatAnEarlierRunHasLeftGoesFirst) {
  FakeOutboxStore store;
  {
    Outbox outbox(memory(8), 2, &store);
    for (const char* payload : {"1", "2", "3"}) outbox.push({{"t", payload}});
    store.work();
  }
  Outbox outbox(memory(40), 10, &store);
  outbox.push({{"t", "4"}});
  store.work();
  EXPECT_EQ(sent(outbox), (std::vector<std::string>{"t 1", "t 2", "t 3", "t 4"}));
}

TEST(Outbox, WhatWaitedGoesToTheReplayTopicBesideTheLiveReadings) {
  FakeOutboxStore store;
  Outbox outbox({.memory = 100, .replay = ReplayMode::live_first, .replay_topic = "{topic}/history"}, 10, &store);
  outbox.push({{.topic = "t", .payload = "1", .retain = true}});
  outbox.push({{"t", "2"}});
  outbox.connected();
  outbox.push({{"t", "3"}});
  EXPECT_EQ(sent(outbox), (std::vector<std::string>{"t 3", "t/history 1", "t/history 2"}));
  // A history is not retained: the last message on a topic is not the newest.
  EXPECT_FALSE(outbox.find(1)->retain);
  outbox.rewind();
  outbox.connected();
  EXPECT_EQ(sent(outbox), (std::vector<std::string>{"t/history 1", "t/history 2", "t/history 3"}));
}

TEST(Outbox, WhatWaitedLeavesRoomInTheWindowForLiveReadings) {
  Outbox outbox({.memory = 100, .replay = ReplayMode::live_first}, 10);
  for (int i = 0; i < 50; ++i) outbox.push({{"t", "old"}});
  outbox.connected();
  EXPECT_EQ(sent(outbox).size(), HistoryWindow::least);
  outbox.push({{"t", "live"}});
  EXPECT_EQ(sent(outbox), std::vector<std::string>{"t live"});
}

TEST(Outbox, WhatWaitedTakesMoreOfTheWindowOfABrokerThatIsFarAway) {
  Outbox outbox({.memory = 5000, .replay = ReplayMode::live_first}, 100);
  for (int i = 0; i < 5000; ++i) outbox.push({{"t", "old"}});
  outbox.connected();
  auto moment = now;
  std::vector<MessageId> under_way;
  for (int round = 0; round < 60; ++round) {
    moment.monotonic += 50ms;
    for (const auto id : std::exchange(under_way, {})) outbox.acknowledge(id, moment.monotonic);
    while (const auto* entry = outbox.next(moment)) under_way.push_back(entry->id);
  }
  EXPECT_EQ(under_way.size(), 50U);
  // Answers that take longer mean that live readings would, too.
  for (int round = 0; round < 30; ++round) {
    moment.monotonic += 100ms;
    for (const auto id : std::exchange(under_way, {})) outbox.acknowledge(id, moment.monotonic);
    while (const auto* entry = outbox.next(moment)) under_way.push_back(entry->id);
  }
  EXPECT_EQ(under_way.size(), HistoryWindow::least);
}

TEST(Outbox, WhatWaitedIsSentAtTheReplayRateAndWhatIsNewAtOnce) {
  Outbox outbox({.memory = 100, .replay_rate = 10}, 10);
  outbox.push({{"t", "1"}});
  outbox.push({{"t", "2"}});
  outbox.connected();
  EXPECT_EQ(sent(outbox), std::vector<std::string>{"t 1"});
  ASSERT_TRUE(outbox.due());
  EXPECT_EQ(*outbox.due(), now.monotonic + 100ms);
  const Moment later{now.wall + 100ms, now.monotonic + 100ms, true};
  outbox.push({{"t", "3"}});
  outbox.push({{"t", "4"}});
  EXPECT_EQ(sent(outbox, later), (std::vector<std::string>{"t 2", "t 3", "t 4"}));
}

TEST(Outbox, ReadingsOlderThanTheLimitAreDroppedAndCounted) {
  Outbox outbox({.memory = 100, .max_age = 10s}, 10);
  outbox.push({{"t", "1"}, {.wall = now.wall - 11s, .monotonic = now.monotonic - 11s}});
  outbox.push({{"t", "2"}, {.wall = now.wall - 9s, .monotonic = now.monotonic - 9s}});
  EXPECT_EQ(sent(outbox), std::vector<std::string>{"t 2"});
  EXPECT_EQ(outbox.drops().old, 1U);
}

TEST(Outbox, OfAnEarlierBootTheAgeIsThatOfTheWallClock) {
  FakeOutboxStore store;
  store.rows[1] = {1, {"t", "1"}, {.wall = now.wall - 11s, .monotonic = SteadyTime{9s}, .boot = 3}};
  store.rows[2] = {2, {"t", "2"}, {.wall = now.wall - 9s, .monotonic = SteadyTime{9s}, .boot = 3}};
  Outbox outbox({.memory = 100, .max_age = 10s}, 10, &store);
  store.work();
  EXPECT_EQ(sent(outbox), std::vector<std::string>{"t 2"});
}

/// "at 1970-01-01T00:00:05.000Z unsynchronised"
ReadingMessage without_clock(BootNumber boot = 0) {
  return {{"t", "at 1970-01-01T00:00:05.000Z, unsynchronised"},
          {.wall = WallTime{5s},
           .monotonic = now.monotonic - 100s,
           .boot = boot,
           .synchronised = false,
           .spots = {{TimeSpot::Kind::time, 3, 24}, {TimeSpot::Kind::remark, 27, 16}}}};
}

TEST(Outbox, ATimeTakenBeforeTheClockWasSynchronisedIsCorrectedFromTheMonotonicClock) {
  Outbox outbox(memory(10), 1);
  outbox.push(without_clock());
  outbox.push(without_clock());
  const Moment unsynchronised{now.wall, now.monotonic, false};
  const auto* as_it_is = outbox.next(unsynchronised);
  EXPECT_EQ(as_it_is->message.payload, "at 1970-01-01T00:00:05.000Z, unsynchronised");
  outbox.acknowledge(as_it_is->id, now.monotonic);
  // 2026-11-21T03:04:05.678Z less 100 s
  EXPECT_EQ(outbox.next(now)->message.payload, "at 2026-11-21T03:02:25.678Z");
}

TEST(Outbox, WithoutASynchronisedClockSenmlTellsHowLongItWaitedUntilItLeaves) {
  Outbox outbox(memory(10), 2);
  outbox.push({{"t", R"([{"n":"a","v":1}])"},
               {.wall = WallTime{5s},
                .monotonic = now.monotonic - 100s,
                .synchronised = false,
                .spots = {{TimeSpot::Kind::senml_base_time, 2, 0}}}});
  const auto payload_at = [&](const Moment& moment) {
    outbox.rewind();  // the connection was lost: it is sent again
    return outbox.next(moment)->message.payload;
  };
  EXPECT_EQ(payload_at({WallTime{105s}, now.monotonic, false}), R"([{"bt":-100.000,"n":"a","v":1}])");
  EXPECT_EQ(payload_at({WallTime{1105s}, now.monotonic + 1000s, false}), R"([{"bt":-1100.000,"n":"a","v":1}])");
  // 2026-11-21T03:04:05.678Z less 100 s
  EXPECT_EQ(payload_at(now), R"([{"bt":1795230145.678,"n":"a","v":1}])");
}

TEST(Outbox, OfAnEarlierBootNobodyKnowsTheAgeNotEvenWhoSentItBefore) {
  FakeOutboxStore store;
  store.rows[1] = {1,
                   {"t", R"([{"bt":-100.000,"n":"a","v":1}])"},
                   {.monotonic = now.monotonic - 100s,
                    .boot = 3,
                    .synchronised = false,
                    .spots = {{TimeSpot::Kind::senml_base_time, 2, 14}}}};
  Outbox outbox(memory(10), 2, &store);
  store.work();
  EXPECT_EQ(outbox.next(now)->message.payload, R"([{"n":"a","v":1}])");
}

TEST(Outbox, OfAnEarlierBootATimeIsCorrectedWhenItsClockWasSynchronisedLater) {
  FakeOutboxStore store;
  const auto kept = [](MessageId id, BootNumber boot) {
    auto reading = without_clock(boot);
    return KeptReading{id, reading.message, reading.taken};
  };
  store.rows[1] = kept(1, 4);
  store.rows[2] = kept(2, 5);
  store.offsets[4] = now.wall.time_since_epoch() - now.monotonic.time_since_epoch();
  Outbox outbox(memory(10), 2, &store);
  store.work();
  EXPECT_EQ(outbox.next(now)->message.payload, "at 2026-11-21T03:02:25.678Z");
  EXPECT_EQ(outbox.next(now)->message.payload, "at 1970-01-01T00:00:05.000Z, unsynchronised");
}

TEST(Outbox, TheStoreLearnsThatTheClockIsSynchronisedWithoutAnotherReading) {
  FakeOutboxStore store;
  Outbox outbox(memory(10), 2, &store);
  outbox.push(without_clock());
  outbox.learn_clock(now);
  store.work();
  EXPECT_EQ(store.offsets.at(0), now.wall.time_since_epoch() - now.monotonic.time_since_epoch());
}

TEST(Outbox, WhenTheClockIsSynchronisedTheStoreLearnsItForALaterBoot) {
  FakeOutboxStore store;
  Outbox outbox(memory(10), 2, &store);
  outbox.push({{"t", "1"}, {.wall = now.wall, .monotonic = now.monotonic}});
  store.work();
  EXPECT_EQ(store.offsets.at(0), now.wall.time_since_epoch() - now.monotonic.time_since_epoch());
}

TEST(Outbox, WhenTheDiskStopsAnsweringLiveReadingsGoBeforeTheBacklogWhichThenIsHistory) {
  FakeOutboxStore store;
  Outbox outbox(memory(8), 100, &store);
  for (int i = 1; i <= 20; ++i) {
    outbox.push({{"t", std::to_string(i)}});
    store.work();
  }
  store.usable = false;
  std::vector<std::string> before;
  for (const auto* entry = outbox.next(now); entry != nullptr; entry = outbox.next(now)) {
    before.push_back(entry->message.payload);
    outbox.acknowledge(entry->id, now.monotonic);
  }
  outbox.push({{"t", "21"}});
  const auto* live = outbox.next(now);
  ASSERT_NE(live, nullptr);
  EXPECT_EQ(live->message.topic, "t");
  EXPECT_EQ(live->message.payload, "21");
  outbox.acknowledge(live->id, now.monotonic);
  store.usable = true;
  outbox.availability_changed();
  std::set<std::string> history;
  for (int step = 0; step < 100 && !outbox.empty(); ++step) {
    store.work();
    while (const auto* entry = outbox.next(now)) {
      EXPECT_EQ(entry->message.topic, "t/history");
      history.insert(entry->message.payload);
      outbox.acknowledge(entry->id, now.monotonic);
    }
  }
  EXPECT_EQ(before.size() + history.size(), 20U);
}

/// Old must not follow new on a topic, whoever asks for it: the stall is over, but the backlog was not read before the
/// end.
TEST(Outbox, WhatWasOvertakenWhileTheDiskStalledIsHistoryAfterARestartToo) {
  FakeOutboxStore store;
  {
    Outbox outbox(memory(8), 100, &store);
    for (int i = 1; i <= 20; ++i) {
      outbox.push({{"t", std::to_string(i)}});
      store.work();
    }
    store.usable = false;
    while (const auto* entry = outbox.next(now)) outbox.acknowledge(entry->id, now.monotonic);
    outbox.push({{"t", "21"}});
    ASSERT_EQ(outbox.next(now)->message.topic, "t");
    store.usable = true;
    while (store.overtaken == 0) ASSERT_TRUE(store.work_once());
  }
  Outbox outbox(memory(100), 100, &store);
  outbox.push({{"t", "22"}});
  store.work();
  auto payloads = sent(outbox);
  ASSERT_GT(payloads.size(), 5U);
  EXPECT_EQ(payloads.back(), "t 22");
  payloads.pop_back();
  // The last may be "t 21", whose acknowledgement the outbox has not seen: it is not old.
  if (payloads.back() == "t 21") payloads.pop_back();
  for (const auto& payload : payloads) EXPECT_TRUE(payload.starts_with("t/history ")) << payload;
}

/// A number that was overtaken is never given to another reading.
TEST(Outbox, WhatIsNewIsNeverTakenForWhatWasOvertakenInAnEarlierRun) {
  FakeOutboxStore store;
  store.overtaken = 50;
  Outbox outbox(memory(8), 100, &store);
  outbox.push({{"t", "1"}});
  EXPECT_EQ(sent(outbox), std::vector<std::string>{"t 1"});
}

/// A store that is opened while the outbox works, as a disk that is mounted late.
struct LateStore : testing::Test {
  static constexpr MessageId begin = 1000;  ///< of what this run numbers
  FakeOutboxStore store;

  std::unique_ptr<Outbox> without_disk() {
    store.rows[begin - 1] = {begin - 1, {"", ""}};  // attach() is told no more than where to begin
    auto outbox = std::make_unique<Outbox>(memory(8), 100, &store);
    store.rows.clear();
    store.work();
    for (MessageId id = 1; id <= 20; ++id) store.rows[id] = {id, {"t", std::to_string(id)}};
    store.usable = false;
    return outbox;
  }
  void open(Outbox& outbox) {
    store.usable = true;
    outbox.found(store.contents());
    store.work();
  }
  std::vector<std::string> all(Outbox& outbox) {
    std::vector<std::string> payloads;
    for (int step = 0; step < 100 && !outbox.empty(); ++step) {
      while (const auto* entry = outbox.next(now)) {
        payloads.push_back(entry->message.topic + " " + entry->message.payload);
        outbox.acknowledge(entry->id, now.monotonic);
      }
      store.work();
    }
    return payloads;
  }
};

TEST_F(LateStore, WhatIsFoundOnADiskThatComesLateGoesBeforeWhatHasBeenTakenMeanwhile) {
  const auto outbox = without_disk();
  for (const char* payload : {"21", "22", "23"}) outbox->push({{"t", payload}});
  open(*outbox);
  EXPECT_EQ(outbox->waiting(), 23U);
  std::vector<std::string> expected;
  for (int i = 1; i <= 23; ++i) expected.push_back("t " + std::to_string(i));
  EXPECT_EQ(all(*outbox), expected);
  EXPECT_EQ(store.rows.size(), 0U);
}

TEST_F(LateStore, WhatIsFoundOnADiskThatComesLateIsHistoryWhenNewerReadingsHaveLeft) {
  const auto outbox = without_disk();
  outbox->push({{"t", "21"}});
  const auto sent_before = outbox->next(now)->id;
  outbox->push({{"t", "22"}});
  open(*outbox);
  outbox->acknowledge(sent_before, now.monotonic);
  const auto payloads = all(*outbox);
  ASSERT_EQ(payloads.size(), 21U);
  for (std::size_t i = 0; i < 20; ++i) EXPECT_EQ(payloads[i], "t/history " + std::to_string(i + 1));
  EXPECT_EQ(payloads.back(), "t 22");
}

TEST(Outbox, ReadingsThatTheDiskHasLostAreCounted) {
  FakeOutboxStore store;
  for (MessageId id = 1; id <= 10; ++id) store.rows[id] = {id, {"t", std::to_string(id)}};
  Outbox outbox(memory(8), 100, &store);
  store.rows.erase(9);
  store.rows.erase(10);
  for (int step = 0; step < 100 && !outbox.empty(); ++step) {
    store.work();
    while (const auto* entry = outbox.next(now)) outbox.acknowledge(entry->id, now.monotonic);
  }
  EXPECT_EQ(outbox.delivered(), 8U);
  EXPECT_EQ(outbox.drops().damaged, 2U);
}

/// A random life: a disk that is slow, fails, is too small; a broker that comes and goes; restarts of the daemon.
struct Life {
  std::mt19937 random;
  FakeOutboxStore store;
  OutboxConfig config;
  std::size_t window;
  bool with_store;
  std::unique_ptr<Outbox> outbox;
  std::set<MessageId> away = {};
  std::uint64_t pushed = 0;
  std::uint64_t settled = 0;  ///< delivered or dropped, in earlier runs
  std::map<std::string, int> last = {};

  Life(unsigned seed, bool store_given, ReplayMode mode) : random(seed), with_store(store_given) {
    config.memory = 1 + random() % 20;
    config.replay = mode;
    window = 1 + random() % 8;
    if (random() % 2 == 0) store.most_rows = 1 + random() % 60;
    outbox = std::make_unique<Outbox>(config, window, store_given ? &store : nullptr);
  }
  [[nodiscard]] std::uint64_t gone() const {
    const auto& drops = outbox->drops();
    return outbox->delivered() + drops.full + drops.refused + drops.old + drops.damaged;
  }
  void send() {
    const auto* entry = outbox->next(now);
    if (entry == nullptr) return;
    EXPECT_TRUE(away.insert(entry->id).second);
    // Between two rewinds, and as long as the disk answers, each topic's readings leave in order.
    auto& latest = last[entry->message.topic];
    if (store.always_usable) {
      EXPECT_GT(std::stoi(entry->message.payload), latest);
    }
    latest = std::stoi(entry->message.payload);
  }
  void settle() {
    if (away.empty()) return;
    const auto id = *std::next(away.begin(), static_cast<long>(random() % away.size()));
    EXPECT_TRUE(random() % 8 == 0 ? outbox->refuse(id) : outbox->acknowledge(id, now.monotonic));
    away.erase(id);
  }
  void reconnect() {
    outbox->rewind();
    away.clear();
    last.clear();
    if (random() % 3 != 0) outbox->connected();
  }
  void step() {
    switch (random() % 8) {
      case 0:
      case 1:
      case 2: outbox->push({{"t", std::to_string(++pushed)}}); break;
      case 3: send(); break;
      case 4:
      case 5: settle(); break;
      case 6: store.work_once(); break;
      default:
        if (random() % 20 == 0) reconnect();
    }
  }
  void check() const {
    // Beside the memory, where there is a disk: a page and a half that was read, and what was on its way.
    ASSERT_LE(outbox->in_memory(), config.memory + (with_store ? config.memory / 2 + 2 + window : 0));
    ASSERT_LE(outbox->inflight(), window);
    ASSERT_EQ(pushed, settled + gone() + outbox->waiting() + outbox->inflight());
  }
};

class OutboxLife : public testing::TestWithParam<ReplayMode> {};

TEST_P(OutboxLife, EveryReadingIsDeliveredDroppedOrStillThereWithoutAStore) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    Life life(seed, false, GetParam());
    for (int i = 0; i < 2000; ++i) {
      life.step();
      ASSERT_NO_FATAL_FAILURE(life.check()) << "seed " << seed << " step " << i;
    }
  }
}

TEST_P(OutboxLife, EveryReadingIsDeliveredDroppedOrStillThereWithAStore) {
  for (unsigned seed = 1; seed <= 300; ++seed) {
    Life life(seed, true, GetParam());
    for (int i = 0; i < 2000; ++i) {
      life.step();
      ASSERT_NO_FATAL_FAILURE(life.check()) << "seed " << seed << " step " << i;
    }
    life.outbox->connected();
    for (int i = 0; i < 10'000 && !life.outbox->empty(); ++i) {
      life.send();
      life.settle();
      life.store.work_once();
    }
    ASSERT_TRUE(life.outbox->empty()) << "seed " << seed;
    for (int i = 0; i < 10; ++i) life.store.work_once();
    EXPECT_EQ(life.store.rows.size(), 0U) << "seed " << seed;
  }
}

TEST_P(OutboxLife, NothingIsLostOrDoubledWhenTheDiskComesAndGoes) {
  for (unsigned seed = 1; seed <= 200; ++seed) {
    Life life(seed, true, GetParam());
    life.store.always_usable = false;
    for (int i = 0; i < 2000; ++i) {
      if (life.random() % 50 == 0) {
        life.store.usable = !life.store.usable;
        life.outbox->availability_changed();
      }
      life.step();
      ASSERT_NO_FATAL_FAILURE(life.check()) << "seed " << seed << " step " << i;
    }
  }
}

TEST_P(OutboxLife, ACleanRestartKeepsWhatWaits) {
  for (unsigned seed = 1; seed <= 100; ++seed) {
    Life life(seed, true, GetParam());
    for (int run = 0; run < 10; ++run) {
      for (int i = 0; i < 200; ++i) life.step();
      life.outbox->rewind();
      life.away.clear();
      life.last.clear();
      for (int i = 0; i < 10; ++i) life.store.work_once();
      const auto waiting = life.outbox->waiting();
      life.settled += life.gone();
      life.outbox.reset();
      life.outbox = std::make_unique<Outbox>(life.config, life.window, &life.store);
      if (life.store.most_rows == 0) {
        EXPECT_EQ(life.outbox->waiting(), waiting) << "seed " << seed;
      }
      life.settled += waiting - life.outbox->waiting();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, OutboxLife, testing::Values(ReplayMode::ordered, ReplayMode::live_first),
                         [](const auto& mode) { return mode.param == ReplayMode::ordered ? "Ordered" : "LiveFirst"; });

}  // namespace
}  // namespace b2m
