#include "daemon/flow/bus.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <semaphore>
#include <utility>

#include "tests/daemon/flow/flow_fakes.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

class FakeJob final : public BusJob {
 public:
  explicit FakeJob(
      std::function<void()> work, std::function<void()> finished = [] {})
      : work_(std::move(work)), finished_(std::move(finished)) {}

 private:
  std::optional<std::chrono::microseconds> work() override {
    work_();
    return std::nullopt;
  }
  void finish() override { finished_(); }
  std::function<void()> work_;
  std::function<void()> finished_;
};

TEST(Bus, AJobComesBackOnceForEachTimeItWasPosted) {
  EventLoop loop;
  Bus bus(loop, "test");
  int worked = 0;
  int finished = 0;
  const auto job = std::make_shared<FakeJob>([&] { ++worked; }, [&] { ++finished; });
  for (int times = 1; times <= 3; ++times) {
    ASSERT_TRUE(bus.post(job, Worker::Lane::poll));
    ASSERT_TRUE(test::run_until(loop, [&] { return finished == times; }));
  }
  EXPECT_TRUE(bus.worker().join_until(SteadyClock::now() + 5s));
  EXPECT_EQ(worked, 3);
}

TEST(Bus, AJobThatTheStopDropsIsReleased) {
  EventLoop loop;
  Bus bus(loop, "test");
  std::binary_semaphore release(0);
  bus.post(std::make_shared<FakeJob>([&] { release.acquire(); }), Worker::Lane::poll);
  auto waiting = std::make_shared<FakeJob>([] {});
  const std::weak_ptr<FakeJob> seen = waiting;
  bus.post(std::move(waiting), Worker::Lane::poll);
  bus.worker().request_stop();
  release.release();
  ASSERT_TRUE(bus.worker().join_until(SteadyClock::now() + 5s));
  EXPECT_TRUE(seen.expired());
}

TEST(Bus, WhatAMemberHasUnderWayIsNotDoneAndNotHeardOnceItIsGone) {
  EventLoop loop;
  Bus bus(loop, "test");
  std::binary_semaphore release(0);
  bool idle = false;
  int heard = 0;
  int worked = 0;
  bus.on_idle([&] { idle = true; });
  {
    BusMember member(bus);
    member.post(std::make_shared<FakeJob>([&] { release.acquire(); }, [&] { ++heard; }), Worker::Lane::poll);
    member.post(std::make_shared<FakeJob>([&] { ++worked; }, [&] { ++heard; }), Worker::Lane::poll);
    EXPECT_FALSE(bus.idle());
  }
  EXPECT_FALSE(bus.idle()) << "they are still under way";
  release.release();
  ASSERT_TRUE(test::run_until(loop, [&] { return idle; }));
  EXPECT_TRUE(bus.idle());
  EXPECT_EQ(heard, 0);
  EXPECT_EQ(worked, 0);
  EXPECT_TRUE(bus.worker().join_until(SteadyClock::now() + 5s));
}

TEST(Bus, AMemberThatIsGoneIsNotToldThatTheBusHangs) {
  EventLoop loop;
  Bus bus(loop, "test", 1ms);
  std::binary_semaphore release(0);
  int gone = 0;
  int there = 0;
  auto first = std::make_unique<BusMember>(bus, [&](bool) { ++gone; });
  const BusMember second(bus, [&](bool stuck) { there += stuck ? 1 : 0; });
  first.reset();
  bus.post(std::make_shared<FakeJob>([&] { release.acquire(); }), Worker::Lane::poll);
  ASSERT_TRUE(test::run_until(loop, [&] { return there == 1; }));
  EXPECT_EQ(gone, 0);
  release.release();
  EXPECT_TRUE(bus.worker().join_until(SteadyClock::now() + 5s));
}

TEST(Bus, AStoppedBusTakesNothing) {
  EventLoop loop;
  Bus bus(loop, "test");
  bus.worker().request_stop();
  EXPECT_FALSE(bus.post(std::make_shared<FakeJob>([] {}), Worker::Lane::command));
}

}  // namespace
}  // namespace b2m
