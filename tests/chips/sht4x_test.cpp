#include "tests/fakes/every_failure.hpp"

namespace b2m {
namespace {

using i2c::Bytes;

I2cScript script_with(Bytes answer, std::uint8_t command = 0xfd) {
  return {i2c::write({0x94}), i2c::write({command}), i2c::read(std::move(answer))};
}

Result<Poll> poll(I2cScript script, const OptionTexts& options = {}) {
  ScriptedI2c bus(0x44, std::move(script));
  return poll_once(*make_i2c_sensor("sht40", bus, options));
}

const Bytes elixir{0x65, 0xe9, 0xea, 0x6d, 0xe5, 0xa0};  // elixir-sensors/sht4x test/sht4x/measurement_test.exs

TEST(Sht4x, ReadsWhatElixirSensorsExpects) {
  const auto values = poll(script_with(elixir));
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 24.67, 0.01);
  EXPECT_NEAR((*values)["humidity"].value(), 47.66, 0.01);
}

TEST(Sht4x, HumidityBeyondTheScaleIsCropped) {
  const auto low = poll(script_with({0x00, 0x00, 0x81, 0x00, 0x00, 0x81}));
  ASSERT_TRUE(low);
  EXPECT_EQ((*low)["temperature"], -45.0);
  EXPECT_EQ((*low)["humidity"], 0.0);
  const auto high = poll(script_with({0xff, 0xff, 0xac, 0xff, 0xff, 0xac}));
  ASSERT_TRUE(high);
  EXPECT_EQ((*high)["temperature"], 130.0);
  EXPECT_EQ((*high)["humidity"], 100.0);
}

TEST(Sht4x, AWrongChecksumInAnyWordGivesNoValue) {
  for (const std::size_t wrong : {2u, 5u}) {
    auto answer = elixir;
    answer[wrong] ^= 0x80;
    EXPECT_EQ(poll(script_with(answer)).error().code, Errc::checksum);
  }
}

TEST(Sht4x, ARefusedReadMeansThatTheConversionIsNotFinished) {
  auto script = script_with(elixir);
  script.back() = i2c::failing(script.back(), Errc::no_ack);
  EXPECT_EQ(poll(script).error().code, Errc::not_ready);
}

TEST(Sht4x, RepeatabilityChoosesTheCommandAndItsWait) {
  for (const auto& [choice, command, wait] :
       {std::tuple{"high", 0xfd, 8300}, {"medium", 0xf6, 4500}, {"low", 0xe0, 1600}}) {
    const auto values = poll(script_with(elixir, static_cast<std::uint8_t>(command)), {{"repeatability", choice}});
    ASSERT_TRUE(values);
    EXPECT_GE(values->waited, std::chrono::microseconds(1000 + wait));
  }
}

TEST(Sht4x, EachTransferFailingGivesAnErrorAndNoValue) {
  expect_each_failure_is_reported("sht40", 0x44, script_with(elixir));
}

}  // namespace
}  // namespace b2m
