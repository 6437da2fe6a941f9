// Microchip DS22039D, figures 6-1 and 6-3. The bytes of half and a quarter of the range: Device-Chip-AnalogConverters,
// t/50-mcp4725.t.
#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/scripted_i2c.hpp"

namespace b2m {
namespace {

constexpr std::uint8_t address = 0x60;

std::unique_ptr<Actuator> make(I2cBus& bus) { return make_i2c_actuator("mcp4725", bus, {{"reference_v", "3.3"}}); }

TEST(Mcp4725, KeepsTheVoltageThatItFinds) {
  ScriptedI2c bus(address, {i2c::read({0xc0, 0x80, 0x00})});
  EXPECT_EQ(make(bus)->init(std::nullopt), ActuatorState(1.65));
}

TEST(Mcp4725, APoweredDownOutputIsOff) {
  ScriptedI2c bus(address, {i2c::read({0xc2, 0x80, 0x00})});
  EXPECT_EQ(make(bus)->init(std::nullopt), ActuatorState(0.0));
}

TEST(Mcp4725, WritesTheRegisterAloneAndReadsItBack) {
  ScriptedI2c bus(address, {i2c::write({0x04, 0x00}), i2c::read({0xc0, 0x40, 0x00})});
  EXPECT_EQ(make(bus)->init(ActuatorState(0.825)), ActuatorState(0.825));
}

TEST(Mcp4725, TheSupplyIsItsHighestCode) {
  ScriptedI2c bus(address, {i2c::write({0x0f, 0xff}), i2c::read({0xc0, 0xff, 0xf0}), i2c::write({0x00, 0x00}),
                            i2c::read({0xc0, 0x00, 0x00})});
  const auto dac = make(bus);
  EXPECT_EQ(dac->apply(ActuatorState(true)), ActuatorState(3.3));
  EXPECT_EQ(dac->apply(ActuatorState(false)), ActuatorState(0.0));
}

TEST(Mcp4725, AWriteThatWasIgnoredIsAnError) {
  ScriptedI2c bus(address, {i2c::write({0x04, 0x00}), i2c::read({0x40, 0x80, 0x00})});
  EXPECT_EQ(make(bus)->apply(ActuatorState(0.825)).error().code, Errc::io);
}

TEST(Mcp4725, EachTransferThatFailsIsAnError) {
  ScriptedI2c bus(address, {i2c::failing(i2c::write({0x04, 0x00}), Errc::no_ack), i2c::write({0x04, 0x00}),
                            i2c::failing(i2c::read({0, 0, 0}), Errc::no_ack)});
  const auto dac = make(bus);
  EXPECT_EQ(dac->apply(ActuatorState(0.825)).error().code, Errc::no_ack);
  EXPECT_EQ(dac->apply(ActuatorState(0.825)).error().code, Errc::no_ack);
}

TEST(Mcp4725, RefusesMoreThanItsSupply) {
  ScriptedI2c bus(address, {});
  EXPECT_EQ(make(bus)->apply(ActuatorState(3.4)).error().code, Errc::out_of_range);
  EXPECT_EQ(make(bus)->apply(ActuatorState(-0.1)).error().code, Errc::out_of_range);
  EXPECT_EQ(make(bus)->apply(ActuatorState(std::string("1"))).error().code, Errc::unsupported);
}

TEST(Mcp4725, ItsRangeEndsAtItsSupply) {
  const auto& driver = *driver_named("mcp4725").driver;
  EXPECT_EQ(driver.output_of(make_options(driver, {{"reference_v", "3.3"}})).range.high, 3.3);
}

}  // namespace
}  // namespace b2m
