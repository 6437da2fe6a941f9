#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"
#include "tests/fakes/scripted_serial.hpp"

namespace b2m {
namespace {

using serial::Bytes;

Result<Poll> poll(Bytes answer, bool stays_silent = false) {
  ScriptedSerial port({serial::discard(), serial::write({0x01, 0x04, 0x00, 0x00, 0x00, 0x0a, 0x70, 0x0d}),
                       serial::read(std::move(answer))},
                      stays_silent);
  return poll_once(*make_serial_sensor("pzem004t", port));
}

// Recorded frame in a comment of esphome pzemac.cpp
const Bytes recorded{0x01, 0x04, 0x14, 0x08, 0xd1, 0x00, 0x6c, 0x00, 0x00, 0x00, 0xf4, 0x00, 0x00,
                     0x00, 0x26, 0x00, 0x00, 0x01, 0xf4, 0x00, 0x64, 0x00, 0x00, 0x51, 0x34};

TEST(Pzem004t, ReadsAllRegisters) {
  const auto values = poll(recorded);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["voltage"].value(), 225.7, 1e-9);
  EXPECT_NEAR((*values)["current"].value(), 0.108, 1e-9);
  EXPECT_NEAR((*values)["power"].value(), 24.4, 1e-9);
  EXPECT_NEAR((*values)["energy"].value(), 38 * 3600, 1e-6);
  EXPECT_NEAR((*values)["frequency"].value(), 50, 1e-9);
  EXPECT_NEAR((*values)["power_factor"].value(), 1, 1e-9);
}

// User manual §2.3: the low word of 32 bits comes first; 70.000 A is 0x00011170.
TEST(Pzem004t, LargeValuesHaveTheirLowWordFirst) {
  Bytes frame(recorded.begin(), recorded.end() - 2);
  frame[5] = 0x11, frame[6] = 0x70, frame[7] = 0x00, frame[8] = 0x01;
  unsigned crc = 0xffff;
  for (const auto byte : frame) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xa001 : crc >> 1;
  }
  frame.push_back(static_cast<std::uint8_t>(crc & 0xff));
  frame.push_back(static_cast<std::uint8_t>(crc >> 8));
  EXPECT_NEAR((*poll(frame))["current"].value(), 70, 1e-9);
}

TEST(Pzem004t, ADamagedAnswerGivesNoValue) {
  for (std::size_t i = 3; i < recorded.size(); ++i) {
    auto frame = recorded;
    frame[i] ^= 0x80;
    const auto values = poll(frame);
    ASSERT_FALSE(values) << i;
    EXPECT_EQ(values.error().code, Errc::checksum) << i;
  }
}

TEST(Pzem004t, TheAnswerOfAnotherMeterIsNotTaken) {
  auto frame = recorded;
  frame[0] = 0x02;
  const auto values = poll(frame, true);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::timeout);
}

// Modbus over Serial Line V1.02, §6.2.2: the CRC of another address.
TEST(Pzem004t, AsksTheMeterOfItsAddress) {
  ScriptedSerial port({serial::discard(), serial::write({0x02, 0x04, 0x00, 0x00, 0x00, 0x0a, 0x70, 0x3e})}, true);
  EXPECT_FALSE(poll_once(*make_serial_sensor("pzem016", port, {{"modbus_address", "2"}})));
}

}  // namespace
}  // namespace b2m
