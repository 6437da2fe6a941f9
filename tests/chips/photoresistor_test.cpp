#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

auto read(double volt, const OptionTexts& given = {}) {
  OptionTexts options{{"input", "adc.ain0"}, {"series_ohm", "10000"}, {"r10_ohm", "15000"}, {"gamma", "0.7"}};
  options.insert(options.end(), given.begin(), given.end());
  return compute(*make_computed_sensor("photoresistor", options), {volt, std::nullopt});
}

double across(double ohm) { return 3.3 * ohm / (ohm + 10000); }

// Senba, GL55 series: gamma = log10(R10 / R100), so 15 kΩ at 10 lx and gamma 0.7 make 2993 Ω at 100 lx.
TEST(Photoresistor, GoesThroughBothPointsOfTheDatasheet) {
  EXPECT_NEAR(read(across(15000)).at("illuminance").value(), 10, 1e-9);
  EXPECT_NEAR(read(across(2993)).at("illuminance").value(), 100, 0.1);
  EXPECT_NEAR(read(across(2993)).at("resistance").value(), 2993, 1e-6);
}

TEST(Photoresistor, OnTheHighSideMoreVoltageIsMoreLight) {
  const OptionTexts high{{"position", "high"}};
  EXPECT_NEAR(read(3.3 - across(2993), high).at("illuminance").value(), 100, 0.1);
}

TEST(Photoresistor, DarknessIsNoLightAndNoResistance) {
  for (const double volt : {3.299, 3.3, 3.31}) {
    const auto dark = read(volt);
    EXPECT_EQ(dark.at("illuminance"), 0.0) << volt;
    EXPECT_FALSE(dark.at("resistance")) << volt;
  }
}

TEST(Photoresistor, AShortIsAnErrorOfBothChannels) {
  for (const auto& [key, value] : read(0)) EXPECT_EQ(value.error().detail, "the photoresistor is shorted") << key;
}

}  // namespace
}  // namespace b2m
