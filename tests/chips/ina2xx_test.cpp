#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

Result<Poll> poll(std::string_view model, I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x40, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus, options));
}

/// An INA219 with its default options: 32 V, ±320 mV, 16 samples.
I2cScript ina219(Bytes shunt, Bytes bus) {
  return {i2c::write({0x00, 0x3e, 0x67}), i2c::write_read({0x01}, std::move(shunt)),
          i2c::write_read({0x02}, std::move(bus))};
}

I2cScript ina226(Bytes shunt, Bytes bus) {
  return {i2c::write_read({0xfe}, {0x54, 0x49}), i2c::write_read({0xff}, {0x22, 0x60}), i2c::write({0x00, 0x45, 0x27}),
          i2c::write_read({0x01}, std::move(shunt)), i2c::write_read({0x02}, std::move(bus))};
}

I2cScript ina260(Bytes current, Bytes bus) {
  auto script = ina226(std::move(current), std::move(bus));
  script[1] = i2c::write_read({0xff}, {0x22, 0x70});
  script[2] = i2c::write({0x00, 0x65, 0x27});
  return script;
}

// chrisb2/pi_ina219 tests/test_read.py test_read_4_808v, test_read_shunt_20mv
TEST(Ina2xx, ReadsAnIna219) {
  const auto values = poll("ina219", ina219({0x07, 0xd0}, {0x25, 0x92}));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["voltage"].value(), 4.808, 1e-9);
  EXPECT_NEAR((*values)["shunt_voltage"].value(), 0.02, 1e-9);
  EXPECT_NEAR((*values)["current"].value(), 0.2, 1e-9);
  EXPECT_NEAR((*values)["power"].value(), 0.9616, 1e-9);
}

