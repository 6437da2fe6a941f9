#include "drivers/engine/checksum.hpp"
#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes answer) {
  return {i2c::write({0x30, 0x93}),    i2c::write({0x30, 0xa2}),      i2c::write({0x30, 0x66}),
          i2c::write({0xf3, 0x2d}),    i2c::read({0x80, 0x10, 0xe1}), i2c::write({0x24, 0x00}),
          i2c::read(std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x44, std::move(script));
  return poll_once(*make_i2c_sensor("sht31", bus, options));
}

const Bytes beef{0xbe, 0xef, 0x92, 0xbe, 0xef, 0x92};  // gobot sht3x_driver_test.go TestSHT3xSampleNormal

TEST(Sht3x, ReadsWhatGobotExpects) {
  const auto values = poll(script_with(beef));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 85.523003, 1e-6);
  EXPECT_NEAR((*values)["humidity"].value(), 74.5845, 1e-4);
}

// Sensirion/python-i2c-sht tests/sht3x/test_response_types.py
TEST(Sht3x, TheEndsOfTheScalesAreExact) {
  const auto high = poll(script_with({0xff, 0xff, 0xac, 0xff, 0xff, 0xac}));
  ASSERT_TRUE(high);
  EXPECT_EQ((*high)["temperature"], 130.0);
  EXPECT_EQ((*high)["humidity"], 100.0);
  const auto low = poll(script_with({0x00, 0x00, 0x81, 0x00, 0x00, 0x81}));
  ASSERT_TRUE(low);
  EXPECT_EQ((*low)["temperature"], -45.0);
  EXPECT_EQ((*low)["humidity"], 0.0);
}

TEST(Sht3x, AWrongChecksumInAnyWordGivesNoValue) {
  for (const std::size_t wrong : {2u, 5u}) {
    auto answer = beef;
    answer[wrong] ^= 0x01;
    const auto values = poll(script_with(answer));
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code, Errc::checksum);
    EXPECT_EQ(values.error().detail, wrong == 2 ? "word 1 of 2" : "word 2 of 2");
  }
}

TEST(Sht3x, ADamagedStatusWordIsAnError) {
  auto script = script_with(beef);
  script.resize(5);
  script[4].answer = {0x80, 0x10, 0x00};
  const auto values = poll(script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::checksum);
}

TEST(Sht3x, AHeaterThatStaysOnIsAnError) {
  auto script = script_with(beef);
  script.resize(5);
  script[4].answer = {0xa0, 0x10, crc8_sensirion(Bytes{0xa0, 0x10})};
  const auto values = poll(script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::not_ready);
}

TEST(Sht3x, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("sht31", 0x44, script_with(beef));
}

TEST(Sht3x, AnIdlePartMayRefuseTheBreak) {
  auto script = script_with(beef);
  script[0] = i2c::failing(script[0], Errc::no_ack);
  EXPECT_TRUE(poll(script));
}

TEST(Sht3x, AMissingPartIsNotAcknowledged) {
  auto script = script_with(beef);
  script.resize(2);
  script[0] = i2c::failing(script[0], Errc::no_ack);
  script[1] = i2c::failing(script[1], Errc::no_ack);
  const auto values = poll(script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::no_ack);
}

TEST(Sht3x, ARefusedReadMeansThatTheConversionIsNotFinished) {
  auto script = script_with(beef);
  script.back() = i2c::failing(script.back(), Errc::no_ack);
  const auto values = poll(script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::not_ready);
}

TEST(Sht3x, RepeatabilityChoosesTheCommandAndItsWait) {
  for (const auto& [choice, low_byte, wait] :
       {std::tuple{"high", 0x00, 15500}, {"medium", 0x0b, 6500}, {"low", 0x16, 4500}}) {
    auto script = script_with(beef);
    script[5] = i2c::write({0x24, static_cast<std::uint8_t>(low_byte)});
    ScriptedI2c bus(0x44, script);
    const auto sensor = make_i2c_sensor("sht30", bus, {{"repeatability", choice}});
    ASSERT_TRUE(run_step(*sensor, &Sensor::init));
    const auto values = poll_again(*sensor);
    ASSERT_TRUE(values);
    EXPECT_GE(values->waited, std::chrono::microseconds(wait));
  }
}

}  // namespace
}  // namespace b2m
