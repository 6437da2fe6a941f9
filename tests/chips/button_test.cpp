#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using TimePoint = EdgeSensor::TimePoint;

const TimePoint start{1000s};

/// A button whose clock goes from edge to edge, and what it told: "press@300" is 300 ms after the start.
class ButtonTest : public testing::Test {
 protected:
  void make(const OptionTexts& options = {}) {
    button = make_edge_sensor("button", options);
    button->start({false}, start);
  }
  void let_pass(std::chrono::milliseconds duration) {
    now += duration;
    for (auto due = button->next_due(); due && *due <= now; due = button->next_due()) take(button->on_time(now));
  }
  void down() { take(button->on_change({.active = true, .time = now})); }
  void up() { take(button->on_change({.active = false, .time = now})); }
  void press(std::chrono::milliseconds held = 100ms) {
    down();
    let_pass(held);
    up();
  }
  void take(const EdgeNews& news) {
    for (const auto& event : news.events)
      told.push_back(std::string(event.name) + "@" +
                     std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(event.time - start).count()));
  }
  using Told = std::vector<std::string>;

  std::unique_ptr<EdgeSensor> button;
  TimePoint now = start;
  Told told;
};

TEST_F(ButtonTest, APressIsToldWhenNoSecondOneFollows) {
  make();
  press();
  EXPECT_EQ(told, Told{});
  let_pass(299ms);
  EXPECT_EQ(told, Told{});
  let_pass(1ms);
  EXPECT_EQ(told, Told{"press@400"});
}

TEST_F(ButtonTest, TwoPressesAreADoubleAndThreeATriple) {
  make();
  press();
  let_pass(200ms);
  press();
  let_pass(1s);
  EXPECT_EQ(told, Told{"double@700"});
  told.clear();
  for (int i = 0; i < 3; ++i) press(), let_pass(100ms);
  EXPECT_EQ(told, Told{"triple@1900"});
}

TEST_F(ButtonTest, AFourthPressBeginsAnew) {
  make();
  for (int i = 0; i < 4; ++i) press(), let_pass(100ms);
  let_pass(1s);
  EXPECT_EQ(told, (Told{"triple@500", "press@1000"}));
}

TEST_F(ButtonTest, HeldDownItIsALongPressWithARelease) {
  make();
  press(2s);
  let_pass(1s);
  EXPECT_EQ(told, (Told{"long@800", "release@2000"}));
}

TEST_F(ButtonTest, ALongPressAfterAShortOneIsBoth) {
  make();
  press();
  let_pass(100ms);
  press(1s);
  EXPECT_EQ(told, (Told{"press@1000", "long@1000", "release@1200"}));
}

TEST_F(ButtonTest, HeldDownItRepeatsWhenAsked) {
  make({{"repeat", "500ms"}});
  down();
  for (int i = 0; i < 21; ++i) let_pass(100ms);
  up();
  EXPECT_EQ(told, (Told{"long@800", "repeat@1300", "repeat@1800", "release@2100"}));
}

TEST_F(ButtonTest, AClockThatComesLateTellsOneRepeatAndKeepsThePace) {
  make({{"repeat", "500ms"}});
  down();
  let_pass(800ms);
  let_pass(2100ms);
  EXPECT_EQ(told, (Told{"long@800", "repeat@1300"}));
  let_pass(400ms);
  EXPECT_EQ(told.back(), "repeat@3300");
}

TEST_F(ButtonTest, WithoutMultiplePressesItDoesNotWait) {
  make({{"multi_press", "0s"}});
  press();
  EXPECT_EQ(told, Told{"press@100"});
}

TEST_F(ButtonTest, WhenItCanBeNothingElseAPressIsToldAsItBegins) {
  make({{"multi_press", "0s"}, {"long_press", "0s"}});
  down();
  EXPECT_EQ(told, Told{"press@0"});
  let_pass(10s);
  up();
  EXPECT_EQ(told.size(), 1u);
}

TEST_F(ButtonTest, AButtonThatIsFoundHeldDownHasNoStory) {
  make();
  button->start({true}, start);
  let_pass(5s);
  up();
  let_pass(5s);
  EXPECT_EQ(told, Told{});
  press();
  let_pass(1s);
  EXPECT_EQ(told.size(), 1u);
}

TEST_F(ButtonTest, ItsStateIsToldToo) {
  make();
  EXPECT_TRUE(button->on_change({.active = true, .time = now}).changed);
  Samples samples(1);
  button->measure(now, samples);
  EXPECT_EQ(samples[0], 1.0);
}

TEST_F(ButtonTest, EveryEventIsOneThatItsDescriptionNames) {
  make({{"repeat", "100ms"}});
  press(1s);
  for (int presses = 1; presses <= 3; ++presses) {
    for (int i = 0; i < presses; ++i) press(), let_pass(50ms);
    let_pass(1s);
  }
  const auto names = driver_named("button").driver->events;
  std::vector<std::string> seen;
  for (const auto& event : told) {
    const auto name = event.substr(0, event.find('@'));
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
    if (std::find(seen.begin(), seen.end(), name) == seen.end()) seen.push_back(name);
  }
  EXPECT_EQ(seen.size(), names.size());
}

}  // namespace
}  // namespace b2m
