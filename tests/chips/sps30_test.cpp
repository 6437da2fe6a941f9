#include "tests/fakes/checked_words.hpp"
#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

const Bytes type = words({0x3030, 0x3038, 0x3030, 0x3030});  // SPS30 datasheet, "Read device information": "00080000"

// 1.5, 2.25, 2.5, 2.75 µg/m³; 10, 11, 12, 13, 14 /cm³; 0.5 µm. IEEE 754 by hand.
const Bytes measured = words(
    {0x3fc0, 0, 0x4010, 0, 0x4020, 0, 0x4030, 0, 0x4120, 0, 0x4130, 0, 0x4140, 0, 0x4150, 0, 0x4160, 0, 0x3f00, 0});

I2cScript script_with(Bytes answer, Bytes status = words({0, 0})) {
  return {i2c::write({0x11, 0x03}), i2c::write({0x11, 0x03}),
          i2c::write({0x01, 0x04}), i2c::write({0xd0, 0x02}),
          i2c::read(type),          i2c::write({0x00, 0x10, 0x03, 0x00, 0xac}),  // the datasheet's example of the start
          i2c::write({0x02, 0x02}), i2c::read(words({1})),
          i2c::write({0xd2, 0x06}), i2c::read(std::move(status)),
          i2c::write({0x03, 0x00}), i2c::read(std::move(answer))};
}

Result<Poll> poll(I2cScript script) {
  ScriptedI2c bus(0x69, std::move(script));
  return poll_once(*make_i2c_sensor("sps30", bus));
}

TEST(Sps30, ReadsMassesAndNumbers) {
  const auto values = poll(script_with(measured));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["pm1"].value(), 1.5e-9, 1e-18);
  EXPECT_NEAR((*values)["pm10"].value(), 2.75e-9, 1e-18);
  EXPECT_NEAR((*values)["particles_0_5"].value(), 10e6, 1e-3);
  EXPECT_NEAR((*values)["particles_10"].value(), 14e6, 1e-3);
}

TEST(Sps30, AWrongChecksumInAnyWordGivesNoValue) {
  for (std::size_t wrong = 2; wrong < 60; wrong += 3) {
    auto answer = measured;
    answer[wrong] ^= 0x01;
    EXPECT_EQ(poll(script_with(answer)).error().code, Errc::checksum);
  }
}

TEST(Sps30, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("sps30", 0x69, script_with(measured));
}

TEST(Sps30, ASleepingPartDoesNotAcknowledgeTheFirstWakeUp) {
  auto script = script_with(measured);
  script[0] = i2c::failing(script[0], Errc::no_ack);
  EXPECT_TRUE(poll(script));
}

TEST(Sps30, OldFirmwareHasNoStatus) {
  auto script = script_with(measured);
  script[9] = i2c::failing(script[9], Errc::no_ack);
  EXPECT_TRUE(poll(script));
  script = script_with(measured);
  script[8] = i2c::failing(script[8], Errc::no_ack);
  script.erase(script.begin() + 9);
  EXPECT_TRUE(poll(script));
}

TEST(Sps30, ABlockedFanOrAFailedLaserGivesNoValue) {
  for (const auto fault : std::initializer_list<std::uint16_t>{0x0010, 0x0020}) {
    auto script = script_with(measured, words({0, fault}));
    script.resize(10);
    EXPECT_EQ(poll(script).error().code, Errc::not_ready);
  }
}

TEST(Sps30, AnotherProductTypeIsTheWrongChip) {
  auto script = script_with(measured);
  script.resize(5);
  script[4].answer = words({0x3030, 0x3038, 0x3030, 0x3031});
  EXPECT_EQ(poll(script).error().code, Errc::wrong_chip);
}

TEST(Sps30, IsRecognisedByItsProductType) {
  ScriptedI2c bus(0x69, {i2c::write({0xd0, 0x02}), i2c::read(type)});
  EXPECT_EQ(driver_named("sps30").driver->probe({&bus, 0x69}), "sps30");
}

}  // namespace
}  // namespace b2m
