#include <gtest/gtest.h>
#include <poll.h>

#include "daemon/sim/simulated_gpio.hpp"

namespace b2m {
namespace {

const LineId door{"300b000.pinctrl", 76};

TEST(SelfMovingLine, AnInputTogglesWithoutAnybodyDrivingIt) {
  SimulatedGpio gpio([] { return std::chrono::steady_clock::now(); }, SimulatedGpio::Inputs::self_moving);
  const auto input = gpio.request_input(door, {}).value();
  const bool before = input->active().value();
  pollfd fd{input->fd(), POLLIN, 0};
  ASSERT_EQ(::poll(&fd, 1, 30'000), 1);
  const auto event = input->next_event().value();
  ASSERT_TRUE(event);
  EXPECT_NE(event->active, before);
  EXPECT_NE(input->active().value(), before);
}

}  // namespace
}  // namespace b2m
