#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes als, Bytes uvs) {
  return {i2c::write_read({0x06}, {0xb2}),
          i2c::write({0x00, 0x00}),
          i2c::write({0x04, 0x22}),
          i2c::write({0x05, 0x01}),
          i2c::write({0x00, 0x02}),
          i2c::write_read({0x07}, {0x08}),
          i2c::write_read({0x0d}, std::move(als)),
          i2c::write({0x00, 0x0a}),
          i2c::write_read({0x07}, {0x08}),
          i2c::write_read({0x10}, std::move(uvs)),
          i2c::write({0x00, 0x00})};
}

const OptionTexts gain_3{{"gain", "3"}};

Result<Poll> poll(I2cScript script, const OptionTexts& options = gain_3) {
  ScriptedI2c bus(0x53, std::move(script));
  return poll_once(*make_i2c_sensor("ltr390", bus, options));
}

// kvasir_devices light_test.cpp ltr390(): 200 lx, UV index 9.9965
const I2cScript kvasir = script_with({0xe8, 0x03, 0x00}, {0xbe, 0x03, 0x00});

TEST(Ltr390, ReadsBothLights) {
  const auto values = poll(kvasir);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["illuminance"].value(), 200, 1e-9);
  EXPECT_NEAR((*values)["uv_index"].value(), 9.9965, 1e-4);
}

// DS86-2015-0004, "Calculating UVI": 2300 counts are 1 at gain 18 and 20 bits
TEST(Ltr390, GainAndResolutionReachTheChipAndTheFormulas) {
  auto script = script_with({0x00, 0x00, 0x0f}, {0xfc, 0x08, 0x00});
  script[2] = i2c::write({0x04, 0x04});
  script[3] = i2c::write({0x05, 0x04});
  const auto values = poll(script, {{"gain", "18"}, {"resolution_bits", "20"}, {"window_factor", "2"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["uv_index"].value(), 2, 1e-9);
  EXPECT_NEAR((*values)["illuminance"].value(), 0.6 * 983040 * 2 / (18 * 4), 1e-6);
  EXPECT_GE(values->waited, std::chrono::milliseconds(800));
}

TEST(Ltr390, AClippedCountSpoilsItsOwnChannelAlone) {
  const auto values = poll(script_with({0xff, 0xff, 0x03}, {0xbe, 0x03, 0x00}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["illuminance"].error().code, Errc::out_of_range);
  EXPECT_TRUE((*values)["uv_index"]);
  EXPECT_FALSE((*poll(script_with({0xe8, 0x03, 0x00}, {0xff, 0xff, 0x03})))["uv_index"]);
}

TEST(Ltr390, TheUnusedBitsOfTheDataDoNotCount) {
  EXPECT_NEAR((*poll(script_with({0xe8, 0x03, 0xf0}, {0xbe, 0x03, 0x00})))["illuminance"].value(), 200, 1e-9);
}

TEST(Ltr390, WaitsForTheFlagButNotForEver) {
  auto script = kvasir;
  script.insert(script.begin() + 5, i2c::write_read({0x07}, {0x00}));
  EXPECT_TRUE(poll(script));
  script.resize(5);
  script.resize(55, i2c::write_read({0x07}, {0x20}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Ltr390, AnErrorHalfwayIsForgottenByTheNextReading) {
  I2cScript script(kvasir.begin(), kvasir.begin() + 8);
  script.back() = i2c::failing(script.back(), Errc::timeout);
  script.insert(script.end(), kvasir.begin() + 1, kvasir.end());
  ScriptedI2c bus(0x53, script);
  const auto sensor = make_i2c_sensor("ltr390", bus, gain_3);
  EXPECT_FALSE(poll_once(*sensor));
  EXPECT_TRUE(poll_again(*sensor));
}

TEST(Ltr390, AnotherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x06}, {0xe5})}).error().code, Errc::wrong_chip);
}

TEST(Ltr390, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("ltr390", 0x53, kvasir, gain_3);
}

}  // namespace
}  // namespace b2m
