// Documentation/ABI/testing/sysfs-class-led: brightness up to max_brightness, the trigger in effect in brackets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/sim/simulated_outputs.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/watched_files.hpp"

namespace b2m {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class Led : public testing::Test {
 protected:
  Led() { add_led(kernel, {}, "green:status"); }
  std::unique_ptr<Actuator> make(OptionTexts given = {}) {
    given.push_back({"led", "green:status"});
    auto led = make_file_actuator("led", files, given);
    EXPECT_TRUE(led->prepare());
    return led;
  }
  std::string now(const std::string& file) { return kernel.read(directory + file).value(); }

  const std::string directory = "/sys/class/leds/green:status/";
  SimulatedFiles kernel;
  WatchedFiles files{kernel};
};

TEST_F(Led, PercentAreAShareOfItsBrightness) {
  const auto led = make();
  EXPECT_EQ(led->init(ActuatorState(40.0)), ActuatorState(40.0));
  EXPECT_EQ(led->apply(ActuatorState(true)), ActuatorState(100.0));
  EXPECT_EQ(led->apply(ActuatorState(false)), ActuatorState(0.0));
  EXPECT_THAT(files.log, ElementsAre("brightness = 102", "brightness = 255", "brightness = 0"));
}

TEST_F(Led, WhatIsNotOffShines) {
  kernel.add(directory + "max_brightness", "1");
  const auto led = make();
  EXPECT_EQ(led->init(ActuatorState(1.0)), ActuatorState(100.0));
  EXPECT_EQ(now("brightness"), "1");
  EXPECT_EQ(led->apply(ActuatorState(0.0)), ActuatorState(0.0));
  EXPECT_EQ(now("brightness"), "0");
}

TEST_F(Led, IsTakenFromTheTriggerThatHasIt) {
  ASSERT_TRUE(kernel.write(directory + "trigger", "heartbeat"));
  const auto led = make();
  ASSERT_TRUE(led->init(ActuatorState(100.0)));
  EXPECT_THAT(files.log, ElementsAre("trigger = none", "brightness = 255"));
}

TEST_F(Led, OnHandsItOverToTheConfiguredTrigger) {
  const auto led = make({{"trigger", "timer"}});
  EXPECT_EQ(led->init(ActuatorState(true)), ActuatorState(100.0));
  EXPECT_EQ(now("trigger"), "none [timer] heartbeat default-on");
  EXPECT_EQ(led->apply(ActuatorState(50.0)), ActuatorState(50.0));
  EXPECT_EQ(now("trigger"), "[none] timer heartbeat default-on");
  EXPECT_EQ(now("brightness"), "128");
}

TEST_F(Led, KeepsWhatItFindsAndDisturbsNothing) {
  ASSERT_TRUE(kernel.write(directory + "brightness", "51"));
  EXPECT_EQ(make()->init(std::nullopt), ActuatorState(20.0));
  ASSERT_TRUE(kernel.write(directory + "trigger", "timer"));
  EXPECT_EQ(make({{"trigger", "timer"}})->init(std::nullopt), ActuatorState(100.0));
  EXPECT_TRUE(files.log.empty());
}

TEST_F(Led, AMissingOneIsAnErrorThatNamesThoseThatAreThere) {
  const auto error = make_file_actuator("led", files, {{"led", "red:status"}})->prepare().error();
  EXPECT_EQ(error.code, Errc::gone);
  EXPECT_THAT(error.detail, HasSubstr("no LED is called \"red:status\"; there are: green:status"));
}

TEST_F(Led, AnUnknownTriggerIsAnErrorThatNamesThoseOfTheKernel) {
  const auto led = make_file_actuator("led", files, {{"led", "green:status"}, {"trigger", "disco"}});
  const auto error = led->prepare().error();
  EXPECT_EQ(error.code, Errc::unsupported);
  EXPECT_THAT(error.detail, HasSubstr("none, timer, heartbeat, default-on"));
}

TEST_F(Led, AFailedWriteIsAnErrorAndNotAState) {
  const auto led = make();
  files.refuse(directory + "brightness", Errc::gone);
  EXPECT_EQ(led->init(ActuatorState(40.0)).error().code, Errc::gone);
}

}  // namespace
}  // namespace b2m
