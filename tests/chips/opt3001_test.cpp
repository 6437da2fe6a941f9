#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes config, Bytes result) {
  return {i2c::write_read({0x7e}, {0x54, 0x49}), i2c::write_read({0x7f}, {0x30, 0x01}), i2c::write({0x01, 0xca, 0x10}),
          i2c::write_read({0x01}, std::move(config)), i2c::write_read({0x00}, std::move(result))};
}

Result<Poll> poll(std::string_view model, I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(driver_named(model).addresses().front(), std::move(script));
  return poll_once(*make_i2c_sensor(model, bus, options));
}

// SBOS681C table 10; eldruin/opt300x-rs tests/integration.rs
TEST(Opt3001, ReadsLux) {
  for (const auto& [word, lux] : {std::pair{Bytes{0x00, 0x01}, 0.01},
                                  {{0x0f, 0xff}, 40.95},
                                  {{0x34, 0x56}, 88.8},
                                  {{0x78, 0x9a}, 2818.56},
                                  {{0x88, 0x00}, 5242.88},
                                  {{0xbf, 0xff}, 83865.6}}) {
    const auto values = poll("opt3001", script_with({0xc8, 0x90}, word));
    ASSERT_TRUE(values);
    EXPECT_NEAR((*values)["illuminance"].value(), lux, 1e-6);
  }
}

// SBOS745A §7.6.1.1.1: 1.2 nW/cm² per step
TEST(Opt3001, AnOpt3002TellsIrradianceAndHasNoDeviceId) {
  auto script = script_with({0xc8, 0x90}, {0x13, 0xe8});
  script.erase(script.begin() + 1);
  const auto values = poll("opt3002", script);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["irradiance"].value(), 2000 * 1.2e-5, 1e-12);
}

TEST(Opt3001, TooMuchLightIsOutOfRange) {
  auto script = script_with({0xc9, 0x90}, {});
  script.pop_back();
  EXPECT_EQ(poll("opt3001", script).error().code, Errc::out_of_range);
}

TEST(Opt3001, TheShortConversionIsFast) {
  auto script = script_with({0xc0, 0x90}, {0x0f, 0xff});
  script[2] = i2c::write({0x01, 0xc2, 0x10});
  const auto values = poll("opt3001", script, {{"conversion_time", "100ms"}});
  ASSERT_TRUE(values);
  EXPECT_LT(values->waited, std::chrono::milliseconds(150));
}

TEST(Opt3001, WaitsForTheFlagButNotForEver) {
  auto script = script_with({0xc8, 0x90}, {0x0f, 0xff});
  script.insert(script.begin() + 3, i2c::write_read({0x01}, {0xca, 0x10}));
  EXPECT_TRUE(poll("opt3001", script));
  script.resize(3);
  script.resize(53, i2c::write_read({0x01}, {0xca, 0x10}));
  EXPECT_EQ(poll("opt3001", script).error().code, Errc::timeout);
}

TEST(Opt3001, AnotherIdentityIsTheWrongChip) {
  EXPECT_EQ(poll("opt3001", {i2c::write_read({0x7e}, {0xff, 0xff})}).error().code, Errc::wrong_chip);
  EXPECT_EQ(
      poll("opt3007", {i2c::write_read({0x7e}, {0x54, 0x49}), i2c::write_read({0x7f}, {0x11, 0x21})}).error().code,
      Errc::wrong_chip);
}

TEST(Opt3001, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("opt3001", 0x44, script_with({0xc8, 0x90}, {0x0f, 0xff}));
}

}  // namespace
}  // namespace b2m
