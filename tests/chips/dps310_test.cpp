#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

// c0 = 204, c1 = -261, c00 = 79877, c10 = -52734, c01 = -2944, c11 = 1228, c20 = -9444, c21 = 170, c30 = -1462:
// invented, of the size that parts have; the expected values are the formulas of §4.9.1 and §4.9.2 worked out
// separately.
const Bytes calibration{0x0c, 0xce, 0xfb, 0x13, 0x80, 0x5f, 0x32, 0x02, 0xf4,
                        0x80, 0x04, 0xcc, 0xdb, 0x1c, 0x00, 0xaa, 0xfa, 0x4a};

I2cScript script_with(Bytes temperature, Bytes pressure) {
  return {i2c::write_read({0x0d}, {0x10}),
          i2c::write({0x0c, 0x09}),
          i2c::write_read({0x08}, {0xc0}),
          i2c::write_read({0x10}, calibration),
          i2c::write_read({0x32}, {0x02}),
          i2c::write_read({0x28}, {0x80}),
          i2c::write({0x06, 0x04}),
          i2c::write({0x07, 0x84}),
          i2c::write({0x09, 0x0c}),
          i2c::write({0x08, 0x02}),
          i2c::write_read({0x08}, {0xe0}),
          i2c::write_read({0x03}, std::move(temperature)),
          i2c::write({0x08, 0x01}),
          i2c::write_read({0x08}, {0xd0}),
          i2c::write_read({0x00}, std::move(pressure))};
}
const I2cScript room = script_with({0x01, 0x2a, 0x36}, {0xfe, 0x2b, 0x40});

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x77, std::move(script));
  return poll_once(*make_i2c_sensor("dps310", bus, options));
}

TEST(Dps310, ReadsByTheFormulasOfItsDatasheet) {
  const auto values = poll(room);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 23.539259, 1e-6);
  EXPECT_NEAR((*values)["pressure"].value(), 101792.92206, 1e-4);
}

TEST(Dps310, ATemperatureBelowZeroKeepsItsSign) {
  const auto values = poll(script_with({0x02, 0xe6, 0x30}, {0xfe, 0x2b, 0x40}));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), -93.273122, 1e-6);
}

TEST(Dps310, TheResetValueIsNoMeasurement) {
  auto temperature = script_with({0x80, 0x00, 0x00}, {});
  temperature.resize(12);
  EXPECT_EQ(poll(temperature).error().code, Errc::not_ready);
  EXPECT_EQ(poll(script_with({0x01, 0x2a, 0x36}, {0x80, 0x00, 0x00})).error().code, Errc::not_ready);
}

TEST(Dps310, APartWithoutTheCorrectionGetsIt) {
  auto script = room;
  script[4].answer = {0x00};
  const I2cScript correction{i2c::write({0x0e, 0xa5}), i2c::write({0x0f, 0x96}), i2c::write({0x62, 0x02}),
                             i2c::write({0x0e, 0x00}), i2c::write({0x0f, 0x00})};
  script.insert(script.begin() + 5, correction.begin(), correction.end());
  EXPECT_TRUE(poll(script));
  expect_each_failure_is_reported("dps310", 0x77, script);
}

TEST(Dps310, UpToEightSamplesNeedNoShift) {
  auto script = room;
  script[6] = i2c::write({0x06, 0x03});
  script[7] = i2c::write({0x07, 0x83});
  script[8] = i2c::write({0x09, 0x00});
  const auto values = poll(script, {{"oversampling", "x8"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 102 - 261 * 76342.0 / 7864320, 1e-9);
}

TEST(Dps310, WhatDoesNotEndIsATimeout) {
  for (const std::ptrdiff_t flag : {2, 10, 13}) {
    I2cScript script(room.begin(), room.begin() + flag);
    script.resize(static_cast<std::size_t>(flag) + 20, i2c::write_read({0x08}, {0x40}));
    EXPECT_EQ(poll(script).error().code, Errc::timeout);
  }
}

TEST(Dps310, AnyOtherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x0d}, {0x58})}).error().code, Errc::wrong_chip);
}

TEST(Dps310, EachTransferFailingGivesAnErrorAndNoValue) { expect_each_failure_is_reported("dps310", 0x77, room); }

}  // namespace
}  // namespace b2m
