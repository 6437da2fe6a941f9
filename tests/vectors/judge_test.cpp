#include "tests/vectors/judge.hpp"

#include <gtest/gtest.h>

namespace b2m::vectors {
namespace {

constexpr Range anything{-1e9, 1e9};

Outcome measured(std::string key, Quantity quantity, Result<double> value) {
  Outcome outcome;
  outcome.channels.push_back({std::move(key), quantity, anything});
  outcome.values.push_back(std::move(value));
  return outcome;
}

Expectation one_value(const std::string& quantity, const ExpectedValue& expected) {
  Expectation expect;
  expect.values[quantity] = expected;
  return expect;
}

Expectation rejected(const std::string& quantity) {
  Expectation expect;
  expect.reject = {quantity};
  return expect;
}

Outcome refused() {
  Outcome outcome;
  outcome.init_error = Error{Errc::wrong_chip, "chip id 0x61"};
  return outcome;
}

TEST(Judge, AValuePassesUpToItsTolerance) {
  const auto expect = one_value("temperature", {.value = 25.062, .unit = "°C", .tolerance = 0.002});
  EXPECT_TRUE(judge(expect, measured("temperature", Quantity::temperature, 25.064)).empty());
  EXPECT_TRUE(judge(expect, measured("temperature", Quantity::temperature, 25.06)).empty());
  EXPECT_EQ(judge(expect, measured("temperature", Quantity::temperature, 25.0645)).size(), 1U);
}

TEST(Judge, ADifferenceSaysWhatWasExpectedAndWhatCame) {
  const auto expect = one_value("pressure", {.value = 100942.5, .unit = "Pa", .tolerance = 6});
  EXPECT_EQ(judge(expect, measured("pressure", Quantity::atmospheric_pressure, 1009.5)).at(0),
            "pressure: expected 100942.5 Pa ± 6, got 1009.5 Pa");
}

TEST(Judge, AnyOfTheAlternativesPasses) {
  const auto expect =
      one_value("illuminance", {.value = 85.248, .unit = "lx", .tolerance = 0.5, .alternatives = {99.456}});
  EXPECT_TRUE(judge(expect, measured("illuminance", Quantity::illuminance, 99.5)).empty());
  EXPECT_FALSE(judge(expect, measured("illuminance", Quantity::illuminance, 92)).empty());
}

TEST(Judge, AnErrorInPlaceOfAValueFails) {
  const auto expect = one_value("temperature", {.value = 25, .unit = "°C", .tolerance = 1});
  EXPECT_FALSE(judge(expect, measured("temperature", Quantity::temperature, fail(Errc::checksum))).empty());
  EXPECT_FALSE(judge(expect, refused()).empty());
}

TEST(Judge, OnlyAnOptionalQuantityMayBeMissing) {
  const auto outcome = measured("temperature", Quantity::temperature, 25);
  EXPECT_FALSE(judge(one_value("humidity", {.value = 50, .unit = "%", .tolerance = 1}), outcome).empty());
  EXPECT_TRUE(
      judge(one_value("humidity", {.value = 50, .unit = "%", .tolerance = 1, .optional = true}), outcome).empty());
}

TEST(Judge, AnUnknownUnitFails) {
  const auto expect = one_value("temperature", {.value = 25, .unit = "furlong", .tolerance = 1});
  EXPECT_FALSE(judge(expect, measured("temperature", Quantity::temperature, 25)).empty());
}

TEST(Judge, ARejectedQuantityMustHaveNoValue) {
  EXPECT_TRUE(
      judge(rejected("humidity"), measured("humidity", Quantity::relative_humidity, fail(Errc::not_ready))).empty());
  EXPECT_TRUE(judge(rejected("humidity"), refused()).empty());
  EXPECT_FALSE(judge(rejected("humidity"), measured("humidity", Quantity::relative_humidity, 51)).empty());
  EXPECT_FALSE(judge(rejected("humidity"), measured("temperature", Quantity::temperature, 20)).empty());
}

TEST(Judge, ARefusalIsExpectedWhereTheDeviceIsAnother) {
  Expectation expect;
  expect.not_detected = true;
  EXPECT_TRUE(judge(expect, refused()).empty());
  EXPECT_FALSE(judge(expect, measured("temperature", Quantity::temperature, 20)).empty());
}

TEST(Judge, OneOfSeveralExpectationsIsEnough) {
  Expectation expect;
  expect.any_of = {rejected("temperature"), one_value("temperature", {.value = 130, .unit = "°C", .tolerance = 1})};
  EXPECT_TRUE(judge(expect, measured("temperature", Quantity::temperature, 130)).empty());
  EXPECT_TRUE(judge(expect, measured("temperature", Quantity::temperature, fail(Errc::out_of_range))).empty());
  EXPECT_FALSE(judge(expect, measured("temperature", Quantity::temperature, 20)).empty());
}

TEST(Judge, WritesMustOccurInTheirOrder) {
  Expectation expect;
  expect.writes = {{0xf2, 1}, {0xf4, 0x25}};
  Outcome outcome;
  outcome.writes = {{0xe0, 0xb6}, {0xf2, 1}, {0xd0}, {0xf4, 0x25}};
  EXPECT_TRUE(judge(expect, outcome).empty());
  std::swap(outcome.writes[1], outcome.writes[3]);
  EXPECT_FALSE(judge(expect, outcome).empty());
}

TEST(Judge, RegistersAreComparedAfterTheAction) {
  Expectation expect;
  expect.final_regs[0xfe] = {"0x79", "0x7a"};
  Outcome outcome;
  EXPECT_FALSE(judge(expect, outcome).empty());
  outcome.register_now = [](std::uint8_t reg) { return reg == 0xfe ? 0x7aU : 0U; };
  EXPECT_TRUE(judge(expect, outcome).empty());
  outcome.register_now = [](std::uint8_t) { return 0x1eU; };
  EXPECT_FALSE(judge(expect, outcome).empty());
}

TEST(RegisterMatches, ANumberIsComparedAsAWhole) {
  EXPECT_TRUE(register_matches(0x79, "0x79").value());
  EXPECT_FALSE(register_matches(0x7a, "0x79").value());
}

TEST(RegisterMatches, BitsAreComparedOneByOne) {
  EXPECT_TRUE(register_matches(0x7f, "bit7=0, others 1").value());
  EXPECT_FALSE(register_matches(0xff, "bit7=0, others 1").value());
  EXPECT_FALSE(register_matches(0x7e, "bit7=0, others 1").value());
  EXPECT_TRUE(register_matches(0x31, "bit0=1").value());
}

TEST(RegisterMatches, AnythingElseIsNotUnderstood) {
  for (const char* spelling : {"", "bit", "b", "bit=1", "bit99=1", "bitx=0", "others", "whatever 1", "bit7=0, ", "1"})
    EXPECT_FALSE(register_matches(0xff, spelling).value_or(false)) << spelling;
}

}  // namespace
}  // namespace b2m::vectors
