#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

// kvasir_devices motion_test.cpp mpu6050(): 1 g on z, 36.53 °C, -1 °/s around x
const Bytes measured{0x00, 0x00, 0x00, 0x00, 0x40, 0x00, 0x00, 0x00, 0xff, 0x7d, 0x00, 0x00, 0x00, 0x00};

I2cScript script_with(Bytes answer, std::uint8_t id = 0x68) {
  return {i2c::write_read({0x75}, {id}),
          i2c::write({0x6b, 0x80}),
          i2c::write({0x6b, 0x01}),
          i2c::write({0x1a, 0x03}),
          i2c::write({0x1b, 0x00}),
          i2c::write({0x1c, 0x00}),
          i2c::write_read({0x1a}, {0x03, 0x00, 0x00}),
          i2c::write_read({0x3b}, std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x68, std::move(script));
  return poll_once(*make_i2c_sensor("mpu6050", bus, options));
}

TEST(Mpu6050, ReadsWhatKvasirExpects) {
  const auto values = poll(script_with(measured));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["acceleration_z"].value(), 9.80665, 1e-9);
  EXPECT_NEAR((*values)["angular_velocity_x"].value(), -1 * 0.017453292519943295, 1e-9);
  EXPECT_NEAR((*values)["temperature"].value(), 36.53, 1e-9);
}

// MPU-6050 and MPU-6500 register maps, TEMP_OUT: raw / 340 + 36.53 and raw / 333.87 + 21.
TEST(Mpu6050, TheThermometerIsThatOfThePartThatIsFound) {
  auto answer = measured;
  answer[6] = 0xf2;  // -3400
  answer[7] = 0xb8;
  EXPECT_NEAR((*poll(script_with(answer)))["temperature"].value(), 26.53, 1e-9);
  for (const std::uint8_t id : Bytes{0x70, 0x71, 0x73})
    EXPECT_NEAR((*poll(script_with(answer, id)))["temperature"].value(), -3400 / 333.87 + 21, 1e-9);
}

TEST(Mpu6050, TheRangesReachThePartAndScaleTheValues) {
  auto script = script_with(measured);
  script[4] = i2c::write({0x1b, 0x18});
  script[5] = i2c::write({0x1c, 0x10});
  script[6] = i2c::write_read({0x1a}, {0x03, 0x18, 0x10});
  const auto values = poll(script, {{"acceleration_range", "8g"}, {"angular_velocity_range", "2000dps"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["acceleration_z"].value(), 4 * 9.80665, 1e-9);
  EXPECT_NEAR((*values)["angular_velocity_x"].value(), -131 / 16.4 * 0.017453292519943295, 1e-9);
}

TEST(Mpu6050, TheEndsOfTheRangesAreNoValues) {
  const auto values = poll(script_with({0x7f, 0xff, 0x80, 0x00, 0, 0, 0, 0, 0x7f, 0xff, 0x80, 0x00, 0, 0}));
  ASSERT_TRUE(values);
  for (const auto* key : {"acceleration_x", "acceleration_y", "angular_velocity_x", "angular_velocity_y"})
    EXPECT_EQ((*values)[key].error().code, Errc::out_of_range) << key;
  EXPECT_EQ((*values)["acceleration_z"], 0.0);
}

TEST(Mpu6050, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("mpu6050", 0x68, script_with(measured));
}

TEST(Mpu6050, AnotherIdIsTheWrongChip) {
  for (const std::uint8_t id : Bytes{0x00, 0xff, 0x72})
    EXPECT_EQ(poll({i2c::write_read({0x75}, {id})}).error().code, Errc::wrong_chip);
}

TEST(Mpu6050, APartThatFellAsleepIsNotReadAsZeros) {
  auto script = script_with(measured);
  script.resize(7);
  script[6].answer = {0x00, 0x00, 0x00};
  EXPECT_EQ(poll(script).error().code, Errc::io);
}

TEST(Mpu6050, TheProbeTellsTheModel) {
  ScriptedI2c bus(0x68, {i2c::write_read({0x75}, {0x71})});
  EXPECT_EQ(driver_named("mpu6050").driver->probe({&bus, 0x68}), "mpu9250");
}

}  // namespace
}  // namespace b2m
