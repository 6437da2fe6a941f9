#include "daemon/sim/simulated_gpio.hpp"

#include <gtest/gtest.h>
#include <poll.h>

#include "tests/daemon/sim/manual_clock.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

const LineId door{"300b000.pinctrl", 76};
const LineId fan{"300b000.pinctrl", 72};

bool readable(const InputLine& line) {
  pollfd fd{line.fd(), POLLIN, 0};
  return ::poll(&fd, 1, 0) == 1;
}

class SimulatedLines : public testing::Test {
 protected:
  ManualClock time;
  SimulatedGpio gpio{time.clock()};
};

TEST_F(SimulatedLines, ASecondRequestOfALineIsBusyUntilTheFirstIsReleased) {
  auto first = gpio.request_output(fan, {});
  ASSERT_TRUE(first);
  EXPECT_EQ(gpio.request_output(fan, {}).error().code, Errc::busy);
  EXPECT_EQ(gpio.request_input(fan, {}).error().code, Errc::busy);
  first->reset();
  EXPECT_TRUE(gpio.request_input(fan, {}));
}

// Those of a Raspberry Pi, say: the simulated board is another one unless the configuration names it.
TEST_F(SimulatedLines, EveryNameIsALineOfItsOwn) {
  const LineId pump{.name = "GPIO27"};
  const LineId lamp{.name = "GPIO22"};
  const auto output = gpio.request_output(pump, {.initial = true});
  ASSERT_TRUE(output);
  EXPECT_TRUE(gpio.request_output(lamp, {}));
  EXPECT_EQ(gpio.level(pump), true);
  EXPECT_EQ(gpio.level(lamp), false);
  const auto again = gpio.request_output(pump, {});
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().detail, "the line named \"GPIO27\" is held by board2mqtt");
}

TEST_F(SimulatedLines, ARefusedInputLeavesTheHolderInPeace) {
  const auto holder = gpio.request_input(door, {}).value();
  EXPECT_EQ(gpio.request_input(door, {}).error().code, Errc::busy);
  EXPECT_EQ(gpio.request_input(door, {}).error().code, Errc::busy);
  gpio.drive(door, true);
  EXPECT_TRUE(readable(*holder));
}

TEST_F(SimulatedLines, ALineThatNoChipHasIsOutOfRange) {
  EXPECT_EQ(gpio.request_output({"300b000.pinctrl", SimulatedGpio::lines}, {}).error().code, Errc::out_of_range);
  EXPECT_EQ(gpio.request_input({"", 1}, {}).error().code, Errc::gone);
}

TEST_F(SimulatedLines, AnOutputKeepsItsLevelAfterItsRelease) {
  EXPECT_EQ(gpio.level(fan), std::nullopt);
  {
    auto output = gpio.request_output(fan, {.initial = true}).value();
    EXPECT_EQ(gpio.level(fan), true);
    ASSERT_TRUE(output->set(false));
    EXPECT_FALSE(output->active().value());
    ASSERT_TRUE(output->set(true));
  }
  EXPECT_EQ(gpio.level(fan), true);
}

TEST_F(SimulatedLines, AnActiveLowOutputIsLowWhenActive) {
  const auto output = gpio.request_output(fan, {.active_low = true}).value();
  EXPECT_EQ(gpio.level(fan), true);
  ASSERT_TRUE(output->set(true));
  EXPECT_EQ(gpio.level(fan), false);
  EXPECT_TRUE(output->active().value());
}

TEST_F(SimulatedLines, ADrivenInputIsReadableUntilItsEventIsTaken) {
  const auto input = gpio.request_input(door, {}).value();
  EXPECT_FALSE(readable(*input));
  EXPECT_FALSE(input->next_event().value());
  time.advance(1500ms);
  gpio.drive(door, true);
  EXPECT_TRUE(readable(*input));
  const auto event = input->next_event().value();
  ASSERT_TRUE(event);
  EXPECT_TRUE(event->active);
  EXPECT_EQ(event->time, time.now());
  EXPECT_FALSE(readable(*input));
  EXPECT_TRUE(input->active().value());
}

TEST_F(SimulatedLines, TheSameLevelAgainIsNoEvent) {
  const auto input = gpio.request_input(door, {.bias = Bias::pull_up}).value();
  gpio.drive(door, true);
  EXPECT_FALSE(readable(*input));
}

TEST_F(SimulatedLines, AnActiveLowInputIsActiveWhenItsLineIsLow) {
  const auto input = gpio.request_input(door, {.active_low = true, .bias = Bias::pull_up}).value();
  EXPECT_FALSE(input->active().value());
  gpio.drive(door, false);
  EXPECT_TRUE(input->next_event().value()->active);
  EXPECT_TRUE(input->active().value());
}

TEST_F(SimulatedLines, AFullQueueTellsHowManyEventsWereLost) {
  const auto input = gpio.request_input(door, {}).value();
  for (int i = 0; i < 20; ++i) gpio.drive(door, i % 2 == 0);  // 16 fit
  ASSERT_TRUE(input->next_event().value());
  gpio.drive(door, true);
  std::uint32_t lost = 0;
  while (const auto event = input->next_event().value()) lost += event->lost_before;
  EXPECT_EQ(lost, 4U);
  EXPECT_FALSE(readable(*input));
}

TEST_F(SimulatedLines, ALineRequestedAnewHasNoOldEvents) {
  gpio.request_input(door, {}).value().reset();
  gpio.drive(door, true);
  const auto input = gpio.request_input(door, {}).value();
  EXPECT_FALSE(readable(*input));
  EXPECT_TRUE(input->active().value());
}

TEST_F(SimulatedLines, LinesMayOutliveThePort) {
  auto port = std::make_unique<SimulatedGpio>(time.clock(), SimulatedGpio::Inputs::self_moving);
  const auto input = port->request_input(door, {}).value();
  port.reset();
  EXPECT_TRUE(input->active());
}

}  // namespace
}  // namespace b2m
