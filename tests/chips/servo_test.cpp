// TowerPro SG90: 1 ms is -90°, 1.5 ms the middle, 2 ms 90°, every 20 ms. PCA9685 as in pca9685_test.cpp.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/sim/simulated_outputs.hpp"
#include "drivers/engine/pca9685.hpp"
#include "drivers/engine/servo.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/scripted_i2c.hpp"

namespace b2m {
namespace {

using testing::HasSubstr;

class Servo : public testing::Test {
 protected:
  Servo() { add_pwm_chip(kernel, {}, "pwmchip0"); }
  std::unique_ptr<Actuator> make(OptionTexts given = {}) {
    given.push_back({"chip", "pwmchip0"});
    given.push_back({"channel", "2"});
    auto servo = make_file_actuator("servo", kernel, given);
    EXPECT_TRUE(servo->prepare());
    return servo;
  }
  std::string now(const std::string& file) { return kernel.read("/sys/class/pwm/pwmchip0/pwm2/" + file).value(); }
  SimulatedFiles kernel;
};

TEST_F(Servo, TheMiddleAndTheEndsAreTheMakersPulses) {
  const auto servo = make();
  EXPECT_EQ(servo->init(ActuatorState(0.0)), ActuatorState(0.0));
  EXPECT_EQ(now("period"), "20000000");
  EXPECT_EQ(now("duty_cycle"), "1500000");
  EXPECT_EQ(servo->apply(ActuatorState(-90.0)), ActuatorState(-90.0));
  EXPECT_EQ(now("duty_cycle"), "1000000");
  EXPECT_EQ(servo->apply(ActuatorState(90.0)), ActuatorState(90.0));
  EXPECT_EQ(now("duty_cycle"), "2000000");
  EXPECT_EQ(now("enable"), "1");
}

TEST_F(Servo, AnglesAndPulsesAreThoseOfTheOptions) {
  const auto servo =
      make({{"min_angle", "0"}, {"max_angle", "180"}, {"min_pulse_us", "500"}, {"max_pulse_us", "2500"}});
  EXPECT_EQ(servo->init(ActuatorState(45.0)), ActuatorState(45.0));
  EXPECT_EQ(now("duty_cycle"), "1000000");
  EXPECT_EQ(servo->apply(ActuatorState(-1.0)).error().code, Errc::out_of_range);
  EXPECT_EQ(servo->apply(ActuatorState(181.0)).error().code, Errc::out_of_range);
  EXPECT_EQ(now("duty_cycle"), "1000000");
}

TEST_F(Servo, ExchangedPulsesTurnTheOtherWayRound) {
  const auto servo = make({{"min_pulse_us", "2000"}, {"max_pulse_us", "1000"}});
  EXPECT_EQ(servo->init(ActuatorState(-90.0)), ActuatorState(-90.0));
  EXPECT_EQ(now("duty_cycle"), "2000000");
}

TEST_F(Servo, KeepsTheAngleThatItFinds) {
  ASSERT_TRUE(make()->init(ActuatorState(30.0)));
  EXPECT_EQ(make()->init(std::nullopt), ActuatorState(30.0));
}

TEST_F(Servo, WithoutAPulseItIsLeftLimp) {
  EXPECT_EQ(make()->init(std::nullopt), ActuatorState(0.0));
  EXPECT_EQ(now("enable"), "0");
}

TEST_F(Servo, ItsRangeIsThatOfItsAngles) {
  for (const auto* name : {"servo", "pca9685_servo"}) {
    const auto& driver = *driver_named(name).driver;
    const auto options = make_options(driver, {{"min_angle", "0"}, {"max_angle", "270"}});
    EXPECT_EQ(driver.output_of(options).range.low, 0) << name;
    EXPECT_EQ(driver.output_of(options).range.high, 270) << name;
    EXPECT_EQ(driver.output_of(options).unit, "°") << name;
  }
}

TEST_F(Servo, OptionsThatContradictEachOtherAreRefusedWithTheWayOut) {
  const auto& driver = *driver_named("servo").driver;
  const auto problem = [&](const OptionTexts& given) { return driver.check_options(make_options(driver, given)); };
  EXPECT_FALSE(problem({}));
  EXPECT_EQ(problem({{"min_angle", "90"}})->key, "max_angle");
  EXPECT_THAT(problem({{"min_angle", "90"}})->hint, HasSubstr("exchange"));
  EXPECT_EQ(problem({{"min_pulse_us", "2000"}})->key, "max_pulse_us");
  EXPECT_EQ(problem({{"max_pulse_us", "2500"}, {"frequency_hz", "400"}})->key, "frequency_hz");
  EXPECT_FALSE(problem({{"max_pulse_us", "2500"}, {"frequency_hz", "333"}}));
}

class Pca9685Servo : public testing::Test {
 protected:
  static std::unique_ptr<Actuator> make(I2cBus& bus, OptionTexts given = {}) {
    given.push_back({"channel", "3"});
    return make_i2c_actuator("pca9685_servo", bus, given);
  }
};

const I2cStep runs = i2c::write_read({0x00}, {0x20});

// §7.3.5: at 50 Hz PRE_SCALE is 121, a step then 122 / 25 MHz = 4.88 µs: 1.5 ms are 307 of them, 2 ms 410.
TEST_F(Pca9685Servo, CountsInStepsOfTheChip) {
  ScriptedI2c bus(0x40, {runs, runs, i2c::write({0x12, 0, 0, 0x33, 0x01}), runs, i2c::write({0x12, 0, 0, 0x9a, 0x01})});
  const auto servo = make(bus);
  EXPECT_EQ(servo->init(ActuatorState(0.0)), ActuatorState(0.0));
  EXPECT_EQ(servo->apply(ActuatorState(true)), ActuatorState(90.0));
}

// At 60 Hz PRE_SCALE is 101 and the frequency really 59.84 Hz: 2 ms are 490 steps, where 60 Hz would have 492.
TEST_F(Pca9685Servo, CountsAtTheFrequencyThatTheChipReallyHas) {
  ScriptedI2c bus(0x40, {runs, i2c::write({0x12, 0, 0, 0xea, 0x01})});
  EXPECT_EQ(make(bus, {{"frequency_hz", "60"}})->apply(ActuatorState(90.0)), ActuatorState(90.0));
}

TEST_F(Pca9685Servo, SetsTheChipTo50Hz) {
  ScriptedI2c bus(0x40, {i2c::write_read({0x00}, {0x11}), i2c::write_read({0xfe}, {0x1e}), i2c::write({0x01, 0x04}),
                         i2c::write({0x00, 0x30}), i2c::write({0xfe, 0x79}), i2c::write({0x00, 0x20})});
  EXPECT_TRUE(make(bus)->prepare());
}

TEST_F(Pca9685Servo, ReadsTheAngleBackToAStep) {
  ScriptedI2c bus(0x40,
                  {runs, i2c::write_read({0x12}, {0, 0, 0x9a, 0x01}), runs, i2c::write_read({0x12}, {0, 0, 0, 0x10})});
  const auto servo = make(bus);
  EXPECT_EQ(servo->init(std::nullopt), ActuatorState(90.0));  // 2000.8 µs, no further than the travel
  EXPECT_EQ(servo->init(std::nullopt), ActuatorState(0.0));   // no pulse
}

TEST_F(Pca9685Servo, NoticesThatTheChipWasReset) {
  ScriptedI2c bus(0x40, {i2c::write_read({0x00}, {0x11})});
  EXPECT_EQ(make(bus)->apply(ActuatorState(40.0)).error().code, Errc::io);
}

TEST(ServoPulses, AreReadBackAsTheirAngles) {
  const ServoTravel travel{.angle = {0, 270}, .low_pulse = 500e-6, .high_pulse = 2500e-6};
  for (int angle = 0; angle <= 270; ++angle) EXPECT_EQ(servo_angle(travel, servo_pulse(travel, angle)), angle);
}

}  // namespace
}  // namespace b2m
