#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes temperature) {
  return {i2c::write_read({0x03}, {0x07}), i2c::write_read({0x11}, std::move(temperature))};
}

double celsius(Bytes temperature) {
  ScriptedI2c bus(0x68, script_with(std::move(temperature)));
  return poll_once(*make_i2c_sensor("ds3231", bus)).value()["temperature"].value();
}

TEST(Ds3231, ReadsWhatTinygoExpects) {  // tinygo-org/drivers ds3231/ds3231_test.go
  EXPECT_EQ(celsius({0x00, 0x40}), 0.25);
  EXPECT_EQ(celsius({0xff, 0xc0}), -0.25);
}

TEST(Ds3231, ReadsTheExampleOfItsDatasheet) { EXPECT_EQ(celsius({0x19, 0x40}), 25.25); }

TEST(Ds3231, WhatHasNoDayOfTheWeekIsTheWrongChip) {
  ScriptedI2c bus(0x68, {i2c::write_read({0x03}, {0x68})});
  const auto values = poll_once(*make_i2c_sensor("ds3231", bus));
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::wrong_chip);
}

TEST(Ds3231, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("ds3231", 0x68, script_with({0x19, 0x40}));
}

}  // namespace
}  // namespace b2m
