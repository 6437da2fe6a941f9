#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

/// ST's ultra lite driver (STSW-IMG009): the default configuration from register 0x2d to 0x87, behind its address.
const Bytes configuration{
    0x00, 0x2d, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x02, 0x08, 0x00, 0x08, 0x10, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00,
    0xff, 0x00, 0x0f, 0x00, 0x00, 0x00, 0x00, 0x00, 0x20, 0x0b, 0x00, 0x00, 0x02, 0x0a, 0x21, 0x00, 0x00, 0x05, 0x00,
    0x00, 0x00, 0x00, 0xc8, 0x00, 0x00, 0x38, 0xff, 0x01, 0x00, 0x08, 0x00, 0x00, 0x01, 0xdb, 0x0f, 0x01, 0xf1, 0x0d,
    0x01, 0x68, 0x00, 0x80, 0x08, 0xb8, 0x00, 0x00, 0x00, 0x00, 0x0f, 0x89, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x01, 0x0f, 0x0d, 0x0e, 0x0e, 0x00, 0x00, 0x02, 0xc7, 0xff, 0x9b, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00};

Bytes result(std::uint8_t status, std::uint16_t mm) {
  Bytes bytes(15, 0);
  bytes[0] = status;
  bytes[13] = static_cast<std::uint8_t>(mm >> 8);
  bytes[14] = static_cast<std::uint8_t>(mm & 0xff);
  return bytes;
}

I2cScript script_with(Bytes answer) {
  return {i2c::write_read({0x01, 0x0f}, {0xea, 0xcc}),
          i2c::write({0x00, 0x00, 0x00}),
          i2c::write({0x00, 0x00, 0x01}),
          i2c::write_read({0x00, 0xe5}, {0x03}),
          i2c::write(configuration),
          i2c::write({0x00, 0x87, 0x40}),
          i2c::write_read({0x00, 0x31}, {0x03}),
          i2c::write({0x00, 0x86, 0x01}),
          i2c::write({0x00, 0x87, 0x00}),
          i2c::write({0x00, 0x08, 0x09}),
          i2c::write({0x00, 0x0b, 0x00}),
          i2c::write({0x00, 0x87, 0x40}),
          i2c::write({0x00, 0x86, 0x01}),
          i2c::write_read({0x00, 0x31}, {0x03}),
          i2c::write_read({0x00, 0x89}, std::move(answer))};
}

Result<Poll> poll(I2cScript script) {
  ScriptedI2c bus(0x29, std::move(script));
  return poll_once(*make_i2c_sensor("vl53l1x", bus));
}

TEST(Vl53l1x, ReadsMillimetres) {
  const auto values = poll(script_with(result(0x09, 1234)));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["distance"].value(), 1.234, 1e-12);
}

// UM2510, range status; the raw numbers by the table of the ultra lite driver.
TEST(Vl53l1x, OnlyAValidRangeIsADistance) {
  const std::pair<std::uint8_t, Errc> cases[] = {
      {4, Errc::out_of_range}, {5, Errc::out_of_range}, {6, Errc::out_of_range}, {7, Errc::out_of_range},
      {8, Errc::out_of_range}, {1, Errc::io},           {18, Errc::not_ready},   {0, Errc::out_of_range}};
  for (const auto& [status, code] : cases) {
    const auto values = poll(script_with(result(status, 1234)));
    ASSERT_TRUE(values);
    EXPECT_EQ((*values)["distance"].error().code, code) << unsigned{status};
  }
}

TEST(Vl53l1x, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("vl53l1x", 0x29, script_with(result(9, 100)));
}

TEST(Vl53l1x, AnotherModelIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x01, 0x0f}, {0xeb, 0xaa})}).error().code, Errc::wrong_chip);  // VL53L4CD
}

TEST(Vl53l1x, APartThatDoesNotBootIsATimeout) {
  auto script = script_with(result(9, 100));
  script.resize(3);
  script.resize(103, i2c::write_read({0x00, 0xe5}, {0x02}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Vl53l1x, APartThatNeverGetsReadyIsATimeout) {
  auto script = script_with(result(9, 100));
  script.resize(13);
  script.resize(63, i2c::write_read({0x00, 0x31}, {0x02}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

TEST(Vl53l1x, StartsFromTheBeginningAfterAnError) {
  const auto whole = script_with(result(9, 100));
  I2cScript script(whole.begin(), whole.begin() + 4);
  script.back() = i2c::failing(script.back(), Errc::no_ack);
  script.insert(script.end(), whole.begin(), whole.end());
  ScriptedI2c bus(0x29, script);
  const auto sensor = make_i2c_sensor("vl53l1x", bus);
  EXPECT_FALSE(poll_once(*sensor));
  EXPECT_TRUE(poll_once(*sensor));
}

}  // namespace
}  // namespace b2m
