// NXP PCF8591 rev. 7, §8.2 (bit 6 of the control byte) and §8.3: AOUT is VREF × code / 256 above AGND.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/scripted_i2c.hpp"

namespace b2m {
namespace {

std::unique_ptr<Actuator> make(I2cBus& bus) { return make_i2c_actuator("pcf8591_dac", bus, {{"reference_v", "3.3"}}); }

TEST(Pcf8591Dac, SendsTheCodeWithTheOutputSwitchedOn) {
  ScriptedI2c bus(0x48, {i2c::write({0x40, 0x80}), i2c::write({0x40, 0xff}), i2c::write({0x40, 0x00})});
  const auto dac = make(bus);
  EXPECT_EQ(dac->init(ActuatorState(1.65)), ActuatorState(1.65));
  EXPECT_EQ(dac->apply(ActuatorState(true)), ActuatorState(3.3));
  EXPECT_EQ(dac->apply(ActuatorState(false)), ActuatorState(0.0));
}

TEST(Pcf8591Dac, CannotTellWhatItsOutputIs) {
  ScriptedI2c bus(0x48, {});
  EXPECT_EQ(make(bus)->init(std::nullopt).error().code, Errc::unsupported);
  const auto check = find_driver("pcf8591_dac")->driver->check_options;
  Options given;
  EXPECT_FALSE(check(given));
  given.set("initial", std::string("restore"));
  EXPECT_FALSE(check(given));
  given.set("initial", std::string("keep"));
  const auto problem = check(given);
  ASSERT_TRUE(problem);
  EXPECT_THAT(problem->hint, testing::HasSubstr("restore"));
}

TEST(Pcf8591Dac, RefusesMoreThanItsReference) {
  ScriptedI2c bus(0x48, {});
  EXPECT_EQ(make(bus)->apply(ActuatorState(3.31)).error().code, Errc::out_of_range);
}

TEST(Pcf8591Dac, ATransferThatFailsIsAnError) {
  ScriptedI2c bus(0x48, {i2c::failing(i2c::write({0x40, 0x80}), Errc::no_ack)});
  EXPECT_EQ(make(bus)->apply(ActuatorState(1.65)).error().code, Errc::no_ack);
}

}  // namespace
}  // namespace b2m
