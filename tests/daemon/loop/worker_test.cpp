#include "daemon/loop/worker.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <array>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <semaphore>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using Pause = std::optional<std::chrono::microseconds>;
using Lane = Worker::Lane;

constexpr Pause finished = std::nullopt;

/// Bounds every wait of these tests; far beyond what any of them needs.
SteadyTime patience() { return SteadyClock::now() + 30s; }

class FunctionJob : public Job {
 public:
  explicit FunctionJob(std::function<Pause()> step) : step_(std::move(step)) {}
  Pause step() override { return step_(); }

 private:
  std::function<Pause()> step_;
};

std::shared_ptr<Job> job(std::function<Pause()> step) { return std::make_shared<FunctionJob>(std::move(step)); }

/// What the jobs did, in order.
class Record {
 public:
  void add(std::string what) {
    const std::lock_guard lock(mutex_);
    what_.push_back(std::move(what));
  }
  [[nodiscard]] std::vector<std::string> get() const {
    const std::lock_guard lock(mutex_);
    return what_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::string> what_;
};

/// A job that has begun and goes on only when it is told to: a bus that hangs.
class Gate {
 public:
  explicit Gate(Worker& worker) {
    worker.post(job([state = state_] {
                  state->begun.release();
                  state->open.acquire();
                  return finished;
                }),
                Lane::poll);
    state_->begun.acquire();
  }
  ~Gate() { open(); }
  void open() {
    if (!std::exchange(opened_, true)) state_->open.release();
  }

