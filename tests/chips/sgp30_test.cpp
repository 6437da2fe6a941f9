#include "tests/fakes/checked_words.hpp"
#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

const Bytes measured{0x12, 0x34, 0x37, 0xd4, 0x02, 0xa4};  // dbrgn/sgp30-rs src/lib.rs measure_success

I2cScript script_with(Bytes answer) {
  return {i2c::write({0x20, 0x2f}), i2c::read({0x00, 0x42, 0xde}), i2c::write({0x20, 0x03}), i2c::write({0x20, 0x08}),
          i2c::read(std::move(answer))};
}

Result<Poll> poll(I2cScript script) {
  ScriptedI2c bus(0x58, std::move(script));
  return poll_once(*make_i2c_sensor("sgp30", bus));
}

TEST(Sgp30, ReadsWhatSgp30RsExpects) {
  const auto values = poll(script_with(measured));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["co2"].value(), 4660e-6, 1e-12);
  EXPECT_NEAR((*values)["tvoc"].value(), 54274e-9, 1e-15);
}

TEST(Sgp30, AWrongChecksumInAnyWordGivesNoValue) {
  for (const std::size_t wrong : {2u, 5u}) {
    auto answer = measured;
    answer[wrong] ^= 0x10;
    const auto values = poll(script_with(answer));
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code, Errc::checksum);
  }
}

TEST(Sgp30, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("sgp30", 0x58, script_with(measured));
}

TEST(Sgp30, AnotherProductTypeIsTheWrongChip) {
  const auto values = poll({i2c::write({0x20, 0x2f}), i2c::read(words({0x1042}))});  // 1: SGPC3
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::wrong_chip);
}

TEST(Sgp30, TheFixedValuesOfTheFirstFifteenSecondsAreNoReadings) {
  const auto clean = words({400, 0});
  auto script = script_with(clean);
  for (int i = 1; i < 16; ++i) {
    script.push_back(i2c::write({0x20, 0x08}));
    script.push_back(i2c::read(clean));
  }
  ScriptedI2c bus(0x58, script);
  const auto sensor = make_i2c_sensor("sgp30", bus);
  EXPECT_EQ(poll_once(*sensor).error().code, Errc::not_ready);
  for (int i = 1; i < 15; ++i) EXPECT_EQ(poll_again(*sensor).error().code, Errc::not_ready);
  const auto later = poll_again(*sensor);
  ASSERT_TRUE(later);
  EXPECT_NEAR((*later)["co2"].value(), 400e-6, 1e-12);
  EXPECT_EQ((*later)["tvoc"], 0.0);
}

TEST(Sgp30, IsRecognisedByItsFeatureSet) {
  ScriptedI2c bus(0x58, {i2c::write({0x20, 0x2f}), i2c::read({0x00, 0x42, 0xde})});
  EXPECT_EQ(driver_named("sgp30").driver->probe({&bus, 0x58}), "sgp30");
}

}  // namespace
}  // namespace b2m
