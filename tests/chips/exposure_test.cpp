#include "drivers/engine/exposure.hpp"

#include <gtest/gtest.h>

#include <array>

namespace b2m {
namespace {

using namespace std::chrono_literals;

// VEML7700, datasheet 84286: neighbours differ by two, and many settings are equally sensitive.
constexpr std::array gains{Gain{"1/8", 0.125, 2}, Gain{"1/4", 0.25, 3}, Gain{"1", 1, 0}, Gain{"2", 2, 1}};
constexpr std::array times{IntegrationTime{"25ms", 25ms, 12}, IntegrationTime{"50ms", 50ms, 8},
                           IntegrationTime{"100ms", 100ms, 0}};

TEST(Exposure, ALadderRisesAndPrefersTheShorterTime) {
  const auto ladder = make_ladder(gains, times, automatic, automatic);
  std::vector<double> steps;
  for (const auto& one : ladder) steps.push_back(one.sensitivity());
  EXPECT_EQ(steps, (std::vector<double>{3.125, 6.25, 12.5, 25, 50, 100, 200}));
  EXPECT_EQ(ladder[4].time.name, "25ms");
}

TEST(Exposure, AFixedSettingIsTheOnlyRung) {
  const auto ladder = make_ladder(gains, times, "1", "50ms");
  ASSERT_EQ(ladder.size(), 1u);
  EXPECT_EQ(ladder[0].sensitivity(), 50);
  EXPECT_EQ(better_rung(ladder, 0, 0), 0u);
  EXPECT_EQ(better_rung(ladder, 0, 65535), 0u);
}

TEST(Exposure, AFixedGainStillLadders) { EXPECT_EQ(make_ladder(gains, times, "2", automatic).size(), 3u); }

TEST(Exposure, ClippedLightGoesToTheFirstRung) {
  const auto ladder = make_ladder(gains, times, automatic, automatic);
  EXPECT_EQ(better_rung(ladder, 6, 65535), 0u);
  EXPECT_EQ(better_rung(ladder, 6, 65534), 6u);
}

TEST(Exposure, DimLightGoesAsFarAsHalfTheScale) {
  const auto ladder = make_ladder(gains, times, automatic, automatic);
  EXPECT_EQ(better_rung(ladder, 0, 0), 6u);
  EXPECT_EQ(better_rung(ladder, 0, 511), 6u);   // × 64 is 32704
  EXPECT_EQ(better_rung(ladder, 0, 513), 5u);   // × 64 is 32832
  EXPECT_EQ(better_rung(ladder, 0, 2184), 3u);  // a thirtieth of the scale
  EXPECT_EQ(better_rung(ladder, 0, 2185), 0u);
}

}  // namespace
}  // namespace b2m
