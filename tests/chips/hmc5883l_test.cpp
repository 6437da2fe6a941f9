#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes answer, std::uint8_t gain = 0x20) {
  return {i2c::write_read({0x0a}, {'H', '4', '3'}),
          i2c::write({0x00, 0x70}),
          i2c::write({0x01, gain}),
          i2c::write({0x02, 0x00}),
          i2c::write_read({0x00}, {0x70, gain}),
          i2c::write_read({0x09}, {0x01}),
          i2c::write_read({0x03}, std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x1e, std::move(script));
  return poll_once(*make_i2c_sensor("hmc5883l", bus, options));
}

const Bytes measured{0x01, 0x00, 0xfe, 0x00, 0x03, 0x00};  // kvasir_devices motion_test.cpp, z negative: X, Z, Y

TEST(Hmc5883l, ReadsTheAxesInTheirOrder) {
  const auto values = poll(script_with(measured));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["magnetic_field_x"].value(), 23.486e-6, 1e-9);
  EXPECT_NEAR((*values)["magnetic_field_y"].value(), 70.458e-6, 1e-9);
  EXPECT_NEAR((*values)["magnetic_field_z"].value(), -46.972e-6, 1e-9);
}

// Data sheet, "Data output X registers": an overflow reads -4096.
TEST(Hmc5883l, AnOverflowIsAnErrorOfItsAxisAlone) {
  const auto values = poll(script_with({0x01, 0x00, 0xf0, 0x00, 0xf8, 0x00}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["magnetic_field_z"].error().code, Errc::out_of_range);
  EXPECT_NEAR((*values)["magnetic_field_y"].value(), -2048 / 1090.0 * 1e-4, 1e-12);  // 0xf800 is the lowest
}

TEST(Hmc5883l, TheRangeReachesThePartAndScalesTheValues) {
  const auto values = poll(script_with(measured, 0xe0), {{"range", "810uT"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["magnetic_field_x"].value(), 256 / 230.0 * 1e-4, 1e-12);
}

TEST(Hmc5883l, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("hmc5883l", 0x1e, script_with(measured));
}

TEST(Hmc5883l, AnotherIdentityIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x0a}, {'H', '4', '4'})}).error().code, Errc::wrong_chip);
}

TEST(Hmc5883l, APartWithItsPowerOnSettingsLostItsSupply) {
  auto script = script_with(measured);
  script.resize(5);
  script[4].answer = {0x10, 0x20};
  EXPECT_EQ(poll(script).error().code, Errc::io);
}

}  // namespace
}  // namespace b2m
