#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

const Bytes measured{0x82, 0x02, 0x34, 0x12, 0x78, 0x56};  // a public test of little-endian decoding, ens160-le

// ENS160 datasheet rev. 0.95, examples of TEMP_IN and RH_IN: 25 °C is 0x4a8a, 50 % is 0x6400; the low byte goes first.
I2cScript script_with(Bytes answer) {
  const std::uint8_t status = answer[0];
  return {i2c::write_read({0x00}, {0x60, 0x01}),
          i2c::write({0x10, 0x01}),
          i2c::write({0x13, 0x8a}),
          i2c::write({0x14, 0x4a}),
          i2c::write({0x15, 0x00}),
          i2c::write({0x16, 0x64}),
          i2c::write({0x10, 0x02}),
          i2c::write_read({0x10}, {2}),
          i2c::write_read({0x20}, {status}),
          i2c::write_read({0x20}, std::move(answer))};
}

Result<Poll> poll(I2cScript script) {
  ScriptedI2c bus(0x52, std::move(script));
  return poll_once(*make_i2c_sensor("ens160", bus));
}

TEST(Ens160, ReadsLittleEndianWords) {
  const auto values = poll(script_with(measured));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["air_quality_index"], 2.0);
  EXPECT_NEAR((*values)["tvoc"].value(), 4660e-9, 1e-15);
  EXPECT_NEAR((*values)["co2"].value(), 22136e-6, 1e-12);
}

TEST(Ens160, OnlyWhatThePartCallsValidIsAReading) {
  for (const std::uint8_t validity : Bytes{1, 2, 3}) {
    auto answer = measured;
    answer[0] = static_cast<std::uint8_t>(0x82 | validity << 2);
    EXPECT_EQ(poll(script_with(answer)).error().code, Errc::not_ready);
  }
  auto faulty = measured;
  faulty[0] |= 0x40;
  EXPECT_EQ(poll(script_with(faulty)).error().code, Errc::io);
}

TEST(Ens160, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("ens160", 0x52, script_with(measured));
}

TEST(Ens160, AnotherPartIsTheWrongChip) {
  EXPECT_EQ(poll({i2c::write_read({0x00}, {0x61, 0x01})}).error().code, Errc::wrong_chip);
}

TEST(Ens160, APartThatIsIdleAgainLostItsSupply) {
  auto script = script_with(measured);
  script.resize(8);
  script[7].answer = {0x01};
  EXPECT_EQ(poll(script).error().code, Errc::io);
}

TEST(Ens160, APartThatNeverGetsReadyIsATimeout) {
  auto script = script_with(measured);
  script.resize(8);
  script.resize(8 + 30, i2c::write_read({0x20}, {0x80}));
  EXPECT_EQ(poll(script).error().code, Errc::timeout);
}

}  // namespace
}  // namespace b2m
