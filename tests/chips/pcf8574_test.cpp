// NXP PCF8574/74A rev. 5, §8, and PCF8575 rev. 4, §8: quasi-bidirectional lines.
#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/scripted_i2c.hpp"

namespace b2m {
namespace {

using i2c::failing;
using i2c::read;
using i2c::write;

constexpr std::uint8_t address = 0x20;

std::unique_ptr<Expander> make(std::string_view name, I2cBus& bus) {
  const auto ref = driver_named(name);
  return ref.driver->make_expander({&bus, address}, ref.driver->models[ref.model].expander);
}

TEST(Pcf8574, AnInputIsWrittenHigh) {
  ScriptedI2c bus(address, {write({0xfe})});
  EXPECT_TRUE(make("pcf8574", bus)->set_up({.outputs = 0x03, .levels = 0x02, .inputs = 0x80}));
}

TEST(Pcf8574, ReadsThePort) {
  ScriptedI2c bus(address, {read({0xa4})});
  EXPECT_EQ(make("pcf8574", bus)->read({.outputs = 0x01, .levels = 0x00, .inputs = 0x80}).value(), 0xa4);
}

TEST(Pcf8574, ALineThatIsDrivenLowAndReadsHighTellsOfAReset) {
  ScriptedI2c bus(address, {read({0xff})});
  EXPECT_EQ(make("pcf8574", bus)->read({.outputs = 0x01}).error().code, Errc::io);
}

TEST(Pcf8574, AHighOutputMayBePulledLowFromOutside) {
  ScriptedI2c bus(address, {read({0x00})});
  EXPECT_EQ(make("pcf8574", bus)->read({.outputs = 0x01, .levels = 0x01}).value(), 0x00);
}

TEST(Pcf8574, WhatIsDrivenIsFoundByTheLevels) {
  ScriptedI2c bus(address, {read({0x7f})});
  EXPECT_EQ(make("pcf8574", bus)->found().value(), (ExpanderLines{.outputs = 0xff, .levels = 0x7f}));
}

TEST(Pcf8575, HasTwoPorts) {
  ScriptedI2c bus(address, {write({0xff, 0x7f}), read({0x34, 0x12})});
  const auto chip = make("pcf8575", bus);
  constexpr ExpanderLines lines{.outputs = 0x8000};
  ASSERT_TRUE(chip->drive(lines));
  EXPECT_EQ(chip->read(lines).value(), 0x1234);
}

TEST(Pcf8574, ATransferThatFailsIsAnError) {
  ScriptedI2c bus(address, {failing(write({0xff}), Errc::no_ack), failing(read({0x00}), Errc::no_ack)});
  const auto chip = make("pcf8574", bus);
  EXPECT_EQ(chip->set_up({}).error().code, Errc::no_ack);
  EXPECT_EQ(chip->read({}).error().code, Errc::no_ack);
}

}  // namespace
}  // namespace b2m
