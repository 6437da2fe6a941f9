#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

/// What the driver of `model` makes of the words in its temperature register; `setup` are its transfers before.
Result<double> celsius(std::string_view model, I2cScript setup, std::vector<std::uint8_t> word) {
  setup.push_back(i2c::write_read({0x00}, std::move(word)));
  ScriptedI2c bus(0x48, std::move(setup));
  const auto poll = poll_once(*make_i2c_sensor(model, bus));
  if (!poll) return tl::unexpected(poll.error());
  return (*poll)["temperature"];
}

const I2cScript lm75_setup{i2c::write({0x01, 0x00})};
const I2cScript twelve_bit_setup{i2c::write({0x01, 0x60})};
const I2cScript tmp102_setup{i2c::write({0x01, 0x60, 0xa0})};
const I2cScript tmp117_setup{i2c::write_read({0x0f}, {0x01, 0x17}), i2c::write({0x01, 0x02, 0x20})};

// kvasir_devices thermal_test.cpp lm75(); eldruin/lm75-rs; qemu tmp105-test.c (20.938 °C at 9 bits)
TEST(Lm75, ReadsNineBitsInHalfDegrees) {
  EXPECT_EQ(celsius("lm75", lm75_setup, {0x19, 0x00}), 25.0);
  EXPECT_EQ(celsius("lm75", lm75_setup, {0x14, 0x80}), 20.5);
}

TEST(Lm75, ANegativeTemperatureKeepsItsSign) {
  EXPECT_EQ(celsius("lm75", lm75_setup, {0xff, 0x80}), -0.5);
  EXPECT_EQ(celsius("lm75", lm75_setup, {0xc9, 0x00}), -55.0);
}

TEST(Lm75, GarbageBelowTheResolutionIsIgnored) { EXPECT_EQ(celsius("lm75", lm75_setup, {0xff, 0xff}), -0.5); }

// NXP LM75B rev. 6.1 table 9
TEST(Lm75, TheBVariantReadsElevenBits) {
  EXPECT_EQ(celsius("lm75b", lm75_setup, {0x7f, 0x00}), 127.0);
  EXPECT_EQ(celsius("lm75b", lm75_setup, {0x00, 0x20}), 0.125);
  EXPECT_EQ(celsius("lm75b", lm75_setup, {0xff, 0xe0}), -0.125);
  EXPECT_EQ(celsius("lm75b", lm75_setup, {0xc9, 0x1f}), -55.0);
}

// TI SBOS288 table 5, SBOS648B table 1, Maxim DS75 table 3
TEST(Lm75, TwelveBitPartsReadSixteenths) {
  for (const auto* model : {"tmp75", "tmp105", "ds75"}) {
    EXPECT_EQ(celsius(model, twelve_bit_setup, {0x00, 0x40}), 0.25) << model;
    EXPECT_EQ(celsius(model, twelve_bit_setup, {0xff, 0xc0}), -0.25) << model;
    EXPECT_EQ(celsius(model, twelve_bit_setup, {0xc9, 0x00}), -55.0) << model;
    EXPECT_EQ(celsius(model, twelve_bit_setup, {0x14, 0xf0}), 20.9375) << model;
  }
}

// periph/devices tmp102_test.go; eldruin/tmp1x2-rs conversion.rs
TEST(Lm75, Tmp102ReadsTwelveBitsInNormalMode) {
  EXPECT_EQ(celsius("tmp102", tmp102_setup, {0x64, 0x00}), 100.0);
  EXPECT_EQ(celsius("tmp102", tmp102_setup, {0xe7, 0x00}), -25.0);
  EXPECT_EQ(celsius("tmp102", tmp102_setup, {0x7f, 0xf0}), 127.9375);
  EXPECT_EQ(celsius("tmp112", tmp102_setup, {0xff, 0xc0}), -0.25);
}

// The word of a TMP102 shortly after its mode was changed, as in a thread of TI's forum: 0x14d1 is 20.8 °C in 13 bits.
TEST(Lm75, AResultInTheExtendedFormatIsNotTakenForANormalOne) {
  const auto result = celsius("tmp102", tmp102_setup, {0x14, 0xd1});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::not_ready);
}

// kvasir_devices thermal_test.cpp tmp117(); SNOSD82D table 7-1
TEST(Lm75, Tmp117ReadsSixteenBits) {
  EXPECT_EQ(celsius("tmp117", tmp117_setup, {0x0c, 0x80}), 25.0);
  EXPECT_EQ(celsius("tmp117", tmp117_setup, {0xff, 0xff}), -0.0078125);
  EXPECT_EQ(celsius("tmp117", tmp117_setup, {0xf3, 0x80}), -25.0);
  EXPECT_EQ(celsius("tmp117", tmp117_setup, {0x7f, 0xff}), 255.9921875);
}

TEST(Lm75, TheResetValueOfATmp117IsNoTemperature) {
  const auto result = celsius("tmp117", tmp117_setup, {0x80, 0x00});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::not_ready);
}

TEST(Lm75, ATmp119IsATmp117) {
  ScriptedI2c bus(0x48, {i2c::write_read({0x0f}, {0x21, 0x17}), i2c::write({0x01, 0x02, 0x20})});
  EXPECT_TRUE(run_step(*make_i2c_sensor("tmp117", bus), &Sensor::init));
}

TEST(Lm75, AnotherIdentityIsTheWrongChip) {
  ScriptedI2c bus(0x48, {i2c::write_read({0x0f}, {0x01, 0x16})});
  const auto started = run_step(*make_i2c_sensor("tmp117", bus), &Sensor::init);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::wrong_chip);
  EXPECT_EQ(started.error().detail, "register 0x0f reads 0x0116, expected 0x0117");
}

TEST(Lm75, EachTransferFailingGivesAnErrorAndNoValue) {
  for (const auto& [model, setup] :
       {std::pair{"lm75", lm75_setup}, {"tmp102", tmp102_setup}, {"tmp117", tmp117_setup}}) {
    SCOPED_TRACE(model);
    auto script = setup;
    script.push_back(i2c::write_read({0x00}, {0x19, 0x00}));
    expect_each_failure_is_reported(model, 0x48, script);
  }
}

TEST(Lm75, ReadsNothingBeforeTheFirstConversionCanHaveEnded) {
  ScriptedI2c bus(0x48, {tmp102_setup[0], i2c::write_read({0x00}, {0x19, 0x00})});
  const auto poll = poll_once(*make_i2c_sensor("tmp102", bus));
  ASSERT_TRUE(poll);
  EXPECT_GE(poll->waited, std::chrono::milliseconds(276));  // 26 ms after at most one cycle of 250 ms
}

}  // namespace
}  // namespace b2m
