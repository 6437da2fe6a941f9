#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"
#include "tests/fakes/scripted_serial.hpp"

namespace b2m {
namespace {

using serial::Bytes;

/// A start as the manual's appendix II has it, then `arriving`.
Result<Poll> poll(std::string_view model, Bytes arriving, bool stays_silent = false) {
  ScriptedSerial port(
      {serial::write({0x42, 0x4d, 0xe4, 0x00, 0x01, 0x01, 0x74}),
       serial::write({0x42, 0x4d, 0xe1, 0x00, 0x01, 0x01, 0x71}), serial::discard(), serial::read(std::move(arriving))},
      stays_silent);
  return poll_once(*make_serial_sensor(model, port));
}

Bytes with_sum(Bytes frame) {
  unsigned sum = 0;
  for (const auto byte : frame) sum += byte;
  frame.push_back(static_cast<std::uint8_t>(sum >> 8));
  frame.push_back(static_cast<std::uint8_t>(sum & 0xff));
  return frame;
}

// dnutiu/pms5003 Pms5003DataUnitTest.cs Test_ToString
const Bytes recorded{0x42, 0x4d, 0x00, 0x1c, 0x00, 0x07, 0x00, 0x0c, 0x00, 0x0d, 0x00, 0x07, 0x00, 0x0c, 0x00, 0x0d,
                     0x05, 0xe2, 0x01, 0x98, 0x00, 0x42, 0x00, 0x0c, 0x00, 0x02, 0x00, 0x02, 0x97, 0x00, 0x03, 0x54};

TEST(Pms5003, ReadsTheAtmosphericConcentrationsAndTheCounts) {
  const auto values = poll("pms5003", recorded);
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["pm1"].value(), 7e-9, 1e-15);
  EXPECT_NEAR((*values)["pm2_5"].value(), 12e-9, 1e-15);
  EXPECT_NEAR((*values)["pm10"].value(), 13e-9, 1e-15);
  EXPECT_EQ((*values)["particles_0_3"], 1506e4);
  EXPECT_EQ((*values)["particles_0_5"], 408e4);
  EXPECT_EQ((*values)["particles_1_0"], 66e4);
  EXPECT_EQ((*values)["particles_2_5"], 12e4);
  EXPECT_EQ((*values)["particles_5_0"], 2e4);
  EXPECT_EQ((*values)["particles_10"], 2e4);
}

TEST(Pms5003, TheTwoKindsOfConcentrationAreNotMixedUp) {
  auto frame = recorded;
  frame.resize(30);
  frame[13] = 0x63;  // PM2.5 of the atmosphere; byte 7 is that for factories
  EXPECT_NEAR((*poll("pms7003", with_sum(frame)))["pm2_5"].value(), 99e-9, 1e-15);
}

TEST(Pms5003, ADamagedFrameGivesNoValue) {
  for (std::size_t i = 4; i < recorded.size(); ++i) {
    auto frame = recorded;
    frame[i] ^= 0x10;
    const auto values = poll("pms5003", frame, true);
    ASSERT_FALSE(values) << i;
    EXPECT_EQ(values.error().code, Errc::checksum) << i;
  }
}

// The answer to the command for active mode, and a half frame, come first.
TEST(Pms5003, WhatIsNoMeasurementIsPassedOver) {
  Bytes stream{0x42, 0x4d, 0x00, 0x04, 0xe1, 0x01, 0x01, 0x74, 0x00, 0x0c, 0x00};
  stream.insert(stream.end(), recorded.begin(), recorded.end());
  EXPECT_TRUE(poll("pms5003", stream));
}

// Plantower PMS5003T: temperature and humidity in place of the two largest counts.
TEST(Pms5003, TheTTypesTellTemperaturesBelowZero) {
  auto frame = recorded;
  frame.resize(30);
  frame[24] = 0xff, frame[25] = 0xce;  // -5.0 °C
  frame[26] = 0x02, frame[27] = 0x0d;  // 52.5 %
  const auto values = poll("pms5003t", with_sum(frame));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), -5, 1e-9);
  EXPECT_NEAR((*values)["humidity"].value(), 52.5, 1e-9);
  EXPECT_FALSE(values->has("particles_10"));
}

TEST(Pms5003, TheLongFrameOfTheStIsReadWhole) {
  Bytes frame(38, 0);
  std::copy_n(recorded.begin(), 28, frame.begin());
  frame[3] = 0x24;
  frame[30] = 0x00, frame[31] = 0xfb;  // 25.1 °C
  frame[32] = 0x01, frame[33] = 0xa4;  // 42.0 %
  const auto values = poll("pms5003st", with_sum(frame));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 25.1, 1e-9);
  EXPECT_NEAR((*values)["humidity"].value(), 42, 1e-9);
  EXPECT_EQ((*values)["particles_10"], 2e4);
}

TEST(Pms5003, TheShortFrameOfThePms3003HasNoCounts) {
  auto frame = recorded;
  frame[3] = 0x14;
  frame.resize(22);
  const auto values = poll("pms3003", with_sum(frame));
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 3U);
  EXPECT_NEAR((*values)["pm10"].value(), 13e-9, 1e-15);
}

}  // namespace
}  // namespace b2m
