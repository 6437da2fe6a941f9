#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

// BST-BMP180-DS000 §3.5, the worked example: 15.0 °C and 69964 Pa
const Bytes calibration{0x01, 0x98, 0xff, 0xb8, 0xc7, 0xd1, 0x7f, 0xe5, 0x7f, 0xf5, 0x5a,
                        0x71, 0x18, 0x2e, 0x00, 0x04, 0x80, 0x00, 0xdd, 0xf9, 0x0b, 0x34};

I2cScript script_with(Bytes trim, Bytes temperature, Bytes pressure, std::uint8_t command = 0x34) {
  return {i2c::write_read({0xd0}, {0x55}), i2c::write_read({0xaa}, std::move(trim)),
          i2c::write({0xf4, 0x2e}),        i2c::write_read({0xf6}, std::move(temperature)),
          i2c::write({0xf4, command}),     i2c::write_read({0xf6}, std::move(pressure))};
}
const I2cScript datasheet = script_with(calibration, {0x6c, 0xfa}, {0x5d, 0x23, 0x00});

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x77, std::move(script));
  return poll_once(*make_i2c_sensor("bmp180", bus, options));
}

TEST(Bmp180, AgreesWithTheWorkedExampleOfItsDatasheet) {
  const auto values = poll(datasheet);
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"], 15.0);
  EXPECT_EQ((*values)["pressure"], 69964.0);
}

TEST(Bmp180, ATemperatureBelowZeroKeepsItsSign) {
  // UT = 24500: X1 = 1346, X2 = -17840128 / 4214 = -4233, B5 = -2887, (B5 + 8) >> 4 = -180
  const auto values = poll(script_with(calibration, {0x5f, 0xb4}, {0x5d, 0x23, 0x00}));
  ASSERT_TRUE(values);
  EXPECT_DOUBLE_EQ((*values)["temperature"].value(), -18.0);
}

TEST(Bmp180, OversamplingChoosesTheCommandTheShiftAndTheWait) {
  for (const auto& [choice, command, wait] :
       {std::tuple{"x1", 0x34, 9000}, {"x2", 0x74, 12000}, {"x4", 0xb4, 18000}, {"x8", 0xf4, 30000}}) {
    const auto values =
        poll(script_with(calibration, {0x6c, 0xfa}, {0x5d, 0x23, 0x00}, static_cast<std::uint8_t>(command)),
             {{"oversampling", choice}});
    ASSERT_TRUE(values);
    EXPECT_NEAR((*values)["pressure"].value(), 69964, 4);
    EXPECT_GE(values->waited, std::chrono::microseconds(wait));
  }
}

TEST(Bmp180, ACalibrationOfOnesOrZerosIsRefused) {
  for (const std::uint8_t byte : Bytes{0xff, 0x00}) {
    auto script = script_with(Bytes(22, byte), {}, {});
    script.resize(2);
    EXPECT_EQ(poll(script).error().code, Errc::not_ready);
  }
}

// X1 of the example is 4743, so that MD = -4743 makes the divisor of X2 exactly 0.
TEST(Bmp180, ADivisionByZeroIsAnError) {
  auto trim = calibration;
  trim[20] = 0xed;
  trim[21] = 0x79;
  EXPECT_EQ(poll(script_with(trim, {0x6c, 0xfa}, {0x5d, 0x23, 0x00})).error().code, Errc::out_of_range);
}

TEST(Bmp180, AnyOtherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0xd0}, {0x58})}).error().code, Errc::wrong_chip);
}

TEST(Bmp180, EachTransferFailingGivesAnErrorAndNoValue) { expect_each_failure_is_reported("bmp180", 0x77, datasheet); }

}  // namespace
}  // namespace b2m
