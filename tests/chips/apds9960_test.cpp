#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(std::uint8_t status, Bytes data) {
  return {i2c::write_read({0x92}, {0xab}), i2c::write({0x80, 0x01}),          i2c::write({0x8e, 0x47}),
          i2c::write({0x80, 0x01}),        i2c::write({0x81, 0xdb}),          i2c::write({0x8f, 0x09}),
          i2c::write({0x80, 0x07}),        i2c::write_read({0x93}, {status}), i2c::write_read({0x94}, std::move(data))};
}

const OptionTexts fixed{{"gain", "4"}};
const Bytes some_light{0x40, 0x1f, 0xb8, 0x0b, 0x48, 0x0d, 0x60, 0x09, 0x78};  // 8000, 3000, 3400, 2400; 120

Result<Poll> poll(I2cScript script, const OptionTexts& options = fixed) {
  ScriptedI2c bus(0x39, std::move(script));
  return poll_once(*make_i2c_sensor("apds9960", bus, options));
}

// AV02-4191EN, "RGBC data registers", "Proximity data register": 37 cycles of 2.78 ms
TEST(Apds9960, TellsLightAsAtGainOneInAHundredMillisecondsAndProximityAsItIs) {
  const auto values = poll(script_with(0x03, some_light));
  ASSERT_TRUE(values);
  const double scale = 100 / (37 * 2.78 * 4);
  EXPECT_NEAR((*values)["clear"].value(), 8000 * scale, 1e-9);
  EXPECT_NEAR((*values)["red"].value(), 3000 * scale, 1e-9);
  EXPECT_NEAR((*values)["green"].value(), 3400 * scale, 1e-9);
  EXPECT_NEAR((*values)["blue"].value(), 2400 * scale, 1e-9);
  EXPECT_EQ((*values)["proximity"], 120.0);
}

TEST(Apds9960, SaturatedLightLeavesTheProximity) {
  for (const auto& script : {script_with(0x83, some_light), script_with(0x03, {0x00, 0x94, 0, 0, 0, 0, 0, 0, 0x78})}) {
    const auto values = poll(script);
    ASSERT_TRUE(values);
    EXPECT_EQ((*values)["clear"].error().code, Errc::out_of_range);
    EXPECT_EQ((*values)["blue"].error().code, Errc::out_of_range);
    EXPECT_EQ((*values)["proximity"], 120.0);
  }
}

TEST(Apds9960, SaturatedProximityLeavesTheLight) {
  const auto values = poll(script_with(0x43, some_light));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["proximity"].error().code, Errc::out_of_range);
  EXPECT_TRUE((*values)["clear"]);
}

TEST(Apds9960, WaitsForBothFlagsButNotForEver) {
  auto script = script_with(0x03, some_light);
  script.insert(script.begin() + 7, {i2c::write_read({0x93}, {0x01}), i2c::write_read({0x93}, {0x02})});
  EXPECT_TRUE(poll(script));
  script.resize(7);
  script.resize(57, i2c::write_read({0x93}, {0x02}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Apds9960, TheProximityGainReachesTheChip) {
  auto script = script_with(0x03, some_light);
  script[5] = i2c::write({0x8f, 0x0d});
  EXPECT_TRUE(poll(script, {{"gain", "4"}, {"proximity_gain", "8"}}));
}

TEST(Apds9960, AnotherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x92}, {0x00})}).error().code, Errc::wrong_chip);
}

TEST(Apds9960, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("apds9960", 0x39, script_with(0x03, some_light), fixed);
}

}  // namespace
}  // namespace b2m
