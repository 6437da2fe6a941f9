#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes answer, std::uint8_t control = 0x01) {
  return {i2c::write_read({0x0d}, {0xff}),
          i2c::write({0x0a, 0x80}),
          i2c::write({0x0b, 0x01}),
          i2c::write({0x09, control}),
          i2c::write_read({0x09}, {control}),
          i2c::write_read({0x06}, {0x01}),
          i2c::write_read({0x00}, std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x0d, std::move(script));
  return poll_once(*make_i2c_sensor("qmc5883l", bus, options));
}

// Datasheet, "Sensitivity": 12000 steps per gauss (100 µT) at ±2 gauss, 3000 at ±8. 3000, -6000, 1 in X, Y, Z.
const Bytes measured{0xb8, 0x0b, 0x90, 0xe8, 0x01, 0x00, 0x01};

TEST(Qmc5883l, ReadsSignedLittleEndianWords) {
  const auto values = poll(script_with(measured));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["magnetic_field_x"].value(), 25e-6, 1e-12);
  EXPECT_NEAR((*values)["magnetic_field_y"].value(), -50e-6, 1e-12);
  EXPECT_NEAR((*values)["magnetic_field_z"].value(), 100e-6 / 12000, 1e-15);
}

TEST(Qmc5883l, TheRangeReachesThePartAndScalesTheValues) {
  const auto values = poll(script_with(measured, 0x11), {{"range", "800uT"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["magnetic_field_x"].value(), 100e-6, 1e-12);
}

TEST(Qmc5883l, AnOverflowGivesNoValueSinceItsAxisIsNotKnown) {
  auto answer = measured;
  answer[6] = 0x03;
  EXPECT_EQ(poll(script_with(answer)).error().code, Errc::out_of_range);
}

TEST(Qmc5883l, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("qmc5883l", 0x0d, script_with(measured));
}

TEST(Qmc5883l, AnotherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x0d}, {0x00})}).error().code, Errc::wrong_chip);
}

TEST(Qmc5883l, APartThatIsInStandbyAgainLostItsSupply) {
  auto script = script_with(measured);
  script.resize(5);
  script[4].answer = {0x00};
  EXPECT_EQ(poll(script).error().code, Errc::io);
}

}  // namespace
}  // namespace b2m
