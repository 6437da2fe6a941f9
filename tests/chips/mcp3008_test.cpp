#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"
#include "tests/fakes/scripted_spi.hpp"

namespace b2m {
namespace {

Result<Poll> poll(std::string_view model, SpiScript script, const OptionTexts& options) {
  ScriptedSpi bus(std::move(script));
  return poll_once(*make_spi_sensor(model, bus, options));
}

// gpiozero test_spi_devices.py, single_mcp_test: half of 3.3 V
TEST(Mcp3008, ReadsAnInput) {
  const auto values = poll("mcp3008", {{{0x01, 0x80, 0x00}, {0x00, 0x01, 0xff}}}, {{"inputs", "ch0"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["ch0"].value(), 511 * 3.3 / 1024, 1e-9);
}

TEST(Mcp3008, WhatComesBeforeTheNullBitDoesNotCount) {
  const auto values =
      poll("mcp3008", {{{0x01, 0xf0, 0x00}, {0xff, 0xfa, 0x34}}}, {{"inputs", "ch7"}, {"reference_v", "5"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["ch7"].value(), 0x234 * 5.0 / 1024, 1e-9);
}

// DS21298E figure 6-1
TEST(Mcp3008, TheTwelveBitPartsAreAskedOtherwise) {
  const auto values =
      poll("mcp3208", {{{0x07, 0x40, 0x00}, {0x00, 0x08, 0x00}}}, {{"inputs", "ch5"}, {"reference_v", "4.096"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["ch5"].value(), 2.048, 1e-9);
}

TEST(Mcp3008, EveryInputIsReadByDefault) {
  SpiScript script;
  for (std::uint8_t input = 0; input < 4; ++input)
    script.push_back({{0x01, static_cast<std::uint8_t>(0x80 | input << 4), 0x00}, {0x00, 0x00, input}});
  const auto values = poll("mcp3004", script, {});
  ASSERT_TRUE(values);
  EXPECT_EQ(values->channels.size(), 4U);
  EXPECT_NEAR((*values)["ch3"].value(), 3 * 3.3 / 1024, 1e-9);
}

TEST(Mcp3008, ADataLineThatNobodyDrivesIsNoMeasurement) {
  const auto values = poll("mcp3008", {{{0x01, 0x80, 0x00}, {0xff, 0xff, 0xff}}}, {{"inputs", "ch0"}});
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::no_ack);
}

TEST(Mcp3008, AnInputThatThePartHasNotIsRefused) {
  const auto values = poll("mcp3004", {}, {{"inputs", "ch6"}});
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::unsupported);
}

TEST(Mcp3008, AFailedTransferGivesItsError) {
  const auto values = poll("mcp3008", {{{0x01, 0x80, 0x00}, {}, Error{Errc::gone, "injected"}}}, {{"inputs", "ch0"}});
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::gone);
}

}  // namespace
}  // namespace b2m
