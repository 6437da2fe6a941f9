#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes id, Bytes answer) {
  return {i2c::write({0x35, 0x17}), i2c::write({0xef, 0xc8}), i2c::read(std::move(id)),
          i2c::write({0x80, 0x5d}), i2c::write({0x78, 0x66}), i2c::read(std::move(answer))};
}

const Bytes id_shtc3{0x08, 0x07, 0x21};
const Bytes id_shtc1{0x00, 0x07, 0x16};
const Bytes datasheet{0x64, 0x8b, 0xc7, 0xa1, 0x33, 0x1c};  // SHTC3 datasheet §5.4, via dbrgn/shtcx-rs

Result<Poll> poll(std::string_view model, I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x70, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus, options));
}

TEST(Shtc3, ReadsTheExampleOfItsDatasheet) {
  const auto values = poll("shtc3", script_with(id_shtc3, datasheet));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 23.73, 0.01);
  EXPECT_NEAR((*values)["humidity"].value(), 62.968, 0.001);
}

TEST(Shtc3, TheLowestTemperatureIsNegative) {
  const auto values = poll("shtc3", script_with(id_shtc3, {0x00, 0x00, 0x81, 0x80, 0x00, 0xa2}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"], -45.0);
  EXPECT_EQ((*values)["humidity"], 50.0);
}

TEST(Shtc3, AnOlderPartRefusesTheWakeUp) {
  auto script = script_with(id_shtc1, datasheet);
  script[0] = i2c::failing(script[0], Errc::no_ack);
  EXPECT_TRUE(poll("shtc1", script));
}

TEST(Shtc3, AnotherIdentityIsTheWrongChip) {
  auto script = script_with({0x00, 0x00, 0x81}, datasheet);
  script.resize(3);
  EXPECT_EQ(poll("shtc3", script).error().code, Errc::wrong_chip);
  EXPECT_EQ(poll("shtw2", script).error().code, Errc::wrong_chip);
  auto older = script_with(id_shtc1, datasheet);
  older.resize(3);
  EXPECT_EQ(poll("shtc3", older).error().code, Errc::wrong_chip);
}

// SHTC3 datasheet §5.9: only bits 11 and 5 to 0 are the identity
TEST(Shtc3, UnspecifiedBitsOfTheIdentityDoNotCount) {
  EXPECT_TRUE(poll("shtc3", script_with({0x08, 0x87, 0x5b}, datasheet)));
}

TEST(Shtc3, AWrongChecksumInAnyWordGivesNoValue) {
  for (const std::size_t wrong : {2u, 5u}) {
    auto answer = datasheet;
    answer[wrong] ^= 0x01;
    EXPECT_EQ(poll("shtc3", script_with(id_shtc3, answer)).error().code, Errc::checksum);
  }
}

TEST(Shtc3, LowPowerIsAnotherCommand) {
  auto script = script_with(id_shtc3, datasheet);
  script[4] = i2c::write({0x60, 0x9c});
  EXPECT_TRUE(poll("shtc3", script, {{"mode", "low_power"}}));
}

TEST(Shtc3, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("shtc3", 0x70, script_with(id_shtc3, datasheet));
}

}  // namespace
}  // namespace b2m