// SBOS547B §6.5, worked example: 20 mV across 2 mΩ, 11.98 V
TEST(Ina2xx, AgreesWithTheWorkedExampleOfTheIna226) {
  const auto values = poll("ina226", ina226({0x1f, 0x40}, {0x25, 0x70}), {{"shunt_ohm", "0.002"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["voltage"].value(), 11.98, 1e-9);
  EXPECT_NEAR((*values)["current"].value(), 10, 1e-9);
  EXPECT_NEAR((*values)["power"].value(), 119.8, 1e-9);
}

// tinygo-org/drivers ina260/ina260_test.go
TEST(Ina2xx, AnIna260TellsAmperesItself) {
  const auto values = poll("ina260", ina260({0x27, 0x10}, {0x25, 0x70}), {{"shunt_ohm", "5"}});
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 3u);
  EXPECT_NEAR((*values)["current"].value(), 12.5, 1e-9);
  EXPECT_NEAR((*values)["power"].value(), 149.75, 1e-9);
}

// SBOS448G table 6: 0x8300 is -320 mV, 0xf060 is -40 mV
TEST(Ina2xx, ACurrentThatFlowsBackKeepsItsSign) {
  EXPECT_NEAR((*poll("ina219", ina219({0xf0, 0x60}, {0x25, 0x92})))["current"].value(), -0.4, 1e-9);
  EXPECT_NEAR((*poll("ina219", ina219({0xf0, 0x60}, {0x25, 0x92})))["power"].value(), -0.4 * 4.808, 1e-9);
  EXPECT_NEAR((*poll("ina260", ina260({0xff, 0xff}, {0x25, 0x70})))["current"].value(), -0.00125, 1e-12);
}

TEST(Ina2xx, TheFlagsOfAnIna219AreNoPartOfItsVoltage) {
  EXPECT_NEAR((*poll("ina219", ina219({0, 0}, {0x25, 0x90})))["voltage"].value(), 4.808, 1e-9);
  EXPECT_NEAR((*poll("ina219", ina219({0, 0}, {0x25, 0x97})))["voltage"].value(), 4.808, 1e-9);
}

TEST(Ina2xx, AClippedShuntSpoilsCurrentAndPowerButNotTheVoltage) {
  for (const auto& script : {ina219({0x7d, 0x00}, {0x25, 0x92}), ina219({0x83, 0x00}, {0x25, 0x92})}) {
    const auto values = poll("ina219", script);
    ASSERT_TRUE(values);
    for (const auto* key : {"current", "power", "shunt_voltage"})
      EXPECT_EQ((*values)[key].error().code, Errc::out_of_range) << key;
    EXPECT_NEAR((*values)["voltage"].value(), 4.808, 1e-9);
  }
  EXPECT_FALSE((*poll("ina226", ina226({0x7f, 0xff}, {0x25, 0x70})))["current"]);
  EXPECT_FALSE((*poll("ina226", ina226({0x80, 0x00}, {0x25, 0x70})))["current"]);
  EXPECT_FALSE((*poll("ina260", ina260({0x7f, 0xff}, {0x25, 0x70})))["power"]);
  EXPECT_TRUE((*poll("ina219", ina219({0x7c, 0xff}, {0x25, 0x92})))["current"]);
}

TEST(Ina2xx, TheSmallShuntRangeClipsEarlier) {
  auto script = ina219({0x0f, 0xa0}, {0x25, 0x92});
  script[0] = i2c::write({0x00, 0x26, 0x67});
  EXPECT_FALSE((*poll("ina219", script, {{"shunt_range", "40mV"}}))["current"]);
}

TEST(Ina2xx, AveragesReachTheChipAndTheWait) {
  auto script = ina219({0, 0}, {0, 0});
  script[0] = i2c::write({0x00, 0x3f, 0xff});
  EXPECT_GE(poll("ina219", script, {{"averages", "1024"}})->waited, std::chrono::microseconds(2 * 68'100));
  script = ina226({0, 0}, {0, 0});
  script[2] = i2c::write({0x00, 0x4f, 0x27});
  EXPECT_GE(poll("ina226", script, {{"averages", "1024"}})->waited, std::chrono::milliseconds(2 * 1127));
}

TEST(Ina2xx, ARunningSensorTellsTheRangeOfItsShunt) {
  const auto values = poll("ina226", ina226({0, 0}, {0, 0}), {{"shunt_ohm", "0.01"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR(values->channels[1].range.high, 8.19175, 1e-9);
}

TEST(Ina2xx, TheIna230AndIna231AreNotAskedForAnIdentity) {
  for (const auto* model : {"ina230", "ina231"}) {
    const auto script = ina226({0x1f, 0x40}, {0x25, 0x70});
    EXPECT_TRUE(poll(model, I2cScript(script.begin() + 2, script.end())));
  }
}

TEST(Ina2xx, AnotherDieIsTheWrongChip) {
  const auto error = poll("ina226", {i2c::write_read({0xfe}, {0x54, 0x49}), i2c::write_read({0xff}, {0x22, 0x70})});
  ASSERT_FALSE(error);
  EXPECT_EQ(error.error().code, Errc::wrong_chip);
  EXPECT_EQ(poll("ina260", {i2c::write_read({0xfe}, {0xff, 0xff})}).error().code, Errc::wrong_chip);
}

TEST(Ina2xx, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("ina219", 0x40, ina219({0x07, 0xd0}, {0x25, 0x92}));
  expect_each_failure_is_reported("ina226", 0x40, ina226({0x1f, 0x40}, {0x25, 0x70}));
}

TEST(Ina2xx, AProbeTellsTheModelsThatHaveAnIdentity) {
  const auto probe = driver_named("ina2xx").driver->probe;
  for (const auto& [die, name] : {std::pair{Bytes{0x22, 0x61}, "ina226"}, {Bytes{0x22, 0x70}, "ina260"}}) {
    ScriptedI2c bus(0x40, {i2c::write_read({0xfe}, {0x54, 0x49}), i2c::write_read({0xff}, die)});
    EXPECT_EQ(probe({&bus, 0x40}).value(), name);
  }
  ScriptedI2c other(0x40, {i2c::write_read({0xfe}, {0x54, 0x49}), i2c::write_read({0xff}, {0x32, 0x20})});
  EXPECT_EQ(probe({&other, 0x40}).error().code, Errc::wrong_chip);
}

}  // namespace
}  // namespace b2m
