#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

// hybridgroup/gobot drivers/i2c/bmp388_driver_test.go TestBMP388Measurements: 22.906143 °C, 98874.85 Pa
const Bytes calibration{0x24, 0x6b, 0x9c, 0x49, 0xf6, 0x68, 0xff, 0xbd, 0xf5, 0x23, 0x00,
                        0x97, 0x65, 0xb8, 0x7a, 0xf3, 0xf6, 0xd3, 0x40, 0x0e, 0xc4};
const Bytes data{0x00, 0x42, 0x71, 0x00, 0x1c, 0x7f};

I2cScript script_with(std::uint8_t id, Bytes trim, Bytes raw) {
  return {i2c::write_read({0x00}, {id}),
          i2c::write({0x7e, 0xb6}),
          i2c::write_read({0x03}, {0x10}),
          i2c::write_read({0x31}, std::move(trim)),
          i2c::write({0x1c, 0x00}),
          i2c::write({0x1f, 0x00}),
          i2c::write({0x1b, 0x13}),
          i2c::write_read({0x03}, {0x70}),
          i2c::write_read({0x04}, std::move(raw))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x76, std::move(script));
  return poll_once(*make_i2c_sensor("bmp388", bus, options));
}

TEST(Bmp388, ReadsWhatGobotExpects) {
  for (const std::uint8_t id : Bytes{0x50, 0x60}) {
    const auto values = poll(script_with(id, calibration, data));
    ASSERT_TRUE(values);
    EXPECT_NEAR((*values)["temperature"].value(), 22.906143, 0.0001);
    EXPECT_NEAR((*values)["pressure"].value(), 98874.85, 0.1);
  }
}

TEST(Bmp388, ATemperatureBelowZeroKeepsItsSign) {
  // below T1 · 256 = 0x6b2400 the linear term is negative: (0x600000 - 0x6b2400) · 18844 / 2^30 = -12.81, T3 adds -0.02
  const auto values = poll(script_with(0x50, calibration, {0x00, 0x42, 0x71, 0x00, 0x00, 0x60}));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), -12.83, 0.02);
}

TEST(Bmp388, TheResetValueIsNoMeasurement) {
  EXPECT_EQ(poll(script_with(0x50, calibration, {0x00, 0x42, 0x71, 0x00, 0x00, 0x80})).error().code, Errc::not_ready);
  const auto values = poll(script_with(0x50, calibration, {0x00, 0x00, 0x80, 0x00, 0x1c, 0x7f}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["pressure"].error().code, Errc::not_ready);
  EXPECT_TRUE((*values)["temperature"]);
}

TEST(Bmp388, AnyOtherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x00}, {0x58})}).error().code, Errc::wrong_chip);
}

TEST(Bmp388, AnEmptyCalibrationIsRefused) {
  auto script = script_with(0x50, Bytes(21, 0), data);
  script.resize(4);
  EXPECT_EQ(poll(script).error().code, Errc::not_ready);
}

TEST(Bmp388, WhatDoesNotEndIsATimeout) {
  const auto whole = script_with(0x50, calibration, data);
  I2cScript reset(whole.begin(), whole.begin() + 2);
  reset.resize(12, i2c::write_read({0x03}, {0x00}));
  EXPECT_EQ(poll(reset).error().code, Errc::timeout);
  I2cScript measurement(whole.begin(), whole.begin() + 7);
  measurement.resize(27, i2c::write_read({0x03}, {0x30}));
  EXPECT_EQ(poll(measurement).error().code, Errc::timeout);
}

TEST(Bmp388, OversamplingAndFilterReachTheChip) {
  auto script = script_with(0x50, calibration, data);
  script[4] = i2c::write({0x1c, 0x1b});  // ×8 is code 3
  script[5] = i2c::write({0x1f, 0x08});  // filter 15 is code 4
  EXPECT_TRUE(poll(script, {{"oversampling", "x8"}, {"filter", "15"}}));
}

TEST(Bmp388, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("bmp388", 0x76, script_with(0x50, calibration, data));
}

}  // namespace
}  // namespace b2m
