#include "daemon/flow/clock_watch.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "daemon/flow/clock.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::nullopt_t forbidden = std::nullopt;

/// A kernel and a bus that say what a test wants.
struct Watched {
  EventLoop loop;
  std::optional<bool> kernel;
  int looks = 0;
  std::function<void(std::optional<bool>)> question;  ///< that the bus has not answered yet
  int changes = 0;
  ClockWatch watch;

  explicit Watched(std::optional<bool> kernel_says, ClockTimes times = {})
      : kernel(kernel_says),
        watch(loop,
              {.kernel =
                   [this] {
                     ++looks;
                     return kernel;
                   },
               .bus = [this](auto answer) { question = std::move(answer); }},
              times) {
    watch.on_change([this] { ++changes; });
  }
  void bus_says(std::optional<bool> answer) { std::exchange(question, {})(answer); }
};

TEST(ClockWatch, knows_at_once_what_the_kernel_says) {
  Watched watched(true);
  EXPECT_TRUE(clock_synchronised());
  EXPECT_TRUE(this_moment().synchronised);
  EXPECT_FALSE(watched.question);
}

TEST(ClockWatch, asks_the_bus_where_the_kernel_may_not_be_asked) {
  Watched watched(forbidden);
  EXPECT_FALSE(clock_synchronised());
  watched.bus_says(true);
  EXPECT_TRUE(clock_synchronised());
  EXPECT_EQ(watched.changes, 1);
}

TEST(ClockWatch, looks_again_until_the_clock_is_synchronised) {
  Watched watched(false, {.first_pause = 1ms, .longest_pause = 1ms});
  while (watched.looks < 3) watched.loop.run_once(1s);
  EXPECT_FALSE(clock_synchronised());
  watched.kernel = true;
  while (watched.changes == 0) watched.loop.run_once(1s);
  EXPECT_TRUE(clock_synchronised());
  const int looks = watched.looks;
  watched.loop.run_once(20ms);
  EXPECT_EQ(watched.looks, looks);
}

TEST(ClockWatch, takes_a_clock_for_synchronised_only_when_nobody_has_told_for_long) {
  Watched watched(forbidden, {.first_pause = 1ms, .longest_pause = 1ms, .patience = 1h});
  watched.bus_says(forbidden);
  EXPECT_FALSE(clock_synchronised());
  while (!watched.question) watched.loop.run_once(1s);
  watched.bus_says(false);
  EXPECT_FALSE(clock_synchronised());
}

TEST(ClockWatch, takes_the_clock_of_a_system_that_tells_nobody_for_synchronised) {
  Watched watched(forbidden, {.patience = 0s});
  watched.bus_says(forbidden);
  EXPECT_TRUE(clock_synchronised());
}

TEST(ClockWatch, may_end_while_the_bus_thinks) {
  std::function<void(std::optional<bool>)> late;
  {
    Watched watched(forbidden);
    late = watched.question;
  }
  late(true);
  EXPECT_FALSE(clock_synchronised());
}

}  // namespace
}  // namespace b2m
