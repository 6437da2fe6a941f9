#include "tests/fakes/checked_words.hpp"
#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

// SCD30 interface description, example of "Read measurement": 439.09 ppm, 27.24 °C, 48.81 %RH.
const Bytes example{0x43, 0xdb, 0xcb, 0x8c, 0x2e, 0x8f, 0x41, 0xd9, 0x70,
                    0xe7, 0xff, 0xf5, 0x42, 0x43, 0xbf, 0x3a, 0x1b, 0x74};

I2cScript script_with(Bytes answer) {
  return {i2c::write({0xd1, 0x00}),
          i2c::read({0x03, 0x42, 0xf3}),
          i2c::write({0x46, 0x00}),
          i2c::read({0x00, 0x02, 0xe3}),
          i2c::write({0x00, 0x10, 0x00, 0x00, 0x81}),
          i2c::write({0x02, 0x02}),
          i2c::read({0x00, 0x01, 0xb0}),
          i2c::write({0x03, 0x00}),
          i2c::read(std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x61, std::move(script));
  return poll_once(*make_i2c_sensor("scd30", bus, options));
}

TEST(Scd30, AgreesWithTheExampleOfTheInterfaceDescription) {
  const auto values = poll(script_with(example));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["co2"].value(), 439.09e-6, 0.01e-6);
  EXPECT_NEAR((*values)["temperature"].value(), 27.24, 0.005);
  EXPECT_NEAR((*values)["humidity"].value(), 48.81, 0.005);
}

TEST(Scd30, AWrongChecksumInAnyWordGivesNoValue) {
  for (std::size_t wrong = 2; wrong < 18; wrong += 3) {
    auto answer = example;
    answer[wrong] ^= 0x80;
    const auto values = poll(script_with(answer));
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code, Errc::checksum);
  }
}

TEST(Scd30, ANegativeTemperatureKeepsItsSign) {
  const auto values = poll(script_with(words({0x43db, 0x8c2e, 0xc124, 0x0000, 0x4243, 0xbf3a})));  // -10.25
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"], -10.25);
}

TEST(Scd30, TheZeroPpmOfTheStartAndNotANumberAreErrors) {
  const auto values = poll(script_with(words({0, 0, 0x7fc0, 0, 0x4243, 0xbf3a})));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["co2"].error().code, Errc::not_ready);
  EXPECT_EQ((*values)["temperature"].error().code, Errc::out_of_range);
  EXPECT_TRUE((*values)["humidity"]);
}

TEST(Scd30, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("scd30", 0x61, script_with(example));
}

TEST(Scd30, APartThatNeverGetsReadyIsATimeout) {
  auto script = script_with(example);
  script.resize(5);
  for (int look = 0; look < 60; ++look) {
    script.push_back(i2c::write({0x02, 0x02}));
    script.push_back(i2c::read({0x00, 0x00, 0x81}));
  }
  const auto values = poll(script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::timeout);
}

TEST(Scd30, AStoredSettingIsWrittenOnlyWhereItDiffers) {
  auto script = script_with(example);
  script[3].answer = words({5});
  script.insert(script.begin() + 4, {i2c::write(command(0x4600, {2})),                      // interval
                                     i2c::write(command(0x5102)), i2c::read(words({200})),  // altitude: as it is
                                     i2c::write(command(0x5403)), i2c::read(words({0})),    // offset
                                     i2c::write(command(0x5403, {150}))});
  EXPECT_TRUE(poll(script, {{"altitude_m", "200"}, {"temperature_offset_k", "1.5"}}));
}

}  // namespace
}  // namespace b2m
