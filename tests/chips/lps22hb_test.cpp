#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes data) {
  return {i2c::write_read({0x0f}, {0xb1}),
          i2c::write({0x11, 0x14}),
          i2c::write({0x10, 0x02}),
          i2c::write({0x1a, 0x00}),
          i2c::write({0x11, 0x11}),
          i2c::write_read({0x27}, {0x33}),
          i2c::write_read({0x28}, std::move(data))};
}

Result<Poll> poll(I2cScript script) {
  ScriptedI2c bus(0x5c, std::move(script));
  return poll_once(*make_i2c_sensor("lps22hb", bus));
}

// DocID027083 §4.4: 0x3ff58d is 1023.3 hPa; 0x09c4 is 25 °C
const Bytes datasheet{0x8d, 0xf5, 0x3f, 0xc4, 0x09};

TEST(Lps22hb, ReadsTheExampleOfItsDatasheet) {
  const auto values = poll(script_with(datasheet));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["pressure"].value(), 102330, 10);
  EXPECT_DOUBLE_EQ((*values)["temperature"].value(), 25);
}

TEST(Lps22hb, ATemperatureBelowZeroKeepsItsSign) {
  const auto values = poll(script_with({0x8d, 0xf5, 0x3f, 0xff, 0xff}));
  ASSERT_TRUE(values);
  EXPECT_DOUBLE_EQ((*values)["temperature"].value(), -0.01);
}

TEST(Lps22hb, BothFlagsHaveToBeSet) {
  auto script = script_with(datasheet);
  script.insert(script.begin() + 5, 2, i2c::write_read({0x27}, {0x01}));
  EXPECT_TRUE(poll(script));
}

TEST(Lps22hb, AnotherIdentityIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x0f}, {0xbd})}).error().code, Errc::wrong_chip);  // LPS25HB
}

TEST(Lps22hb, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("lps22hb", 0x5c, script_with(datasheet));
}

}  // namespace
}  // namespace b2m
