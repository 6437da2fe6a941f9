#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_gpio.hpp"
#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

using testing::ElementsAre;

class Switch : public testing::Test {
 protected:
  std::unique_ptr<Actuator> make(const OptionTexts& given = {}) {
    const auto& driver = *driver_named("switch").driver;
    const Options options = make_options(driver, given);
    return driver.make_actuator({.options = options, .gpio = &gpio_, .lines = {{"line", {"300b000.pinctrl", 72}}}});
  }
  FakeGpio gpio_;
};

TEST_F(Switch, TheLineIsRequestedTogetherWithItsValue) {
  const auto relay = make();
  EXPECT_EQ(relay->init(ActuatorState(true)), ActuatorState(true));
  EXPECT_THAT(gpio_.log, ElementsAre("request 300b000.pinctrl:72 active"));
}

TEST_F(Switch, WithoutAStateItStartsInactive) {
  const auto relay = make();
  EXPECT_EQ(relay->init(std::nullopt), ActuatorState(false));
  EXPECT_THAT(gpio_.log, ElementsAre("request 300b000.pinctrl:72 inactive"));
}

TEST_F(Switch, ReportsTheStateItReached) {
  const auto relay = make();
  ASSERT_TRUE(relay->init(ActuatorState(false)));
  EXPECT_EQ(relay->apply(ActuatorState(true)), ActuatorState(true));
  EXPECT_TRUE(gpio_.levels["300b000.pinctrl:72"]);
  EXPECT_EQ(relay->apply(ActuatorState(false)), ActuatorState(false));
  EXPECT_FALSE(gpio_.levels["300b000.pinctrl:72"]);
}

TEST_F(Switch, RefusesWhatIsNeitherOnNorOff) {
  const auto relay = make();
  EXPECT_EQ(relay->init(ActuatorState(0.5)).error().code, Errc::unsupported);
  EXPECT_TRUE(gpio_.log.empty());
  ASSERT_TRUE(relay->init(ActuatorState(true)));
  EXPECT_EQ(relay->apply(ActuatorState(1.0)).error().code, Errc::unsupported);
  EXPECT_EQ(relay->apply(ActuatorState(std::string("ON"))).error().code, Errc::unsupported);
  EXPECT_TRUE(gpio_.levels["300b000.pinctrl:72"]);
}

TEST_F(Switch, PassesOnHowTheLineIsDriven) {
  const auto relay = make({{"active_low", "true"}, {"open_drain", "true"}});
  ASSERT_TRUE(relay->init(ActuatorState(true)));
  EXPECT_TRUE(gpio_.last_output->active_low);
  EXPECT_TRUE(gpio_.last_output->open_drain);
}

TEST_F(Switch, ALineHeldByOthersIsTheirError) {
  gpio_.request_error = Error{Errc::busy, "gpio-leds"};
  const auto relay = make();
  EXPECT_EQ(relay->init(ActuatorState(true)).error().code, Errc::busy);
  EXPECT_EQ(relay->apply(ActuatorState(true)).error().code, Errc::not_ready);
}

TEST_F(Switch, AFailedChangeIsAnErrorAndStartingAgainTakesTheLineAnew) {
  const auto relay = make();
  ASSERT_TRUE(relay->init(ActuatorState(false)));
  gpio_.set_error = Error{Errc::gone, "injected"};
  EXPECT_EQ(relay->apply(ActuatorState(true)).error().code, Errc::gone);
  ASSERT_TRUE(relay->init(ActuatorState(true)));
  EXPECT_THAT(gpio_.log, ElementsAre("request 300b000.pinctrl:72 inactive", "release 300b000.pinctrl:72",
                                     "request 300b000.pinctrl:72 active"));
}

TEST_F(Switch, StartingAgainDoesNotLetGoOfAHealthyLine) {
  const auto relay = make();
  ASSERT_TRUE(relay->init(ActuatorState(true)));
  ASSERT_TRUE(relay->init(ActuatorState(true)));
  EXPECT_THAT(gpio_.log, ElementsAre("request 300b000.pinctrl:72 active", "set 300b000.pinctrl:72 active"));
}

}  // namespace
}  // namespace b2m
