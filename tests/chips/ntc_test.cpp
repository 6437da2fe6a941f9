#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

constexpr double supply = 3.3;
constexpr double series = 10000;

/// The voltage of a divider with the thermistor to ground.
double across(double ohm) { return supply * ohm / (ohm + series); }

Result<double> celsius(const OptionTexts& given, double volt, std::optional<double> supply_v = {}) {
  OptionTexts options{{"input", "adc.ain0"}, {"series_ohm", "10000"}};
  options.insert(options.end(), given.begin(), given.end());
  return compute(*make_computed_sensor("ntc", options), {volt, supply_v}).at("temperature");
}

std::string why(const Result<double>& result) { return result ? "a value" : result.error().detail; }

const OptionTexts ntcle100{{"beta_kelvin", "3977"}};

// Vishay, NTCLE100E3 (document 29049), 10 kΩ at 25 °C, B25/85 = 3977 K: the curve goes through 1070 Ω at 85 °C.
TEST(Ntc, ABetaCurveGoesThroughBothPointsOfItsDefinition) {
  EXPECT_NEAR(celsius(ntcle100, across(10000)).value(), 25, 1e-9);
  EXPECT_NEAR(celsius(ntcle100, across(1070)).value(), 85, 0.05);
}

// The same data sheet's table: 32554 Ω at 0 °C; one B value for the whole curve is not quite
// a degree off there.
TEST(Ntc, ABetaCurveIsWithinADegreeOfTheTableAtTheFreezingPoint) {
  EXPECT_NEAR(celsius(ntcle100, across(32554)).value(), 0, 0.8);
}

TEST(Ntc, AnotherReferencePointMovesTheCurve) {
  EXPECT_NEAR(celsius({{"beta_kelvin", "3977"}, {"r0_ohm", "1070"}, {"t0_celsius", "85"}}, across(10000)).value(), 25,
              0.05);
}

// TE Connectivity (BetaTHERM) 10K3A1, resistance table: 0 °C 32650 Ω, 25 °C 10000 Ω, 50 °C 3603 Ω; the coefficients as
// SE059 of Iduino and others print them for that curve.
TEST(Ntc, TheCoefficientsOfSteinhartAndHartFollowTheTable) {
  const OptionTexts curve{
      {"steinhart_a", "0.001129148"}, {"steinhart_b", "0.000234125"}, {"steinhart_c", "0.0000000876741"}};
  EXPECT_NEAR(celsius(curve, across(32650)).value(), 0, 0.05);
  EXPECT_NEAR(celsius(curve, across(10000)).value(), 25, 0.05);
  EXPECT_NEAR(celsius(curve, across(3603)).value(), 50, 0.05);
}

TEST(Ntc, ANegativeTemperatureKeepsItsSign) { EXPECT_LT(celsius(ntcle100, across(100e3)).value(), -15); }

TEST(Ntc, OnTheHighSideTheVoltageIsThatOfTheOtherResistor) {
  EXPECT_NEAR(celsius({{"beta_kelvin", "3977"}, {"position", "high"}}, supply - across(1070)).value(), 85, 0.05);
}

TEST(Ntc, OnlyTheShareOfTheSupplyCounts) {
  const OptionTexts five_volts{{"beta_kelvin", "3977"}, {"supply_v", "5"}};
  EXPECT_NEAR(celsius(five_volts, across(1070) * 5 / supply).value(), 85, 0.05);
}

TEST(Ntc, AMeasuredSupplyTakesThePlaceOfTheConfiguredOne) {
  EXPECT_NEAR(celsius(ntcle100, across(1070) * 0.9, supply * 0.9).value(), 85, 0.05);
  EXPECT_EQ(why(celsius(ntcle100, 0, 0.0)), "the divider has no supply");
}

TEST(Ntc, AnOpenAndAShortedThermistorAreErrorsThatSaySo) {
  EXPECT_EQ(why(celsius(ntcle100, supply)), "the thermistor is open");
  EXPECT_EQ(why(celsius(ntcle100, supply + 0.1)), "the thermistor is open");
  EXPECT_EQ(why(celsius(ntcle100, 0.001)), "the thermistor is shorted");
  EXPECT_EQ(why(celsius(ntcle100, -0.01)), "the thermistor is shorted");
  const OptionTexts high{{"beta_kelvin", "3977"}, {"position", "high"}};
  EXPECT_EQ(why(celsius(high, 0)), "the thermistor is open");
  EXPECT_EQ(why(celsius(high, supply)), "the thermistor is shorted");
}

TEST(Ntc, ACurveWithoutATemperatureForTheResistanceGivesNone) {
  const OptionTexts absurd{{"steinhart_a", "-1"}, {"steinhart_b", "0"}, {"steinhart_c", "0"}};
  EXPECT_EQ(celsius(absurd, across(10000)).error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace b2m
