#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"
#include "tests/fakes/scripted_serial.hpp"

namespace b2m {
namespace {

using serial::Bytes;

/// Control protocol V1.3: the examples for "work" and "report by itself", and continuous work.
Bytes command(std::uint8_t what, std::uint8_t value, std::uint8_t sum) {
  return {0xaa, 0xb4, what, 0x01, value, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, sum, 0xab};
}

Result<Poll> poll(Bytes arriving, bool stays_silent = false) {
  ScriptedSerial port({serial::write(command(6, 1, 0x06)), serial::write(command(2, 0, 0x01)),
                       serial::write(command(8, 0, 0x07)), serial::discard(), serial::read(std::move(arriving))},
                      stays_silent);
  return poll_once(*make_serial_sensor("sds011", port));
}

// The example of the specification.
const Bytes example{0xaa, 0xc0, 0xd4, 0x04, 0x3a, 0x0a, 0xa1, 0x60, 0x1d, 0xab};

TEST(Sds011, AgreesWithTheExampleOfItsSpecification) {
  const auto values = poll(example);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["pm2_5"].value(), 123.6e-9, 1e-15);
  EXPECT_NEAR((*values)["pm10"].value(), 261.8e-9, 1e-15);
}

TEST(Sds011, AReplyToACommandIsNoMeasurement) {
  Bytes stream{0xaa, 0xc5, 0x02, 0x01, 0x00, 0x00, 0xa1, 0x60, 0x04, 0xab};
  const auto alone = poll(stream, true);
  ASSERT_FALSE(alone);
  EXPECT_EQ(alone.error().code, Errc::timeout);
  stream.insert(stream.end(), example.begin(), example.end());
  EXPECT_TRUE(poll(stream));
}

TEST(Sds011, ADamagedFrameGivesNoValue) {
  for (std::size_t i = 2; i < example.size(); ++i) {
    auto frame = example;
    frame[i] ^= 0x01;
    const auto values = poll(frame, true);
    ASSERT_FALSE(values) << i;
    EXPECT_EQ(values.error().code, Errc::checksum) << i;
  }
}

}  // namespace
}  // namespace b2m
