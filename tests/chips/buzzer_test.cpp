#include <gtest/gtest.h>

#include "daemon/sim/simulated_outputs.hpp"
#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

class Buzzer : public testing::Test {
 protected:
  Buzzer() { add_pwm_chip(kernel, {}, "pwmchip0"); }
  std::unique_ptr<Actuator> make() {
    auto buzzer = make_file_actuator("buzzer", kernel, {{"chip", "pwmchip0"}, {"channel", "0"}, {"tone_hz", "4000"}});
    EXPECT_TRUE(buzzer->prepare());
    return buzzer;
  }
  std::string now(const std::string& file) { return kernel.read("/sys/class/pwm/pwmchip0/pwm0/" + file).value(); }
  SimulatedFiles kernel;
};

TEST_F(Buzzer, OnIsItsTone) {
  const auto buzzer = make();
  EXPECT_EQ(buzzer->init(ActuatorState(true)), ActuatorState(4000.0));
  EXPECT_EQ(now("period"), "250000");
  EXPECT_EQ(now("duty_cycle"), "125000");
}

TEST_F(Buzzer, ANumberIsATone) {
  const auto buzzer = make();
  ASSERT_TRUE(buzzer->init(ActuatorState(0.0)));
  EXPECT_EQ(buzzer->apply(ActuatorState(440.0)), ActuatorState(440.0));
  EXPECT_EQ(now("period"), "2272727");
  EXPECT_EQ(now("duty_cycle"), "1136363");
  EXPECT_EQ(buzzer->apply(ActuatorState(3000.0)), ActuatorState(3000.0));
  EXPECT_EQ(now("period"), "333333");
}

TEST_F(Buzzer, SilenceLeavesThePinAtRest) {
  const auto buzzer = make();
  ASSERT_TRUE(buzzer->init(ActuatorState(true)));
  EXPECT_EQ(buzzer->apply(ActuatorState(false)), ActuatorState(0.0));
  EXPECT_EQ(now("duty_cycle"), "0");
  EXPECT_EQ(now("enable"), "1");
}

TEST_F(Buzzer, AToneThatSoundsIsKept) {
  ASSERT_TRUE(make()->init(ActuatorState(1000.0)));
  EXPECT_EQ(make()->init(std::nullopt), ActuatorState(1000.0));
  ASSERT_TRUE(make()->init(ActuatorState(false)));
  EXPECT_EQ(make()->init(std::nullopt), ActuatorState(0.0));
}

TEST_F(Buzzer, RefusesWhatIsNoTone) {
  const auto buzzer = make();
  EXPECT_EQ(buzzer->apply(ActuatorState(0.5)).error().code, Errc::out_of_range);
  EXPECT_EQ(buzzer->apply(ActuatorState(4001.0)).error().code, Errc::out_of_range);
  EXPECT_EQ(buzzer->apply(ActuatorState(-440.0)).error().code, Errc::out_of_range);
  EXPECT_EQ(now("enable"), "0");
}

TEST_F(Buzzer, ItsRangeEndsAtItsTone) {
  const auto& driver = *driver_named("buzzer").driver;
  EXPECT_EQ(driver.output_of(make_options(driver, {{"tone_hz", "4000"}})).range.high, 4000);
}

}  // namespace
}  // namespace b2m
