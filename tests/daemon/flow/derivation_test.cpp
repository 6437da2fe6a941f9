#include "daemon/flow/derivation.hpp"

#include <gtest/gtest.h>

namespace b2m {
namespace {

double fahrenheit(double celsius) { return celsius * 9 / 5 + 32; }
double celsius(double fahrenheit) { return (fahrenheit - 32) * 5 / 9; }

// WMO-No. 49 / Smithsonian Meteorological Tables: saturation vapour pressure over water, hPa.
TEST(SaturationVapourPressure, IsWithinHalfAPercentOfTheTables) {
  for (const auto& [t, hectopascal] :
       {std::pair{0.0, 6.11}, {10.0, 12.27}, {20.0, 23.37}, {30.0, 42.43}, {40.0, 73.78}})
    EXPECT_NEAR(saturation_vapour_pressure(t) / 100, hectopascal, hectopascal * 0.005) << t;
  EXPECT_NEAR(saturation_vapour_pressure(-20) / 100, 1.254, 0.01);
}

// DIN 4108-3, table of dew points.
TEST(DewPoint, IsThatOfTheTable) {
  EXPECT_NEAR(dew_point(20, 50), 9.3, 0.05);
  EXPECT_NEAR(dew_point(25, 50), 13.9, 0.05);
  EXPECT_NEAR(dew_point(30, 70), 23.9, 0.05);
  EXPECT_NEAR(dew_point(10, 90), 8.4, 0.05);
}

TEST(DewPoint, OfSaturatedAirIsItsTemperature) {
  for (const double t : {-20.0, 0.0, 35.0}) EXPECT_NEAR(dew_point(t, 100), t, 1e-9);
}

// Tables of the density of saturated vapour, g/m³: CRC Handbook of Chemistry and Physics.
TEST(AbsoluteHumidity, IsTheDensityOfTheVapour) {
  for (const auto& [t, gram] : {std::pair{0.0, 4.85}, {10.0, 9.40}, {20.0, 17.3}, {30.0, 30.4}})
    EXPECT_NEAR(absolute_humidity(t, 100) * 1000, gram, gram * 0.006) << t;
  EXPECT_NEAR(absolute_humidity(20, 50), absolute_humidity(20, 100) / 2, 1e-12);
  EXPECT_EQ(absolute_humidity(20, 0), 0);
}

// National Weather Service, heat index chart, °F and %RH; whole degrees.
TEST(HeatIndex, IsThatOfTheChart) {
  struct Point {
    double t, rh, index;
  };
  for (const auto& [t, rh, index] :
       {Point{80, 40, 80}, {86, 90, 105}, {90, 50, 95}, {90, 100, 132}, {96, 60, 116}, {100, 40, 109}, {110, 40, 136}})
    EXPECT_NEAR(fahrenheit(heat_index(celsius(t), rh)), index, 1) << t << " °F " << rh << " %";
}

// The three formulas of the Weather Prediction Center's page, worked out by hand.
TEST(HeatIndex, OfMildAirIsTheSimpleFormula) {
  EXPECT_NEAR(fahrenheit(heat_index(celsius(70), 50)), (0.5 * (70 + 61 + 2 * 1.2 + 50 * 0.094) + 70) / 2, 1e-9);
}

double rothfusz(double t, double rh) {
  return -42.379 + 2.04901523 * t + 10.14333127 * rh - .22475541 * t * rh - .00683783 * t * t - .05481717 * rh * rh +
         .00122874 * t * t * rh + .00085282 * t * rh * rh - .00000199 * t * t * rh * rh;
}

TEST(HeatIndex, IsAdjustedInVeryDryAndVeryDampAir) {
  EXPECT_NEAR(fahrenheit(heat_index(celsius(95), 9)), rothfusz(95, 9) - 1.0, 1e-9);
  EXPECT_NEAR(fahrenheit(heat_index(celsius(82), 95)), rothfusz(82, 95) + 1.0, 1e-9);
  EXPECT_NEAR(fahrenheit(heat_index(celsius(95), 50)), rothfusz(95, 50), 1e-9);
}

// ISO 2533, standard atmosphere: pressure at a geopotential altitude, hPa.
TEST(SeaLevelPressure, UndoesTheStandardAtmosphere) {
  for (const auto& [metre, hectopascal] :
       {std::pair{0.0, 1013.25}, {500.0, 954.61}, {1000.0, 898.75}, {2000.0, 794.95}, {-100.0, 1025.32}})
    EXPECT_NEAR(sea_level_pressure(hectopascal * 100, metre), 101325, 3) << metre;
}

TEST(Derivations, HaveARowForEachName) {
  for (const auto name : derivation_names) EXPECT_EQ(info(derivation_named(name)).channel.key, name);
}

TEST(Derivations, DryAirHasNoDewPoint) {
  const auto sensor = make_derivation(Derivation::dew_point, 0);
  Samples samples(1);
  const std::optional<double> inputs[] = {20.0, 0.0};
  sensor->compute(inputs, samples);
  EXPECT_EQ(samples[0].error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace b2m
