#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes data, std::uint8_t id = 0x50) {
  return {i2c::write_read({0x01}, {id}),   i2c::write({0x7e, 0xb6}),
          i2c::write({0x37, 0x80}),        i2c::write({0x15, 0x01}),
          i2c::write({0x36, 0x60}),        i2c::write({0x37, 0x82}),
          i2c::write_read({0x27}, {0x01}), i2c::write_read({0x1d}, std::move(data))};
}

Result<Poll> poll(I2cScript script, std::string_view model = "bmp581") {
  ScriptedI2c bus(0x46, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus));
}

// BST-BMP581-DS004 §4.5: 1/65536 °C and 1/64 Pa. 23.5 · 65536 = 0x178000, 101325 · 64 = 0x62f340.
const Bytes room{0x00, 0x80, 0x17, 0x40, 0xf3, 0x62};

TEST(Bmp581, ReadsByTheScalesOfItsDatasheet) {
  const auto values = poll(script_with(room));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"], 23.5);
  EXPECT_EQ((*values)["pressure"], 101325.0);
}

TEST(Bmp581, ATemperatureBelowZeroKeepsItsSignAndALargePressureHasNone) {
  const auto values = poll(script_with({0x00, 0x80, 0xf5, 0x00, 0x00, 0x80}));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"], -10.5);
  EXPECT_EQ((*values)["pressure"], 131072.0);
}

TEST(Bmp581, TheResetValueIsNoMeasurement) {
  const auto values = poll(script_with(Bytes(6, 0x7f)));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"].error().code, Errc::not_ready);
  EXPECT_EQ((*values)["pressure"].error().code, Errc::not_ready);
}

TEST(Bmp581, TheTwoPartsAreToldApartByTheirIdentity) {
  EXPECT_TRUE(poll(script_with(room, 0x51), "bmp585"));
  EXPECT_EQ(poll({i2c::write_read({0x01}, {0x51})}).error().code, Errc::wrong_chip);
}

// BST-BMP581-DS004 §7.36
TEST(Bmp581, TheResetIsNotAcknowledged) {
  auto script = script_with(room);
  script[1] = i2c::failing(script[1], Errc::no_ack);
  EXPECT_TRUE(poll(script));
}

TEST(Bmp581, AMeasurementThatDoesNotEndIsATimeout) {
  auto script = script_with(room);
  script.resize(6);
  script.resize(56, i2c::write_read({0x27}, {0x00}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Bmp581, StartsFromTheBeginningAfterAnError) {
  auto script = script_with(room);
  auto broken = script;
  broken.resize(7);
  broken.back() = i2c::failing(broken.back(), Errc::io);
  broken.insert(broken.end(), script.begin(), script.end());
  ScriptedI2c bus(0x46, broken);
  const auto sensor = make_i2c_sensor("bmp581", bus);
  EXPECT_FALSE(poll_once(*sensor));
  EXPECT_TRUE(poll_once(*sensor));
}

TEST(Bmp581, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("bmp581", 0x46, script_with(room));
}

}  // namespace
}  // namespace b2m
