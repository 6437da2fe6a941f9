#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes temperature) {
  return {i2c::write_read({0x06}, {0x00, 0x54}), i2c::write_read({0x07}, {0x04, 0x00}), i2c::write({0x01, 0x00, 0x00}),
          i2c::write({0x08, 0x03}), i2c::write_read({0x05}, std::move(temperature))};
}

Result<Poll> poll(I2cScript script) {
  ScriptedI2c bus(0x18, std::move(script));
  return poll_once(*make_i2c_sensor("mcp9808", bus));
}

double celsius(Bytes temperature) { return poll(script_with(std::move(temperature))).value()["temperature"].value(); }

TEST(Mcp9808, ReadsWhatPeriphExpects) {
  EXPECT_EQ(celsius({0x00, 0x00}), 0);
  EXPECT_EQ(celsius({0x1f, 0x60}), -10);    // periph/devices mcp9808/mcp9808_test.go
  EXPECT_EQ(celsius({0x01, 0x94}), 25.25);  // DS25095A §5.1.3.1, equation 5-1
}

TEST(Mcp9808, TheAlertFlagsAreNoPartOfTheValue) {
  EXPECT_EQ(celsius({0xc1, 0x94}), 25.25);
  EXPECT_EQ(celsius({0xff, 0x60}), -10);
}

TEST(Mcp9808, AnotherIdentityIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x06}, {0x00, 0x00})}).error().code, Errc::wrong_chip);
  EXPECT_EQ(poll({i2c::write_read({0x06}, {0x00, 0x54}), i2c::write_read({0x07}, {0x02, 0x00})}).error().code,
            Errc::wrong_chip);
}

TEST(Mcp9808, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("mcp9808", 0x18, script_with({0x01, 0x94}));
}

}  // namespace
}  // namespace b2m
