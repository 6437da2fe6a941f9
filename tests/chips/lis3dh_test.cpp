#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes answer, std::uint8_t ctrl4 = 0x88) {
  return {i2c::write_read({0x0f}, {0x33}), i2c::write({0x24, 0x80}),        i2c::write({0x21, 0x00}),
          i2c::write({0x2e, 0x00}),        i2c::write({0x23, ctrl4}),       i2c::write({0x20, 0x57}),
          i2c::write_read({0x20}, {0x57}), i2c::write_read({0x27}, {0x0f}), i2c::write_read({0xa8}, std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x18, std::move(script));
  return poll_once(*make_i2c_sensor("lis3dh", bus, options));
}

// LIS3DH application note AN3308, output data at ±2 g: 350 mg is 0x15e0 (left-aligned, 1 mg steps), -350 mg is 0xea20.
const Bytes measured{0xe0, 0x15, 0x20, 0xea, 0x80, 0x3e};

TEST(Lis3dh, ReadsSignedLeftAlignedWords) {
  const auto values = poll(script_with(measured));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["acceleration_x"].value(), 0.350 * 9.80665, 1e-12);
  EXPECT_NEAR((*values)["acceleration_y"].value(), -0.350 * 9.80665, 1e-12);
  EXPECT_NEAR((*values)["acceleration_z"].value(), 1.000 * 9.80665, 1e-12);
}

TEST(Lis3dh, TheWidestRangeHasStepsOf12Milligravities) {
  const auto values = poll(script_with(measured, 0xb8), {{"range", "16g"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["acceleration_z"].value(), 12.0 * 9.80665, 1e-9);
}

TEST(Lis3dh, TheEndsOfTheRangeAreNoValues) {
  const auto values = poll(script_with({0xf0, 0x7f, 0x00, 0x80, 0x00, 0x00}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["acceleration_x"].error().code, Errc::out_of_range);
  EXPECT_EQ((*values)["acceleration_y"].error().code, Errc::out_of_range);
  EXPECT_EQ((*values)["acceleration_z"], 0.0);
}

TEST(Lis3dh, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("lis3dh", 0x18, script_with(measured));
}

TEST(Lis3dh, AnotherIdIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x0f}, {0x32})}).error().code, Errc::wrong_chip);
}

TEST(Lis3dh, APartThatIsOffAgainLostItsSupply) {
  auto script = script_with(measured);
  script.resize(7);
  script[6].answer = {0x07};
  EXPECT_EQ(poll(script).error().code, Errc::io);
}

}  // namespace
}  // namespace b2m
