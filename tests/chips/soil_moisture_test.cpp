#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

// DFRobot, SEN0193: 520 of 1023 in air and 260 in water, at 5 V.
constexpr double air = 520 * 5.0 / 1023;
constexpr double water = 260 * 5.0 / 1023;

Result<double> moisture(double volt, const std::string& dry = "2.5415", const std::string& wet = "1.2708") {
  return compute(*make_computed_sensor("soil_moisture", {{"input", "adc.ain0"}, {"dry_v", dry}, {"wet_v", wet}}),
                 {volt})
      .at("moisture");
}

TEST(SoilMoisture, IsAStraightLineBetweenAirAndWater) {
  EXPECT_NEAR(moisture(air).value(), 0, 1e-3);
  EXPECT_NEAR(moisture((air + water) / 2).value(), 0.5, 1e-3);
  EXPECT_NEAR(moisture(water).value(), 1, 1e-3);
}

TEST(SoilMoisture, AProbeWhoseVoltageRisesWithMoistureIsTheSameTheOtherWayRound) {
  EXPECT_NEAR(moisture(1.5, "1", "2").value(), 0.5, 1e-12);
}

TEST(SoilMoisture, TheScatterOfTheTwoPointsIsNoNegativeMoisture) {
  EXPECT_EQ(moisture(air + 0.1), 0.0);
  EXPECT_EQ(moisture(water - 0.1), 1.0);
}

TEST(SoilMoisture, AnOutputThatIsNotConnectedIsNoWater) {
  EXPECT_EQ(moisture(0).error().code, Errc::out_of_range);
  EXPECT_EQ(moisture(3.3).error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace b2m
