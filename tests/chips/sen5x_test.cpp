#include "tests/fakes/checked_words.hpp"
#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

/// "SEN5", a digit and 27 zeros, as 16 words.
Bytes name(std::uint8_t digit) {
  return words({0x5345, 0x4e35, static_cast<std::uint16_t>(digit << 8), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
}

// SEN5x datasheet, "Read measured values": PM in 0.1 µg/m³, humidity in 0.01 %, temperature in 0.005 °C, indices in
// 0.1.
const Bytes measured = words({10, 25, 31, 42, 4550, 0xfc18, 1000, 10});

I2cScript script_with(Bytes answer, std::uint8_t digit = '5') {
  return {i2c::write({0x01, 0x04}), i2c::write({0xd0, 0x14}),    i2c::read(name(digit)),   i2c::write({0x00, 0x21}),
          i2c::write({0x02, 0x02}), i2c::read(words({1})),       i2c::write({0xd2, 0x06}), i2c::read(words({0, 0})),
          i2c::write({0x03, 0xc4}), i2c::read(std::move(answer))};
}

Result<Poll> poll(std::string_view model, I2cScript script) {
  ScriptedI2c bus(0x69, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus));
}

TEST(Sen5x, ReadsEverythingOfASen55) {
  const auto values = poll("sen55", script_with(measured));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["pm1"].value(), 1.0e-9, 1e-18);
  EXPECT_NEAR((*values)["pm2_5"].value(), 2.5e-9, 1e-18);
  EXPECT_NEAR((*values)["pm10"].value(), 4.2e-9, 1e-18);
  EXPECT_NEAR((*values)["humidity"].value(), 45.5, 1e-9);
  EXPECT_NEAR((*values)["temperature"].value(), -5.0, 1e-9);
  EXPECT_NEAR((*values)["voc_index"].value(), 100, 1e-9);
  EXPECT_NEAR((*values)["nox_index"].value(), 1, 1e-9);
}

TEST(Sen5x, WhatThePartDoesNotKnowIsAnErrorOfItsChannelAlone) {
  const auto values = poll("sen55", script_with(words({0xffff, 25, 31, 42, 0x7fff, 0x7fff, 1000, 0x7fff})));
  ASSERT_TRUE(values);
  for (const auto* key : {"pm1", "humidity", "temperature", "nox_index"})
    EXPECT_EQ((*values)[key].error().code, Errc::not_ready) << key;
  EXPECT_TRUE((*values)["pm2_5"]);
  EXPECT_TRUE((*values)["voc_index"]);
}

TEST(Sen5x, TheSmallerModelsHaveFewerChannels) {
  EXPECT_EQ(poll("sen50", script_with(measured, '0'))->channels.size(), 4u);
  EXPECT_EQ(poll("sen54", script_with(measured, '4'))->channels.size(), 7u);
}

TEST(Sen5x, AnotherModelIsTheWrongChipAndIsNamed) {
  auto script = script_with(measured, '0');
  script.resize(3);
  const auto values = poll("sen55", script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::wrong_chip);
  EXPECT_EQ(values.error().detail, "the chip is sen50, not sen55");
}

TEST(Sen5x, AWrongChecksumInAnyWordGivesNoValue) {
  for (std::size_t wrong = 2; wrong < 24; wrong += 3) {
    auto answer = measured;
    answer[wrong] ^= 0x40;
    EXPECT_EQ(poll("sen55", script_with(answer)).error().code, Errc::checksum);
  }
}

TEST(Sen5x, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("sen55", 0x69, script_with(measured));
}

TEST(Sen5x, IsRecognisedByItsName) {
  ScriptedI2c bus(0x69, {i2c::write({0xd0, 0x14}), i2c::read(name('4'))});
  EXPECT_EQ(driver_named("sen54").driver->probe({&bus, 0x69}), "sen54");
}

}  // namespace
}  // namespace b2m
