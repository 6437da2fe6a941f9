#include "tests/fakes/checked_words.hpp"
#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

const Bytes serial{0x00, 0x01, 0xb0, 0x00, 0x02, 0xe3, 0x00, 0x03, 0xd2};

// SGP40 datasheet: 0x8000 0xa2 is 50 %RH, 0x6666 0x93 is 25 °C; kvasir_devices thermal_test.cpp gas().
I2cScript sgp40_script(Bytes answer) {
  return {i2c::write({0x36, 0x82}), i2c::read(serial), i2c::write({0x26, 0x0f, 0x80, 0x00, 0xa2, 0x66, 0x66, 0x93}),
          i2c::read(std::move(answer))};
}

I2cScript sgp41_script(Bytes answer) {
  I2cScript script{i2c::write({0x36, 0x82}), i2c::read(serial)};
  for (int second = 0; second < 10; ++second) {
    script.push_back(i2c::write({0x26, 0x12, 0x80, 0x00, 0xa2, 0x66, 0x66, 0x93}));
    script.push_back(i2c::read(words({30000})));
  }
  script.push_back(i2c::write({0x26, 0x19, 0x80, 0x00, 0xa2, 0x66, 0x66, 0x93}));
  script.push_back(i2c::read(std::move(answer)));
  return script;
}

Result<Poll> poll(std::string_view model, I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x59, std::move(script));
  return poll_once(*make_i2c_sensor(model, bus, options));
}

TEST(Sgp4x, AnSgp40HasOneSignal) {
  const auto values = poll("sgp40", sgp40_script({0x12, 0x34, 0x37}));
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 1u);
  EXPECT_EQ((*values)["voc_raw"], 4660.0);
}

TEST(Sgp4x, AnSgp41IsConditionedForTenSecondsAndHasTwoSignals) {
  const auto values = poll("sgp41", sgp41_script(words({31000, 17000})));
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["voc_raw"], 31000.0);
  EXPECT_EQ((*values)["nox_raw"], 17000.0);
  EXPECT_GE(values->waited, std::chrono::seconds(10));
  EXPECT_LT(values->waited, std::chrono::milliseconds(10'200));
}

TEST(Sgp4x, AWrongChecksumInAnyWordGivesNoValue) {
  EXPECT_EQ(poll("sgp40", sgp40_script({0x12, 0x34, 0x38})).error().code, Errc::checksum);
  for (const std::size_t wrong : {2u, 5u}) {
    auto answer = words({31000, 17000});
    answer[wrong] ^= 0x04;
    EXPECT_EQ(poll("sgp41", sgp41_script(answer)).error().code, Errc::checksum);
  }
}

TEST(Sgp4x, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("sgp40", 0x59, sgp40_script({0x12, 0x34, 0x37}));
  expect_each_failure_is_reported("sgp41", 0x59, sgp41_script(words({1, 2})));
}

TEST(Sgp4x, AMeasurementThatIsNotFinishedIsNotReady) {
  auto script = sgp40_script({0x12, 0x34, 0x37});
  script.back() = i2c::failing(script.back(), Errc::no_ack);
  EXPECT_EQ(poll("sgp40", script).error().code, Errc::not_ready);
}

// SGP40 datasheet, the ends of the scales.
TEST(Sgp4x, TheCompensationIsSentWithEachMeasurement) {
  auto script = sgp40_script({0x12, 0x34, 0x37});
  script[2] = i2c::write(command(0x260f, {0xffff, 0x0000}));
  EXPECT_TRUE(poll("sgp40", script, {{"humidity_percent", "100"}, {"temperature_c", "-45"}}));
}

}  // namespace
}  // namespace b2m
