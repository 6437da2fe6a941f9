#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(std::uint8_t time, std::uint8_t gain, Bytes data) {
  return {i2c::write_read({0xb2}, {0x44}), i2c::write({0xa0, 0x01}),
          i2c::write({0xa0, 0x01}),        i2c::write({0xa1, time}),
          i2c::write({0xaf, gain}),        i2c::write({0xa0, 0x03}),
          i2c::write_read({0xb3}, {0x11}), i2c::write_read({0xb4}, std::move(data))};
}

const OptionTexts fixed{{"gain", "4"}};

Result<Poll> poll(I2cScript script, const OptionTexts& options = fixed) {
  ScriptedI2c bus(0x29, std::move(script));
  return poll_once(*make_i2c_sensor("tcs34725", bus, options));
}

// Clear 8000, red 3000, green 3400, blue 2400: infrared 400. DN40: 0.136 × 2600 + 3000 - 0.444 × 2000 = 2465.6, divided
// by 153.6 × 4 / 310 counts per lux; 3810 × 2000 / 2600 + 1391 K
const I2cScript warm = script_with(0xc0, 0x01, {0x40, 0x1f, 0xb8, 0x0b, 0x48, 0x0d, 0x60, 0x09});

TEST(Tcs34725, TellsLuxAndColourTemperatureByDn40) {
  const auto values = poll(warm);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["illuminance"].value(), 2465.6 * 310 / 614.4, 1e-6);
  EXPECT_NEAR((*values)["color_temperature"].value(), 4321.77, 0.01);
}

TEST(Tcs34725, TellsCountsAsAtGainOneInAHundredMilliseconds) {
  const auto values = poll(warm);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["clear"].value(), 8000 * 100 / 614.4, 1e-9);
  EXPECT_NEAR((*values)["red"].value(), 3000 * 100 / 614.4, 1e-9);
  EXPECT_NEAR((*values)["green"].value(), 3400 * 100 / 614.4, 1e-9);
  EXPECT_NEAR((*values)["blue"].value(), 2400 * 100 / 614.4, 1e-9);
}

TEST(Tcs34725, AWindowIsMadeUpFor) {
  const auto values = poll(warm, {{"gain", "4"}, {"glass_attenuation", "2"}});
  EXPECT_NEAR((*values)["illuminance"].value(), 2 * 2465.6 * 310 / 614.4, 1e-6);
}

TEST(Tcs34725, DarknessIsZeroLuxOfNoColour) {
  const auto values = poll(script_with(0xc0, 0x01, {0, 0, 0, 0, 0, 0, 0, 0}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["illuminance"], 0.0);
  EXPECT_EQ((*values)["color_temperature"].error().code, Errc::out_of_range);
}

// Datasheet, "RGBC timing register": 1024 counts a cycle; DN40: three quarters of it below 150 ms
TEST(Tcs34725, ClipsEarlierInShortMeasurements) {
  const OptionTexts quick{{"gain", "4"}, {"integration_time", "24ms"}};
  EXPECT_EQ(poll(script_with(0xf6, 0x01, {0x00, 0x1e, 0, 0, 0, 0, 0, 0}), quick).error().code, Errc::out_of_range);
  EXPECT_TRUE(poll(script_with(0xf6, 0x01, {0xff, 0x1d, 0, 0, 0, 0, 0, 0}), quick));
  EXPECT_FALSE(poll(script_with(0xc0, 0x01, {0xff, 0xff, 0, 0, 0, 0, 0, 0})));
  EXPECT_FALSE(poll(script_with(0xc0, 0x01, {0x00, 0x10, 0, 0, 0, 0, 0xff, 0xff})));
}

TEST(Tcs34725, DimLightIsMeasuredAgainWithMoreGain) {
  auto script = script_with(0xc0, 0x00, {0x64, 0, 0x20, 0, 0x28, 0, 0x1c, 0});
  const auto more = script_with(0xc0, 0x03, {0x70, 0x17, 0x80, 0x07, 0x60, 0x09, 0x90, 0x06});
  script.insert(script.end(), more.begin() + 2, more.end());
  const auto values = poll(script, {});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["clear"].value(), 6000 * 100 / (153.6 * 60), 1e-9);
}

TEST(Tcs34725, BothIdsAreKnown) {
  auto script = warm;
  script[0].answer = {0x4d};
  EXPECT_TRUE(poll(script));
  EXPECT_EQ(poll({i2c::write_read({0xb2}, {0x50})}).error().code, Errc::wrong_chip);
}

TEST(Tcs34725, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("tcs34725", 0x29, warm, fixed);
}

}  // namespace
}  // namespace b2m
