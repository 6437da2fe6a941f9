#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes temperature, Bytes humidity) {
  return {i2c::write({0xfe}), i2c::write_read({0xe7}, {0x02}), i2c::write({0xf3}), i2c::read(std::move(temperature)),
          i2c::write({0xf5}), i2c::read(std::move(humidity))};
}

// HTU21D datasheet p. 14 (checksums), via kvasir-io/kvasir_devices test/i2c/thermal_test.cpp
const Bytes datasheet_temperature{0x4e, 0x85, 0x6b};
const Bytes datasheet_humidity{0x68, 0x3a, 0x7c};
const I2cScript datasheet = script_with(datasheet_temperature, datasheet_humidity);

Result<Poll> poll(I2cScript script, std::string_view model = "htu21d") {
  ScriptedI2c bus(0x40, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus));
}

TEST(Htu21d, ReadsTheExampleOfItsDatasheet) {
  const auto values = poll(datasheet);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 7.04, 0.01);
  EXPECT_NEAR((*values)["humidity"].value(), 44.88, 0.02);
}

TEST(Htu21d, TheStatusBitsAreNoPartOfTheValue) {
  const auto values = poll(script_with({0x00, 0x03, 0x53}, {0x00, 0x02, 0x62}));
  ASSERT_TRUE(values);
  EXPECT_DOUBLE_EQ((*values)["temperature"].value(), -46.85);
  EXPECT_EQ((*values)["humidity"], 0.0);  // -6 by the formula
}

TEST(Htu21d, AWrongChecksumInAnyWordGivesNoValue) {
  auto script = script_with({0x5f, 0xa8, 0x00}, {});  // gobot TestSHT2xTemperatureCrcError
  script.resize(4);
  const auto temperature = poll(script);
  ASSERT_FALSE(temperature);
  EXPECT_EQ(temperature.error(), (Error{Errc::checksum, "temperature"}));
  const auto humidity = poll(script_with(datasheet_temperature, {0x68, 0x3a, 0x7d}));
  ASSERT_FALSE(humidity);
  EXPECT_EQ(humidity.error(), (Error{Errc::checksum, "humidity"}));
}

TEST(Htu21d, AHeaterThatWasLeftOnIsSwitchedOff) {
  auto script = datasheet;
  script[1].answer = {0x06};
  script.insert(script.begin() + 2, i2c::write({0xe6, 0x02}));
  EXPECT_TRUE(poll(script));
  expect_each_failure_is_reported("htu21d", 0x40, script);
}

TEST(Htu21d, ARefusedReadIsTriedAgainAndNotForEver) {
  auto script = datasheet;
  script.insert(script.begin() + 3, i2c::failing(i2c::read({0, 0, 0}), Errc::no_ack));
  EXPECT_TRUE(poll(script));
  script.resize(3);
  script.resize(23, i2c::failing(i2c::read({0, 0, 0}), Errc::no_ack));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Htu21d, EachFamilyIsGivenItsTime) {
  for (const auto& [model, milliseconds] : {std::tuple{"htu21d", 66}, {"si7021", 33}, {"sht21", 114}}) {
    const auto values = poll(datasheet, model);
    ASSERT_TRUE(values);
    EXPECT_GE(values->waited, std::chrono::milliseconds(15 + milliseconds));
  }
}

TEST(Htu21d, EachTransferFailingGivesAnErrorAndNoValue) { expect_each_failure_is_reported("htu21d", 0x40, datasheet); }

}  // namespace
}  // namespace b2m
