#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

// pimoroni/bme680-python tests/test_compensation.py: 26.69 °C, 98712 Pa in whole numbers, 42.402 %, 12946860 Ω
const Bytes first{0x65, 0x67, 0x03, 0x00, 0x41, 0x8f, 0xed, 0xd6, 0x58, 0x00, 0x8e, 0x1c,
                  0x7f, 0xff, 0x2e, 0x1e, 0x00, 0x00, 0x97, 0xf3, 0xb5, 0xf6, 0x1e};
const Bytes second{0x40, 0x54, 0x2a, 0x00, 0x2d, 0x14, 0x78, 0x9c, 0xb9, 0x65, 0x4e, 0x9f, 0xe2, 0x12};
const Bytes third{0x30, 0x00, 0x10, 0x00, 0x00};

/// Status, pressure, temperature, humidity, and the gas where either part has it.
Bytes field(Bytes temperature, Bytes humidity, Bytes gas_bme680, Bytes gas_bme688 = {0, 0}) {
  Bytes bytes{0x80, 0x00, 0x56, 0x4c, 0xd0};
  for (const auto& part : {temperature, humidity, Bytes{0, 0, 0}, gas_bme680, gas_bme688})
    bytes.insert(bytes.end(), part.begin(), part.end());
  return bytes;
}
const Bytes t{0x7a, 0x5f, 0x80};
const Bytes h{0x4a, 0x4b};
const Bytes valid{0x00, 0x30};

I2cScript script_with(Bytes data, std::uint8_t variant = 0, std::uint8_t run_gas = 0x10) {
  return {i2c::write_read({0xd0}, {0x61}), i2c::write_read({0xf0}, {variant}),
          i2c::write({0xe0, 0xb6}),        i2c::write_read({0x8a}, first),
          i2c::write_read({0xe1}, second), i2c::write_read({0x00}, third),
          i2c::write({0x75, 0x00}),        i2c::write({0x72, 0x01}),
          i2c::write({0x5a, 0x6a}),  // 320 °C from 25 °C by §3.3.5: 106.8
          i2c::write({0x64, 0x65}),  // 150 ms: 37 · 4 ms
          i2c::write({0x71, run_gas}),     i2c::write({0x74, 0x25}),
          i2c::write_read({0x1d}, {0x80}), i2c::write_read({0x1d}, std::move(data))};
}
const I2cScript pimoroni = script_with(field(t, h, valid));

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x76, std::move(script));
  return poll_once(*make_i2c_sensor("bme680", bus, options));
}

TEST(Bme680, ReadsWhatPimoroniExpects) {
  const auto values = poll(pimoroni);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 26.69, 0.01);
  EXPECT_NEAR((*values)["pressure"].value(), 98717, 1);
  EXPECT_NEAR((*values)["humidity"].value(), 42.402, 0.05);
  EXPECT_NEAR((*values)["gas_resistance"].value(), 12946860, 1000);
  EXPECT_GE(values->waited, std::chrono::milliseconds(150));
}

TEST(Bme680, ATemperatureBelowZeroKeepsItsSign) {
  const auto values = poll(script_with(field({0x50, 0x00, 0x00}, h, valid)));
  ASSERT_TRUE(values);
  EXPECT_LT((*values)["temperature"].value(), -20);
  EXPECT_GT((*values)["temperature"].value(), -40);
}

TEST(Bme680, AGasValueCountsOnlyWithBothItsFlags) {
  for (const std::uint8_t flags : Bytes{0x00, 0x10, 0x20}) {
    const auto values = poll(script_with(field(t, h, {0x00, flags})));
    ASSERT_TRUE(values);
    EXPECT_EQ((*values)["gas_resistance"].error().code, Errc::not_ready);
    EXPECT_TRUE((*values)["temperature"]);
  }
}

TEST(Bme680, ABme688HasItsGasElsewhereAndAnotherFormula) {
  const auto values = poll(script_with(field(t, h, {0, 0}, {0x80, 0x32}), 0x01, 0x20));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["gas_resistance"].value(), 16e6, 1);  // ADC 512 in range 2: 262144 / 4 / 4096 MΩ
}

TEST(Bme680, WhatWasSkippedIsNoMeasurement) {
  EXPECT_EQ(poll(script_with(field({0x80, 0x00, 0x00}, h, valid))).error().code, Errc::not_ready);
  const auto values = poll(script_with(field(t, {0x80, 0x00}, valid)));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["humidity"].error().code, Errc::not_ready);
  EXPECT_TRUE((*values)["pressure"]);
}

TEST(Bme680, WithoutGasNothingIsHeated) {
  auto script = pimoroni;
  script.erase(script.begin() + 8, script.begin() + 11);
  const auto values = poll(script, {{"gas", "false"}});
  ASSERT_TRUE(values);
  EXPECT_FALSE(values->has("gas_resistance"));
  EXPECT_LT(values->waited, std::chrono::milliseconds(100));
}

TEST(Bme680, OptionsReachTheChip) {
  auto script = pimoroni;
  script[6] = i2c::write({0x75, 0x0c});  // filter 7 is code 3
  script[7] = i2c::write({0x72, 0x05});
  script[8] = i2c::write({0x5a, 0x4f});  // 200 °C by §3.3.5: 79.2
  script[9] = i2c::write({0x64, 0xff});  // 4032 ms
  script[11] = i2c::write({0x74, 0xb5});
  EXPECT_TRUE(poll(
      script, {{"filter", "7"}, {"oversampling", "x16"}, {"heater_temperature_c", "200"}, {"heater_time", "4032ms"}}));
}

TEST(Bme680, AMeasurementThatDoesNotEndIsATimeout) {
  I2cScript script(pimoroni.begin(), pimoroni.begin() + 12);
  script.resize(32, i2c::write_read({0x1d}, {0x60}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Bme680, AnyOtherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0xd0}, {0x60})}).error().code, Errc::wrong_chip);
}

TEST(Bme680, EachTransferFailingGivesAnErrorAndNoValue) { expect_each_failure_is_reported("bme680", 0x76, pimoroni); }

}  // namespace
}  // namespace b2m
