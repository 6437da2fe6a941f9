#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes frame) {
  return {i2c::write({0xba}), i2c::read({0x18}), i2c::write({0xac, 0x33, 0x00}), i2c::read(std::move(frame))};
}

Result<Poll> poll(I2cScript script, std::string_view model = "aht20") {
  ScriptedI2c bus(0x38, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus));
}

const Bytes tinygo{0x1c, 0x5d, 0x10, 0x66, 0x01, 0xd2, 0x93};  // tinygo-org/drivers aht20/aht20_test.go

TEST(Aht20, ReadsWhatTinygoExpects) {
  const auto values = poll(script_with(tinygo));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 25.0, 0.1);
  EXPECT_NEAR((*values)["humidity"].value(), 36.3, 0.1);
  EXPECT_GE(values->waited, std::chrono::milliseconds(100));  // AHT20 manual §5.4, §5.5: 20 ms and 80 ms
}

TEST(Aht20, ATemperatureBelowZeroIsBelowTheOffset) {
  // 0x40000 / 2^20 · 200 - 50 = 0; a step below it is negative
  const auto values = poll(script_with({0x1c, 0x80, 0x00, 0x03, 0xff, 0xff}), "aht10");
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), -0.00019, 0.00001);
}

TEST(Aht20, AWrongChecksumGivesNoValue) {
  auto frame = tinygo;
  frame[6] ^= 0x01;
  EXPECT_EQ(poll(script_with(frame)).error().code, Errc::checksum);
}

TEST(Aht20, AnEmptyHumidityIsNoMeasurement) {
  EXPECT_EQ(poll(script_with({0x1c, 0x00, 0x00, 0x06, 0x00, 0x00, 0xfd})).error().code, Errc::not_ready);
}

TEST(Aht20, AnUncalibratedPartIsInitializedOnce) {
  I2cScript script{i2c::write({0xba}), i2c::read({0x10}), i2c::write({0xbe, 0x08, 0x00}),
                   i2c::write({0xac, 0x33, 0x00}), i2c::read(tinygo)};
  EXPECT_TRUE(poll(script));
  expect_each_failure_is_reported("aht20", 0x38, script);
}

TEST(Aht20, TheOlderPartsHaveAnotherInitializationAndNoChecksum) {
  // 25 °C and 50 %: the public vector of a decode test
  const auto values = poll({i2c::write({0xba}), i2c::read({0x00}), i2c::write({0xe1, 0x08, 0x00}),
                            i2c::write({0xac, 0x33, 0x00}), i2c::read({0x1c, 0x80, 0x00, 0x06, 0x00, 0x00})},
                           "aht10");
  ASSERT_TRUE(values);
  EXPECT_DOUBLE_EQ((*values)["temperature"].value(), 25);
  EXPECT_DOUBLE_EQ((*values)["humidity"].value(), 50);
}

TEST(Aht20, WithoutChecksumAnUncalibratedFrameIsRefused) {
  EXPECT_EQ(poll(script_with({0x10, 0x80, 0x00, 0x06, 0x00, 0x00}), "aht10").error().code, Errc::not_ready);
}

TEST(Aht20, ABusyFrameIsReadAgain) {
  auto busy = tinygo;
  busy[0] |= 0x80;
  auto script = script_with(busy);
  script.push_back(i2c::read(tinygo));
  EXPECT_TRUE(poll(script));
}

TEST(Aht20, AMeasurementThatDoesNotEndIsATimeout) {
  auto script = script_with(Bytes(7, 0xff));
  script.resize(13, script.back());
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Aht20, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("aht20", 0x38, script_with(tinygo));
}

}  // namespace
}  // namespace b2m