 private:
  struct State {
    std::binary_semaphore begun{0};
    std::binary_semaphore open{0};
  };
  std::shared_ptr<State> state_ = std::make_shared<State>();
  bool opened_ = false;
};

/// Waits until all jobs posted before it to the poll lane have had their step.
void drain(Worker& worker) {
  auto done = std::make_shared<std::promise<void>>();
  worker.post(job([done] {
                done->set_value();
                return finished;
              }),
              Lane::poll);
  done->get_future().wait();
}

std::shared_ptr<Job> noting(const std::shared_ptr<Record>& record, std::string what, Pause pause = finished) {
  return job([record, what = std::move(what), pause]() mutable {
    record->add(what);
    return std::exchange(pause, finished);
  });
}

TEST(Worker, ThreadsCarryTheNameOfTheirBus) {
  Worker worker("i2c-1-behind-a-multiplexer");
  std::promise<std::string> name;
  worker.post(job([&name] {
                std::array<char, 16> text{};
                pthread_getname_np(pthread_self(), text.data(), text.size());
                name.set_value(text.data());
                return finished;
              }),
              Lane::poll);
  EXPECT_EQ(name.get_future().get(), "i2c-1-behind-a-");
  EXPECT_TRUE(worker.join_until(patience()));
}

TEST(Worker, PollsRunInTheOrderTheyWerePosted) {
  Worker worker("test");
  const auto record = std::make_shared<Record>();
  for (const auto* name : {"a", "b", "c"}) worker.post(noting(record, name), Lane::poll);
  drain(worker);
  EXPECT_THAT(record->get(), ElementsAre("a", "b", "c"));
}

TEST(Worker, CommandsOvertakeTheQueueOfPolls) {
  Worker worker("test");
  const auto record = std::make_shared<Record>();
  Gate gate(worker);
  worker.post(noting(record, "poll"), Lane::poll);
  worker.post(noting(record, "command"), Lane::command);
  gate.open();
  drain(worker);
  EXPECT_THAT(record->get(), ElementsAre("command", "poll"));
}

TEST(Worker, AJobWhosePauseIsOverGoesBeforeNewPolls) {
  Worker worker("test");
  const auto record = std::make_shared<Record>();
  Gate gate(worker);
  worker.post(noting(record, "conversion", 0us), Lane::poll);
  worker.post(noting(record, "next poll"), Lane::poll);
  gate.open();
  drain(worker);
  EXPECT_THAT(record->get(), ElementsAre("conversion", "conversion", "next poll"));
}

TEST(Worker, OthersAreServedWhileAJobIsParked) {
  Worker worker("test");
  const auto record = std::make_shared<Record>();
  worker.post(noting(record, "long conversion", 3600s), Lane::poll);
  worker.post(noting(record, "short conversion", 0us), Lane::poll);
  worker.post(noting(record, "other"), Lane::poll);
  drain(worker);
  EXPECT_THAT(record->get(), ElementsAre("long conversion", "short conversion", "short conversion", "other"));
}

TEST(Worker, AFullLaneRefusesAndTheOtherLaneDoesNotMind) {
  Worker worker("test", 2);
  const auto record = std::make_shared<Record>();
  Gate gate(worker);
  EXPECT_TRUE(worker.post(noting(record, "a"), Lane::poll));
  EXPECT_TRUE(worker.post(noting(record, "b"), Lane::poll));
  EXPECT_FALSE(worker.post(noting(record, "too many"), Lane::poll));
  EXPECT_TRUE(worker.post(noting(record, "command"), Lane::command));
  gate.open();
  while (record->get().size() < 3) std::this_thread::yield();
  EXPECT_THAT(record->get(), ElementsAre("command", "a", "b"));
}

TEST(Worker, TellsSinceWhenItIsBusy) {
  Worker worker("test");
  const auto before = SteadyClock::now();
  Gate gate(worker);
  const auto since = worker.busy_since();
  ASSERT_TRUE(since);
  EXPECT_GE(*since, before);
  EXPECT_LE(*since, SteadyClock::now());
  gate.open();
  EXPECT_TRUE(worker.join_until(patience()));
  EXPECT_FALSE(worker.busy_since());
}

TEST(Worker, AfterStoppingNothingIsAcceptedAndWhatWaitedIsNotRun) {
  Worker worker("test");
  const auto record = std::make_shared<Record>();
  Gate gate(worker);
  worker.post(noting(record, "waiting poll"), Lane::poll);
  worker.post(noting(record, "waiting command"), Lane::command);
  worker.request_stop();
  EXPECT_FALSE(worker.post(noting(record, "too late"), Lane::command));
  gate.open();
  EXPECT_TRUE(worker.join_until(patience()));
  EXPECT_THAT(record->get(), ElementsAre());
}

TEST(Worker, WhatItHeldIsGoneWhenItHasEnded) {
  Worker worker("test");
  const auto record = std::make_shared<Record>();
  auto parked = noting(record, "parked", 3600s);
  worker.post(parked, Lane::poll);
  drain(worker);
  Gate gate(worker);
  auto queued = noting(record, "queued");
  worker.post(queued, Lane::poll);
  const std::weak_ptr<Job> parked_left = parked;
  const std::weak_ptr<Job> queued_left = queued;
  parked.reset();
  queued.reset();
  gate.open();
  ASSERT_TRUE(worker.join_until(patience()));
  EXPECT_TRUE(parked_left.expired()) << "a job may own a device of a bus that is closed next";
  EXPECT_TRUE(queued_left.expired()) << "a job may own a device of a bus that is closed next";
}

TEST(Worker, AHangingThreadIsLeftBehindAndNothingElseBreaks) {
  auto hanging = std::make_unique<Worker>("hanging");
  const auto record = std::make_shared<Record>();
  Gate gate(*hanging);
  auto queued = noting(record, "behind the hang");
  const std::weak_ptr<Job> left = queued;
  hanging->post(std::move(queued), Lane::poll);

  EXPECT_FALSE(hanging->join_until(SteadyClock::now()));
  EXPECT_TRUE(hanging->busy_since());
  hanging.reset();

  Worker other("other");
  other.post(noting(record, "elsewhere"), Lane::poll);
  drain(other);
  EXPECT_THAT(record->get(), ElementsAre("elsewhere"));

  gate.open();
  while (!left.expired()) std::this_thread::yield();  // the thread ends by itself and drops what it kept
  EXPECT_THAT(record->get(), ElementsAre("elsewhere"));
}

TEST(Worker, MayBeJoinedTwice) {
  Worker worker("test");
  EXPECT_TRUE(worker.join_until(patience()));
  EXPECT_TRUE(worker.join_until(patience()));
}

}  // namespace
}  // namespace b2m
