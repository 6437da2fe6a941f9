#include "daemon/loop/event_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>

#include <csignal>
#include <memory>
#include <stdexcept>
#include <vector>

#include "daemon/loop/wakeup.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr auto at_once = 0us;
const SteadyTime long_ago{1ns};

TEST(EventLoop, RunReturnsTheCodeThatExitWasGiven) {
  EventLoop loop;
  Timer timer(loop, [&] { loop.exit(7); });
  timer.arm(long_ago);
  EXPECT_EQ(loop.run(), 7);
}

TEST(EventLoop, WhatACallbackThrowsComesOutOfRun) {
  EventLoop loop;
  Timer timer(loop, [] { throw std::runtime_error("the callback's own"); });
  timer.arm(long_ago);
  try {
    loop.run();
    FAIL() << "run() returned";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "the callback's own");
  }
}

TEST(EventLoop, ARoundWithNothingDueReturns) {
  EventLoop loop;
  loop.run_once(at_once);
}

TEST(EventLoop, WithoutAServiceManagerTheWatchdogAsksForNothing) {
  EventLoop loop;
  loop.enable_watchdog();
  loop.run_once(at_once);
}

TEST(Timer, WhatIsDueCallsOnceAndIsThenNotArmed) {
  EventLoop loop;
  int calls = 0;
  Timer timer(loop, [&] { ++calls; });
  EXPECT_FALSE(timer.armed());
  timer.arm(long_ago);
  EXPECT_TRUE(timer.armed());
  for (int round = 0; round < 3; ++round) loop.run_once(at_once);
  EXPECT_EQ(calls, 1);
  EXPECT_FALSE(timer.armed());
}

TEST(Timer, MayBeArmedAgainFromItsCallback) {
  EventLoop loop;
  int calls = 0;
  std::unique_ptr<Timer> timer;
  timer = std::make_unique<Timer>(loop, [&] {
    if (++calls < 3) return timer->arm(long_ago);
    loop.exit(0);
  });
  timer->arm(long_ago);
  loop.run();
  EXPECT_EQ(calls, 3);
}

TEST(Timer, ACancelledOneDoesNotCall) {
  EventLoop loop;
  int calls = 0;
  Timer timer(loop, [&] { ++calls; });
  timer.arm(long_ago);
  timer.cancel();
  EXPECT_FALSE(timer.armed());
  loop.run_once(at_once);
  EXPECT_EQ(calls, 0);
}

TEST(Timer, ArmingAgainMovesIt) {
  EventLoop loop;
  int calls = 0;
  Timer timer(loop, [&] { ++calls; });
  timer.arm(long_ago);
  timer.arm_after(1h);
  loop.run_once(at_once);
  EXPECT_EQ(calls, 0);
  EXPECT_TRUE(timer.armed());
}

TEST(Timer, ADestroyedOneDoesNotCall) {
  EventLoop loop;
  int calls = 0;
  {
    Timer timer(loop, [&] { ++calls; });
    timer.arm(long_ago);
  }
  loop.run_once(at_once);
  EXPECT_EQ(calls, 0);
}

TEST(Timer, TheEarlierOfTwoThatAreDueCallsFirst) {
  EventLoop loop;
  std::vector<int> order;
  Timer later(loop, [&] {
    order.push_back(2);
    loop.exit(0);
  });
  Timer earlier(loop, [&] { order.push_back(1); });
  later.arm(long_ago + 2s);
  earlier.arm(long_ago + 1s);
  loop.run();
  EXPECT_THAT(order, ElementsAre(1, 2));
}

TEST(ReadWatch, CallsWhileTheDescriptorIsReadableAndNotBefore) {
  EventLoop loop;
  Wakeup wakeup;
  int calls = 0;
  ReadWatch watch(loop, wakeup.fd(), [&] { ++calls; });
  loop.run_once(at_once);
  EXPECT_EQ(calls, 0);
  wakeup.signal();
  wakeup.signal();
  loop.run_once(at_once);
  loop.run_once(at_once);
  EXPECT_EQ(calls, 2) << "it stays readable until it is cleared";
  wakeup.clear();
  loop.run_once(at_once);
  EXPECT_EQ(calls, 2);
}

TEST(SignalWatch, ABlockedSignalArrivesAtTheLoop) {
  sigset_t before;
  pthread_sigmask(SIG_SETMASK, nullptr, &before);
  block_signals();
  {
    EventLoop loop;
    int calls = 0;
    SignalWatch watch(loop, SIGHUP, [&] { ++calls; });
    raise(SIGHUP);
    loop.run_once(at_once);
    EXPECT_EQ(calls, 1);
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

}  // namespace
}  // namespace b2m
