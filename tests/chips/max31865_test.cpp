#include <array>
#include <cmath>

#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"
#include "tests/fakes/scripted_spi.hpp"

namespace b2m {
namespace {

/// The transfers of a start and a reading with `config` and a result; a PT100 on two wires unless it says otherwise.
SpiScript script(std::uint16_t result, std::uint8_t config = 0x01) {
  const auto with = [&](unsigned bits) { return static_cast<std::uint8_t>(config | bits); };
  return {
      {{0x80, with(0x82)}, {}},
      {{0x00, 0x00}, {0x00, with(0x80)}},
      {{0x80, config}, {}},
      {{0x80, with(0x80)}, {}},
      {{0x80, with(0xa0)}, {}},
      {{0x01, 0x00, 0x00}, {0x00, static_cast<std::uint8_t>(result >> 8), static_cast<std::uint8_t>(result & 0xff)}},
      {{0x80, config}, {}}};
}

Result<Poll> poll(SpiScript transfers, const OptionTexts& options = {}) {
  ScriptedSpi bus(std::move(transfers), 1);
  return poll_once(*make_spi_sensor("max31865", bus, options));
}

/// The temperature of a PT100 whose resistance is `ohm`, with a reference of 400 Ω; the step of the part is 12 mΩ.
double temperature_of(double ohm) {
  const auto code = static_cast<unsigned>(std::lround(ohm / 400 * 32768));
  return (*poll(script(static_cast<std::uint16_t>(code << 1)), {{"reference_ohm", "400"}}))["temperature"].value();
}

// IEC 60751:2008, table of PT100 resistances
TEST(Max31865, FollowsTheTableOfTheStandard) {
  EXPECT_NEAR(temperature_of(100.00), 0, 0.03);
  EXPECT_NEAR(temperature_of(138.51), 100, 0.03);
  EXPECT_NEAR(temperature_of(22.83), -190, 0.03);
  EXPECT_NEAR(temperature_of(60.26), -100, 0.03);
  EXPECT_NEAR(temperature_of(175.86), 200, 0.03);
  EXPECT_NEAR(temperature_of(390.48), 850, 0.03);
}

// kvasir_devices thermal_test.cpp max31865(): R = R0
TEST(Max31865, TheResistorsAreOptions) {
  const auto values = poll(script(0x8000), {{"r0_ohm", "500"}, {"reference_ohm", "1000"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["temperature"].value(), 0, 1e-9);
  EXPECT_NEAR((*values)["resistance"].value(), 500, 1e-9);
  EXPECT_GE(values->waited, std::chrono::milliseconds(75));
}

TEST(Max31865, WiresAndMainsAreWritten) {
  EXPECT_TRUE(poll(script(0x4000, 0x11), {{"wires", "3"}}));
  EXPECT_TRUE(poll(script(0x4000, 0x00), {{"wires", "4"}, {"mains_hz", "60"}}));
}

TEST(Max31865, AFaultIsNamedAndCleared) {
  auto transfers = script(0x8001);
  transfers.push_back({{0x07, 0x00}, {0x00, 0x40}});
  transfers.push_back({{0x80, 0x03}, {}});
  const auto values = poll(transfers);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::out_of_range);
  EXPECT_EQ(values.error().detail, "the thermometer is shorted");
}

TEST(Max31865, TheEndsOfTheScaleAreNoTemperatures) {
  EXPECT_EQ(poll(script(0x0000)).error().code, Errc::out_of_range);
  EXPECT_EQ(poll(script(0xfffe)).error().code, Errc::out_of_range);
}

TEST(Max31865, AResistanceBeyondTheCurveHasNoTemperature) {
  const auto values = poll(script(0xfff0), {{"r0_ohm", "10"}, {"reference_ohm", "4000"}});
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["temperature"].error().code, Errc::out_of_range);
}

TEST(Max31865, WhatDoesNotKeepItsConfigurationIsNoSuchPart) {
  for (const std::uint8_t kept : std::array<std::uint8_t, 2>{0x00, 0xff}) {
    const auto values = poll({{{0x80, 0x83}, {}}, {{0x00, 0x00}, {kept, kept}}});
    ASSERT_FALSE(values);
    EXPECT_EQ(values.error().code, Errc::wrong_chip);
  }
}

TEST(Max31865, EachTransferFailingGivesAnErrorAndNoValue) {
  const auto whole = script(0x4000);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    SpiScript broken(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    broken.back().error = Error{Errc::io, "injected"};
    const auto values = poll(broken);
    ASSERT_FALSE(values) << i;
    EXPECT_EQ(values.error().code, Errc::io);
  }
}

}  // namespace
}  // namespace b2m
