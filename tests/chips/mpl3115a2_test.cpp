#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes data) {
  return {i2c::write_read({0x0c}, {0xc4}), i2c::write({0x26, 0x28}),
          i2c::write({0x0f, 0x00}),        i2c::write({0x13, 0x07}),
          i2c::write({0x26, 0x28}),        i2c::write({0x26, 0x2a}),
          i2c::write_read({0x00}, {0x0e}), i2c::write_read({0x01}, std::move(data))};
}

Result<Poll> poll(I2cScript script) {
  ScriptedI2c bus(0x60, std::move(script));
  return poll_once(*make_i2c_sensor("mpl3115a2", bus));
}

// MPL3115A2 §14.3, §14.4: 101325.25 Pa · 4 = 0x62f35 and -1.5 °C · 16 = 0xfe8, both left aligned
const Bytes frost{0x62, 0xf3, 0x50, 0xfe, 0x80};

TEST(Mpl3115a2, ReadsByTheScalesOfItsDatasheetAndKeepsTheSign) {
  const auto values = poll(script_with(frost));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["pressure"], 101325.25);
  EXPECT_EQ((*values)["temperature"], -1.5);
  EXPECT_GE(values->waited, std::chrono::milliseconds(130));
}

TEST(Mpl3115a2, AnotherIdentityIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x0c}, {0x00})}).error().code, Errc::wrong_chip);
}

TEST(Mpl3115a2, AMeasurementThatDoesNotEndIsATimeout) {
  auto script = script_with(frost);
  script.resize(6);
  script.resize(56, i2c::write_read({0x00}, {0x04}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Mpl3115a2, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("mpl3115a2", 0x60, script_with(frost));
}

}  // namespace
}  // namespace b2m
