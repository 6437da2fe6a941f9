#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes answer, std::uint8_t format = 0x0b) {
  return {i2c::write_read({0x00}, {0xe5}), i2c::write({0x2d, 0x00}),
          i2c::write({0x2e, 0x00}),        i2c::write({0x38, 0x00}),
          i2c::write({0x2c, 0x0a}),        i2c::write({0x31, format}),
          i2c::write({0x2d, 0x08}),        i2c::write_read({0x2c}, {0x0a, 0x08}),
          i2c::write_read({0x30}, {0x83}), i2c::write_read({0x32}, std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x53, std::move(script));
  return poll_once(*make_i2c_sensor("adxl345", bus, options));
}

const Bytes one_g{0x00, 0x00, 0x80, 0xff, 0x00, 0x01};  // kvasir_devices motion_test.cpp, and -0.5 g on y

TEST(Adxl345, ReadsSignedLittleEndianWords) {
  const auto values = poll(script_with(one_g));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["acceleration_x"], 0.0);
  EXPECT_NEAR((*values)["acceleration_y"].value(), -0.5 * 9.80665, 1e-12);
  EXPECT_NEAR((*values)["acceleration_z"].value(), 9.80665, 1e-12);
}

TEST(Adxl345, TheEndsOfTheRangeAreNoValues) {
  const auto values =
      poll(script_with({0xff, 0x01, 0x00, 0xfe, 0xfe, 0x01}, 0x08), {{"range", "2g"}});  // 511, -512, 510
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["acceleration_x"].error().code, Errc::out_of_range);
  EXPECT_EQ((*values)["acceleration_y"].error().code, Errc::out_of_range);
  EXPECT_NEAR((*values)["acceleration_z"].value(), 510 / 256.0 * 9.80665, 1e-12);
}

TEST(Adxl345, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("adxl345", 0x53, script_with(one_g));
}

TEST(Adxl345, AnotherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x00}, {0xe6})}).error().code, Errc::wrong_chip);
}

TEST(Adxl345, APartThatIsInStandbyAgainLostItsSupply) {
  auto script = script_with(one_g);
  script.resize(8);
  script[7].answer = {0x0a, 0x00};
  EXPECT_EQ(poll(script).error().code, Errc::io);
}

TEST(Adxl345, APartThatNeverGetsReadyIsATimeout) {
  auto script = script_with(one_g);
  script.resize(8);
  script.resize(18, i2c::write_read({0x30}, {0x02}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

}  // namespace
}  // namespace b2m
