#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

I2cScript script_with(std::uint8_t high, std::uint8_t low) {
  return {i2c::write({0x02, 0x00}), i2c::write_read({0x03, 0x04}, {high, low})};
}

Result<Poll> poll(std::uint8_t high, std::uint8_t low) {
  ScriptedI2c bus(0x4a, script_with(high, low));
  return poll_once(*make_i2c_sensor("max44009", bus));
}

// eldruin/max44009-rs src/reading.rs can_convert_to_lux
TEST(Max44009, ReadsLux) {
  EXPECT_NEAR((*poll(0x01, 0x00))["illuminance"].value(), 0.72, 1e-9);
  EXPECT_NEAR((*poll(0x01, 0x01))["illuminance"].value(), 0.765, 1e-9);
  EXPECT_NEAR((*poll(0xef, 0x0f))["illuminance"].value(), 188006.4, 1e-6);
}

TEST(Max44009, TheUpperHalfOfTheLowRegisterDoesNotCount) {
  EXPECT_NEAR((*poll(0x01, 0xf1))["illuminance"].value(), 0.765, 1e-9);
}

// 19-5719, "Lux readings": an exponent of 15 is an overrange condition
TEST(Max44009, TheLargestExponentIsOutOfRange) {
  for (const std::uint8_t high : i2c::Bytes{0xf0, 0xff}) EXPECT_EQ(poll(high, 0x0f).error().code, Errc::out_of_range);
}

TEST(Max44009, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("max44009", 0x4a, script_with(0x01, 0x00));
}

}  // namespace
}  // namespace b2m
