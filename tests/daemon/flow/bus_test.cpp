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

TEST(Bus, AStoppedBusTakesNothing) {
  EventLoop loop;
  Bus bus(loop, "test");
  bus.worker().request_stop();
  EXPECT_FALSE(bus.post(std::make_shared<FakeJob>([] {}), Worker::Lane::command));
}

}  // namespace
}  // namespace b2m
