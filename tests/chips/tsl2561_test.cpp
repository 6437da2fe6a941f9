#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(std::uint8_t timing, Bytes ch0, Bytes ch1, std::uint8_t identity = 0x50) {
  return {i2c::write_read({0x8a}, {identity}),
          i2c::write({0x80, 0x00}),
          i2c::write({0x81, timing}),
          i2c::write({0x80, 0x03}),
          i2c::write_read({0xac}, std::move(ch0)),
          i2c::write_read({0xae}, std::move(ch1))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x39, std::move(script));
  return poll_once(*make_i2c_sensor("tsl2561", bus, options));
}

const OptionTexts slow{{"gain", "1"}, {"integration_time", "402ms"}};

/// Lux of a pair of counts at gain 16 and 402 ms, where the formulas hold as they are written.
double lux(unsigned ch0, unsigned ch1, const std::string& package) {
  const auto bytes = [](unsigned v) {
    return Bytes{static_cast<std::uint8_t>(v & 0xff), static_cast<std::uint8_t>(v >> 8)};
  };
  const auto values = poll(script_with(0x12, bytes(ch0), bytes(ch1)),
                           {{"gain", "16"}, {"integration_time", "402ms"}, {"package", package}});
  return (*values)["illuminance"].value();
}

// kvasir_devices light_test.cpp light(), 352 in floating point
TEST(Tsl2561, ReadsLux) {
  EXPECT_NEAR((*poll(script_with(0x02, {0x00, 0x04}, {0x00, 0x01}), slow))["illuminance"].value(), 352.2, 0.1);
}

// TAOS059N, "Calculating lux": a ratio in each row
TEST(Tsl2561, EachRowOfBothFormulasHolds) {
  EXPECT_NEAR(lux(10000, 5500, "T"), 224 - 170.5, 1e-9);
  EXPECT_NEAR(lux(10000, 7000, "T"), 128 - 107.1, 1e-9);
  EXPECT_NEAR(lux(10000, 10000, "T"), 14.6 - 11.2, 1e-9);
  EXPECT_EQ(lux(10000, 13100, "T"), 0);
  EXPECT_NEAR(lux(10000, 2500, "CS"), 315 - 593 * std::pow(0.25, 1.4), 1e-9);
  EXPECT_NEAR(lux(10000, 6000, "CS"), 229 - 174.6, 1e-9);
  EXPECT_NEAR(lux(10000, 7000, "CS"), 157 - 126, 1e-9);
  EXPECT_NEAR(lux(10000, 10000, "CS"), 33.8 - 26, 1e-9);
  EXPECT_EQ(lux(10000, 13100, "CS"), 0);
}

TEST(Tsl2561, DarknessIsZeroLux) { EXPECT_EQ(lux(0, 0, "T"), 0); }

TEST(Tsl2561, ThePartNumberTellsThePackage) {
  for (const auto& [identity, factor] : {std::pair{0x50, 0.0304}, {0x4a, 0.0304}, {0x10, 0.0315}, {0x0a, 0.0315}}) {
    const auto values = poll(script_with(0x02, {0x00, 0x10}, {0x00, 0x00}, static_cast<std::uint8_t>(identity)), slow);
    ASSERT_TRUE(values);
    EXPECT_NEAR((*values)["illuminance"].value(), 65536 * factor, 1e-6);
  }
  const auto wrong = poll({i2c::write_read({0x8a}, {0xff})});
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::wrong_chip);
}

// TAOS059N, note 6: 5047, 37177 and 65535
TEST(Tsl2561, EachIntegrationTimeClipsAtItsOwnCount) {
  for (const auto& [time, code, clipped] :
       {std::tuple{"13.7ms", 0x00, Bytes{0xb7, 0x13}}, {"101ms", 0x01, {0x39, 0x91}}, {"402ms", 0x02, {0xff, 0xff}}}) {
    const OptionTexts options{{"gain", "1"}, {"integration_time", time}};
    const auto timing = static_cast<std::uint8_t>(code);
    const auto values = poll(script_with(timing, clipped, {0x00, 0x01}), options);
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code, Errc::out_of_range);
    const Bytes below{static_cast<std::uint8_t>(clipped[0] - 1), clipped[1]};
    EXPECT_TRUE(poll(script_with(timing, below, {0x00, 0x01}), options));
    EXPECT_FALSE(poll(script_with(timing, {0x00, 0x01}, clipped), options));
  }
}

TEST(Tsl2561, DimLightIsMeasuredAgainWithTheHighGain) {
  auto script = script_with(0x01, {0x64, 0x00}, {0x10, 0x00});
  const auto again = script_with(0x11, {0x40, 0x06}, {0x00, 0x01});
  script.insert(script.end(), again.begin() + 1, again.end());
  const auto values = poll(script);
  ASSERT_TRUE(values);
  const double ch0 = 1600 * 322.0 / 81;
  EXPECT_NEAR((*values)["illuminance"].value(), ch0 * (0.0304 - 0.062 * std::pow(0.16, 1.4)), 1e-6);
}

TEST(Tsl2561, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("tsl2561", 0x39, script_with(0x02, {0x00, 0x04}, {0x00, 0x01}), slow);
}

TEST(Tsl2561, AProbeLooksAtTwoRegisters) {
  const auto probe = driver_named("tsl2561").driver->probe;
  ScriptedI2c bus(0x39, {i2c::write_read({0x8a}, {0x50}), i2c::write_read({0x80}, {0x03})});
  EXPECT_EQ(probe({&bus, 0x39}).value(), "tsl2561");
  ScriptedI2c other(0x39, {i2c::write_read({0x8a}, {0x50}), i2c::write_read({0x80}, {0x50})});
  EXPECT_EQ(probe({&other, 0x39}).error().code, Errc::wrong_chip);
}

}  // namespace
}  // namespace b2m
