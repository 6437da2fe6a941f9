#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

const I2cStep wake = i2c::failing(i2c::write({0x00}), Errc::no_ack);
const I2cStep ask = i2c::write({0x03, 0x00, 0x04});
const Bytes periph{0x03, 0x04, 0x01, 0x5c, 0x00, 0xef, 0x71, 0x8a};  // periph/devices am2320/am2320_test.go pbSense

Result<Poll> poll(I2cScript script) {
  ScriptedI2c bus(0x5c, std::move(script));
  return poll_once(*make_i2c_sensor("am2320", bus));
}

TEST(Am2320, ReadsWhatPeriphExpects) {
  const auto values = poll({wake, ask, i2c::read(periph)});
  ASSERT_TRUE(values);
  EXPECT_DOUBLE_EQ((*values)["temperature"].value(), 23.9);
  EXPECT_DOUBLE_EQ((*values)["humidity"].value(), 34.8);
}

TEST(Am2320, TheSignOfTheTemperatureIsABitOfItsOwn) {
  const auto values = poll({wake, ask, i2c::read({0x03, 0x04, 0x01, 0x5c, 0x80, 0x65, 0x91, 0xed})});
  ASSERT_TRUE(values);
  EXPECT_DOUBLE_EQ((*values)["temperature"].value(), -10.1);
}

TEST(Am2320, AWrongChecksumGivesNoValue) {
  for (std::size_t wrong = 0; wrong < periph.size(); ++wrong) {
    auto frame = periph;
    frame[wrong] ^= 0x10;
    EXPECT_EQ(poll({wake, ask, i2c::read(frame)}).error().code, Errc::checksum);
  }
}

TEST(Am2320, AnExceptionIsNoMeasurement) {
  const auto values = poll({wake, ask, i2c::read({0x83, 0x04, 0x00, 0x00, 0x00, 0x00, 0xee, 0x28})});
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::io);
}

TEST(Am2320, APartThatFellAsleepIsWokenAgain) {
  EXPECT_TRUE(poll({wake, i2c::failing(ask, Errc::no_ack), wake, ask, i2c::read(periph)}));
}

TEST(Am2320, AMissingPartIsNotAcknowledged) {
  const I2cStep refused = i2c::failing(ask, Errc::no_ack);
  const auto values = poll({wake, refused, wake, refused, wake, refused, wake, refused});
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::no_ack);
}

TEST(Am2320, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("am2320", 0x5c, {i2c::write({0x00}), ask, i2c::read(periph)});
}

}  // namespace
}  // namespace b2m
