#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

I2cScript script_with(i2c::Bytes answer) {
  return {i2c::write({0x01}), i2c::write({0x42}), i2c::write({0x65}), i2c::write({0x20}), i2c::read(std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x23, std::move(script));
  return poll_once(*make_i2c_sensor("bh1750", bus, options));
}

// kvasir_devices light_test.cpp bh1750(); zephyr test_100_lux; gobot TestBH1750NullLux
TEST(Bh1750, ReadsLux) {
  EXPECT_NEAR((*poll(script_with({0x04, 0xb0})))["illuminance"].value(), 1000, 1e-9);
  EXPECT_NEAR((*poll(script_with({0x00, 0x78})))["illuminance"].value(), 100, 1e-9);
  EXPECT_EQ((*poll(script_with({0x00, 0x00})))["illuminance"], 0.0);
}

// Technical note 11046EDT01, "Example of adjusted measurement result": 0x83 0x90 is 28067 lx
TEST(Bh1750, AgreesWithTheExampleOfTheTechnicalNote) {
  EXPECT_NEAR((*poll(script_with({0x83, 0x90})))["illuminance"].value(), 28067, 0.5);
}

TEST(Bh1750, ASaturatedResultIsOutOfRange) {
  const auto values = poll(script_with({0xff, 0xff}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["illuminance"].error().code, Errc::out_of_range);
}

TEST(Bh1750, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("bh1750", 0x23, script_with({0x04, 0xb0}));
}

// The note's example of the register: 138 doubles the sensitivity, written as 0x44 and 0x6a.
TEST(Bh1750, TheMeasurementTimeScalesTheResultAndTheWait) {
  auto script = script_with({0x04, 0xb0});
  script[1] = i2c::write({0x44});
  script[2] = i2c::write({0x6a});
  const auto values = poll(script, {{"measurement_time", "138"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["illuminance"].value(), 500, 1e-9);
  EXPECT_GE(values->waited, std::chrono::milliseconds(360));
}

TEST(Bh1750, TheFineResolutionCountsHalfLux) {
  auto script = script_with({0x04, 0xb0});
  script[3] = i2c::write({0x21});
  EXPECT_NEAR((*poll(script, {{"resolution", "0.5lx"}}))["illuminance"].value(), 500, 1e-9);
}

TEST(Bh1750, TheCoarseResolutionIsFast) {
  auto script = script_with({0x04, 0xb0});
  script[3] = i2c::write({0x23});
  const auto values = poll(script, {{"resolution", "4lx"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["illuminance"].value(), 1000, 1e-9);
  EXPECT_LT(values->waited, std::chrono::milliseconds(30));
}

}  // namespace
}  // namespace b2m
