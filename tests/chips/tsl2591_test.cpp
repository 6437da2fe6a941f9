#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(std::uint8_t control, Bytes data) {
  return {i2c::write_read({0xb2}, {0x50}), i2c::write({0xa0, 0x01}),        i2c::write({0xa1, control}),
          i2c::write({0xa0, 0x03}),        i2c::write_read({0xb3}, {0x01}), i2c::write_read({0xb4}, std::move(data))};
}

const OptionTexts gain_25{{"gain", "25"}};

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x29, std::move(script));
  return poll_once(*make_i2c_sensor("tsl2591", bus, options));
}

// kvasir_devices light_test.cpp tsl2591(): 1321.92 lx
TEST(Tsl2591, ReadsLux) {
  EXPECT_NEAR((*poll(script_with(0x10, {0x10, 0x27, 0xe8, 0x03}), gain_25))["illuminance"].value(), 1321.92, 1e-6);
}

TEST(Tsl2591, DarknessAndNoiseAreZeroLux) {
  EXPECT_EQ((*poll(script_with(0x10, {0, 0, 0, 0}), gain_25))["illuminance"], 0.0);
  EXPECT_EQ((*poll(script_with(0x10, {1, 0, 9, 0}), gain_25))["illuminance"], 0.0);
}

TEST(Tsl2591, ShortMeasurementsClipEarlier) {
  EXPECT_EQ(poll(script_with(0x10, {0xff, 0x8f, 0, 0}), gain_25).error().code, Errc::out_of_range);
  EXPECT_TRUE(poll(script_with(0x10, {0xfe, 0x8f, 0, 0}), gain_25));
  EXPECT_TRUE(poll(script_with(0x15, {0xff, 0x8f, 0, 0}), {{"gain", "25"}, {"integration_time", "600ms"}}));
  EXPECT_FALSE(poll(script_with(0x15, {0xff, 0xff, 0, 0}), {{"gain", "25"}, {"integration_time", "600ms"}}));
}

TEST(Tsl2591, SunlightIsMeasuredAgainWithTheLowestGain) {
  auto script = script_with(0x00, {0x02, 0, 0, 0});  // dusk, found at once by the largest gain
  const auto add = [&](std::uint8_t control, const Bytes& data) {
    const auto more = script_with(control, data);
    script.insert(script.end(), more.begin() + 1, more.end());
  };
  add(0x20, {0x00, 0x10, 0, 0});
  add(0x20, {0xff, 0xff, 0, 0});
  add(0x00, {0x00, 0x40, 0, 0});
  ScriptedI2c bus(0x29, script);
  const auto sensor = make_i2c_sensor("tsl2591", bus);
  EXPECT_NEAR((*poll_once(*sensor))["illuminance"].value(), 4096 * 408 / 42800.0, 1e-9);
  EXPECT_NEAR((*poll_again(*sensor))["illuminance"].value(), 16384 * 4.08, 1e-9);
}

TEST(Tsl2591, WaitsForTheFlagButNotForEver) {
  auto script = script_with(0x10, {0x10, 0x27, 0xe8, 0x03});
  script.insert(script.begin() + 4, i2c::write_read({0xb3}, {0x00}));
  EXPECT_TRUE(poll(script, gain_25));
  script.resize(4);
  script.resize(54, i2c::write_read({0xb3}, {0x00}));
  EXPECT_EQ(poll(script, gain_25).error().code, Errc::timeout);
}

TEST(Tsl2591, AnotherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0xb2}, {0x44})}).error().code, Errc::wrong_chip);
}

TEST(Tsl2591, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("tsl2591", 0x29, script_with(0x10, {0x10, 0x27, 0xe8, 0x03}), gain_25);
}

}  // namespace
}  // namespace b2m
