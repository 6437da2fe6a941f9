#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

const I2cStep identity = i2c::write_read({0x07}, {0x81, 0xc4});
const I2cStep no_power_saving = i2c::write({0x03, 0x00, 0x00});

/// The transfers of one measurement at a configuration word.
void add_measurement(I2cScript& script, unsigned config, Bytes counts) {
  const auto high = static_cast<std::uint8_t>(config >> 8);
  const auto low = static_cast<std::uint8_t>(config & 0xff);
  script.push_back(i2c::write({0x00, static_cast<std::uint8_t>(low | 1), high}));
  script.push_back(i2c::write({0x00, low, high}));
  script.push_back(i2c::write_read({0x04}, std::move(counts)));
}

I2cScript script_with(unsigned config, Bytes counts) {
  I2cScript script{identity, no_power_saving};
  add_measurement(script, config, std::move(counts));
  return script;
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x10, std::move(script));
  return poll_once(*make_i2c_sensor("veml7700", bus, options));
}

Result<double> lux(unsigned config, Bytes counts, std::string gain, std::string time) {
  const auto values =
      poll(script_with(config, std::move(counts)), {{"gain", std::move(gain)}, {"integration_time", std::move(time)}});
  if (!values) return tl::unexpected(values.error());
  return (*values)["illuminance"];
}

// eldruin/veml6030-rs tests/integration.rs it100g1 and min, with the resolution that Vishay corrected
TEST(Veml7700, ReadsLuxLowByteFirst) {
  EXPECT_NEAR(lux(0x0000, {0xc8, 0x05}, "1", "100ms").value(), 99.456, 1e-9);
  EXPECT_NEAR(lux(0x08c0, {0xc8, 0x05}, "2", "800ms").value(), 6.216, 1e-9);
}

// Application note 84323, resolution table: 2.1504 lx per count at gain 1/8 and 25 ms
TEST(Veml7700, TheCodesOfGainAndTimeDoNotRiseWithTheirValues) {
  EXPECT_NEAR(lux(0x1300, {0x01, 0x00}, "1/8", "25ms").value(), 2.1504, 1e-9);
  EXPECT_NEAR(lux(0x1a00, {0x01, 0x00}, "1/4", "50ms").value(), 0.5376, 1e-9);
}

// 84323, "Correction": at 10000 lx uncorrected, 6013.5 - 9392.4 + 8148.8 + 10023
TEST(Veml7700, StrongLightIsCorrected) {
  EXPECT_NEAR(lux(0x1000, {0xa9, 0x48}, "1/8", "100ms").value(), 14793, 2);  // 18601 × 0.5376 = 9999.9
  EXPECT_NEAR(lux(0x1000, {0x44, 0x07}, "1/8", "100ms").value(), 999.936, 1e-6);
}

TEST(Veml7700, AClippedCountIsOutOfRange) {
  EXPECT_EQ(lux(0x1300, {0xff, 0xff}, "1/8", "25ms").error().code, Errc::out_of_range);
}

TEST(Veml7700, FollowsTheLightFromSunToDusk) {
  I2cScript script = script_with(0x1300, {0x05, 0x00});  // 5 counts at the least sensitive
  add_measurement(script, 0x08c0, {0x00, 0x0a});         // × 512 at the most sensitive: 2560 counts
  ScriptedI2c bus(0x10, script);
  const auto values = poll_once(*make_i2c_sensor("veml7700", bus));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["illuminance"].value(), 2560 * 0.0042, 1e-9);
}

TEST(Veml7700, FollowsTheLightFromDuskToSun) {
  I2cScript script = script_with(0x1300, {0x00, 0x00});
  add_measurement(script, 0x08c0, {0x00, 0x00});
  add_measurement(script, 0x08c0, {0xff, 0xff});
  add_measurement(script, 0x1300, {0x00, 0x10});
  ScriptedI2c bus(0x10, script);
  const auto sensor = make_i2c_sensor("veml7700", bus);
  EXPECT_EQ((*poll_once(*sensor))["illuminance"], 0.0);
  EXPECT_GT((*poll_again(*sensor))["illuminance"].value(), 4096 * 2.1504);
}

TEST(Veml7700, ThreeMeasurementsAreTheMostOfAReading) {
  I2cScript script = script_with(0x1300, {0x00, 0x00});
  add_measurement(script, 0x08c0, {0xff, 0xff});
  add_measurement(script, 0x1300, {0x00, 0x00});
  const auto values = poll(script);
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["illuminance"], 0.0);
}

TEST(Veml7700, WaitsForAWholeMeasurement) {
  const auto values = poll(script_with(0x00c0, {0, 0x80}), {{"gain", "1"}, {"integration_time", "800ms"}});
  ASSERT_TRUE(values);
  EXPECT_GE(values->waited, std::chrono::microseconds(802'500));
}

TEST(Veml7700, AnotherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x07}, {0x00, 0xc4})}).error().code, Errc::wrong_chip);
  EXPECT_EQ(poll({i2c::write_read({0x07}, {0xff, 0xff})}).error().code, Errc::wrong_chip);
}

TEST(Veml7700, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("veml7700", 0x10, script_with(0x0000, {0xc8, 0x05}),
                                  {{"gain", "1"}, {"integration_time", "100ms"}});
}

TEST(Veml7700, AProbeReadsTheIdentityAlone) {
  ScriptedI2c bus(0x48, {i2c::write_read({0x07}, {0x81, 0xd4})});
  EXPECT_EQ(driver_named("veml7700").driver->probe({&bus, 0x48}).value(), "veml6030");
}

}  // namespace
}  // namespace b2m
