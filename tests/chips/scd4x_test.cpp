#include "tests/fakes/checked_words.hpp"
#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

// Sensirion SCD4x datasheet, example of read_measurement: 500 ppm, 25 °C, 37 %RH. The last byte of the first word is
// the polynomial's 0x33; the datasheet prints another.
const Bytes example{0x01, 0xf4, 0x33, 0x66, 0x67, 0xa2, 0x5e, 0xb9, 0x3c};
const Bytes serial{0x12, 0x34, 0x37, 0x56, 0x78, 0x7d, 0x9a, 0xbc, 0xe0};
const Bytes ready{0x80, 0x06, 0x04};
const Bytes not_ready{0x80, 0x00, 0xa2};  // periph scd4x_test.go

I2cScript start_script() {
  // The wake-up command is never acknowledged.
  return {i2c::failing(i2c::write({0x36, 0xf6}), Errc::no_ack), i2c::write({0x3f, 0x86}), i2c::write({0x36, 0x82}),
          i2c::read(serial), i2c::write({0x21, 0xb1})};
}

I2cScript script_with(Bytes answer) {
  auto script = start_script();
  for (auto& step :
       I2cScript{i2c::write({0xe4, 0xb8}), i2c::read(ready), i2c::write({0xec, 0x05}), i2c::read(std::move(answer))})
    script.push_back(step);
  return script;
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x62, std::move(script));
  return poll_once(*make_i2c_sensor("scd41", bus, options));
}

TEST(Scd4x, AgreesWithTheExampleOfTheDatasheet) {
  const auto values = poll(script_with(example));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["co2"].value(), 500e-6, 1e-12);
  EXPECT_NEAR((*values)["temperature"].value(), 25.0, 0.005);
  EXPECT_NEAR((*values)["humidity"].value(), 37.0, 0.002);
}

TEST(Scd4x, ATemperatureBelowZeroKeepsItsSign) {
  const auto values = poll(script_with(words({400, 0, 0xffff})));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"], -45.0);
  EXPECT_EQ((*values)["humidity"], 100.0);
}

TEST(Scd4x, AWrongChecksumInAnyWordGivesNoValue) {
  for (const std::size_t wrong : {2u, 5u, 8u}) {
    auto answer = example;
    answer[wrong] ^= 0x01;
    const auto values = poll(script_with(answer));
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code, Errc::checksum);
  }
}

TEST(Scd4x, WithoutCo2TheClimateRemains) {
  const auto values = poll(script_with(words({0, 0x6667, 0x5eb9})));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["co2"].error().code, Errc::not_ready);
  EXPECT_TRUE((*values)["temperature"]);
}

TEST(Scd4x, EachTransferFailingGivesAnErrorAndNoValue) {
  auto script = script_with(example);
  script[0].error.reset();
  expect_each_failure_is_reported("scd41", 0x62, script);
}

TEST(Scd4x, OnlyTheLowElevenBitsTellThatAResultIsThere) {
  auto script = start_script();
  for (int look = 0; look < 28; ++look) {
    script.push_back(i2c::write({0xe4, 0xb8}));
    script.push_back(i2c::read(not_ready));
  }
  const auto values = poll(script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::timeout);
}

TEST(Scd4x, AFreshPartIsWaitedFor) {
  auto script = script_with(example);
  script.insert(script.begin() + 5, {i2c::write({0xe4, 0xb8}), i2c::read(not_ready)});
  const auto values = poll(script);
  ASSERT_TRUE(values);
  EXPECT_GE(values->waited, std::chrono::milliseconds(750));
}

// Datasheet, examples of set_sensor_altitude (1950 m) and set_temperature_offset (5.4 K is 0x07e6).
TEST(Scd4x, SettingsAreSentBeforeTheMeasurementStarts) {
  auto script = script_with(example);
  script.insert(script.begin() + 4, {i2c::write({0x24, 0x1d, 0x07, 0xe6, 0x48}), i2c::write(command(0x2427, {1950})),
                                     i2c::write(command(0x2416, {0}))});
  EXPECT_TRUE(poll(script, {{"altitude_m", "1950"}, {"temperature_offset_k", "5.4"}, {"self_calibration", "false"}}));
}

TEST(Scd4x, IsRecognisedInAnyState) {
  ScriptedI2c bus(0x62,
                  {i2c::write({0xe4, 0xb8}), i2c::failing(i2c::read(not_ready), Errc::no_ack), i2c::read(not_ready)});
  EXPECT_EQ(driver_named("scd41").driver->probe({&bus, 0x62}), "scd4x");
}

}  // namespace
}  // namespace b2m
