// Filters. Expected numbers are worked out by hand from the definitions in docs/filters.md; quantiles also agree with
// Python's statistics.quantiles(method="inclusive").
#include "daemon/flow/filter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr std::optional<double> held = std::nullopt;

/// A pipeline and a clock that a test moves.
class Flow {
 public:
  explicit Flow(std::vector<FilterSpec> specs, double scale = 1) : pipeline_(specs, scale) {}
  Result<std::optional<double>> push(double value) { return pipeline_.push(value, now_); }
  Flow& at(std::chrono::nanoseconds time) {
    now_ = SteadyTime(1h + time);
    return *this;
  }
  void restart() { pipeline_.restart(); }
  /// What becomes of readings one second apart; an error fails the test.
  std::vector<std::optional<double>> each_second(const std::vector<double>& values) {
    std::vector<std::optional<double>> told;
    for (const double value : values) {
      auto result = push(value);
      EXPECT_TRUE(result) << to_string(result.error());
      told.push_back(result.value_or(std::nullopt));
      now_ += 1s;
    }
    return told;
  }

 private:
  Pipeline pipeline_;
  SteadyTime now_{1h};
};

FilterSpec with(FilterKind kind, std::initializer_list<double> numbers) { return {.kind = kind, .numbers = numbers}; }
FilterSpec with(FilterKind kind, std::chrono::nanoseconds duration) { return {.kind = kind, .duration = duration}; }

// ── the table
// ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(Filters, EveryKindHasARowInItsPlaceWithAnOwnNameAndASummary) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < all_filters().size(); ++i) {
    const auto& row = all_filters()[i];
    EXPECT_EQ(static_cast<std::size_t>(row.kind), i);
    EXPECT_FALSE(row.summary.empty()) << row.name;
    EXPECT_TRUE(names.insert(row.name).second) << row.name;
  }
  EXPECT_EQ(names.size(), 20U);
}

// ── the pipeline
// ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(Pipeline, WithoutStagesAValueIsUntouched) {
  Flow flow({}, 0.01);
  EXPECT_EQ(flow.push(100943.123456789).value(), 100943.123456789);
}

TEST(Pipeline, ParametersAreInThePublishedUnitAndValuesInSi) {
  Flow flow({with(FilterKind::offset, {-0.5})}, 0.01);  // hPa per Pa
  EXPECT_THAT(flow.push(100000).value().value(), DoubleEq(99950));
}

TEST(Pipeline, StagesAreAppliedInTheOrderWritten) {
  Flow offset_first({with(FilterKind::offset, {1}), with(FilterKind::multiply, {10})});
  Flow multiply_first({with(FilterKind::multiply, {10}), with(FilterKind::offset, {1})});
  EXPECT_EQ(offset_first.push(2).value(), 30.0);
  EXPECT_EQ(multiply_first.push(2).value(), 21.0);
}

TEST(Pipeline, AResultThatIsNotFiniteIsAnErrorAndNeverAValue) {
  Flow flow({with(FilterKind::multiply, {1e300})});
  EXPECT_EQ(flow.push(1e300).error().code, Errc::out_of_range);
  Flow two({with(FilterKind::multiply, {1e300}), with(FilterKind::clamp, {0, 1})});
  EXPECT_EQ(two.push(1e300).error().code, Errc::out_of_range);
}

TEST(Pipeline, ANumberThatIsNoNumberIsRefusedAtTheEntrance) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(Flow({}).push(nan).error().code, Errc::out_of_range);
  EXPECT_EQ(Flow({with(FilterKind::median, {3})}).push(nan).error().code, Errc::out_of_range);
}

TEST(Pipeline, ARefusedReadingDoesNotReachTheStagesBehind) {
  Flow flow({with(FilterKind::reject_outside, {0, 100}), with(FilterKind::max, {3})});
  EXPECT_EQ(flow.push(10).value(), 10.0);
  EXPECT_FALSE(flow.push(500));
  EXPECT_EQ(flow.push(11).value(), 11.0);
}

TEST(Pipeline, ARefusedReadingDoesNotUndoTheSmoothing) {
  Flow flow({with(FilterKind::reject_outside, {0, 100}), with(FilterKind::mean, {3})});
  flow.each_second({10, 20});
  EXPECT_FALSE(flow.push(-1));
  EXPECT_EQ(flow.push(30).value(), 20.0);
}

// ── values that become other values
// ──────────────────────────────────────────────────────────────────────────────────────────

TEST(CalibrateLinear, TwoPointsMakeALine) {
  Flow flow({with(FilterKind::calibrate_linear, {0, 0.4, 100, 99.4})});
  EXPECT_THAT(flow.push(50).value().value(), DoubleEq(49.9));
}

TEST(CalibrateLinear, EachPairOfPointsHasItsOwnLineAndTheOuterOnesGoOn) {
  Flow flow({with(FilterKind::calibrate_linear, {0, 0, 10, 20, 20, 30})});
  EXPECT_THAT(flow.each_second({-1, 0, 5, 10, 15, 20, 21}), ElementsAre(-2.0, 0.0, 10.0, 20.0, 25.0, 30.0, 31.0));
}

TEST(CalibratePolynomial, CoefficientsStartWithTheLowestPower) {
  Flow flow({with(FilterKind::calibrate_polynomial, {1, 2, 3})});
  EXPECT_EQ(flow.push(2).value(), 1 + 2 * 2 + 3 * 4.0);
}

TEST(Clamp, WhatIsOutsideMovesToTheNearerLimit) {
  Flow flow({with(FilterKind::clamp, {0, 100})});
  EXPECT_THAT(flow.each_second({-3, 50, 100.2}), ElementsAre(0.0, 50.0, 100.0));
}

TEST(Round, HalvesGoAwayFromZero) {
  Flow flow({with(FilterKind::round, {0})});
  EXPECT_THAT(flow.each_second({0.5, 1.5, 2.4, -0.5}), ElementsAre(1.0, 2.0, 2.0, -1.0));
}

TEST(Round, DigitsCountAfterThePoint) {
  Flow flow({with(FilterKind::round, {1})});
  EXPECT_EQ(flow.push(23.7249).value(), 23.7);
}

TEST(Round, ANumberTooLargeToHaveDigitsIsKept) {
  Flow flow({with(FilterKind::round, {9})});
  EXPECT_EQ(flow.push(1e305).value(), 1e305);
}

// ── values that are refused
// ──────────────────────────────────────────────────────────────────────────────────────────────────

TEST(RejectOutside, TheLimitsThemselvesPass) {
  Flow flow({with(FilterKind::reject_outside, {-40, 85})});
  EXPECT_EQ(flow.push(-40).value(), -40.0);
  EXPECT_EQ(flow.push(85).value(), 85.0);
}

TEST(RejectOutside, TheErrorNamesTheValueAndTheLimits) {
  Flow flow({with(FilterKind::reject_outside, {-40, 85})});
  const auto error = flow.push(85.5).error();
  EXPECT_EQ(error.code, Errc::out_of_range);
  EXPECT_EQ(error.detail, "85.5 is outside of -40 to 85");
}

TEST(MaxRate, AChangeWithinTheRatePassesAndAJumpIsRefused) {
  Flow flow({with(FilterKind::max_rate, {2})});
  EXPECT_THAT(flow.each_second({20, 22, 20.5}), ElementsAre(20.0, 22.0, 20.5));
  EXPECT_EQ(flow.at(3s).push(25).error().code, Errc::out_of_range);
}

TEST(MaxRate, ASpikeIsNotWhatTheNextReadingIsMeasuredBy) {
  Flow flow({with(FilterKind::max_rate, {2})});
  EXPECT_TRUE(flow.at(0s).push(20));
  EXPECT_FALSE(flow.at(1s).push(85));
  EXPECT_EQ(flow.at(2s).push(20.1).value(), 20.1);
}

TEST(MaxRate, TheRoomGrowsWhileNothingPasses) {
  Flow flow({with(FilterKind::max_rate, {1})});
  EXPECT_TRUE(flow.at(0s).push(0));
  EXPECT_FALSE(flow.at(1s).push(10));
  EXPECT_EQ(flow.at(10s).push(10).value(), 10.0);
}

TEST(MaxRate, FiveRefusedReadingsThatAgreeAreARealStep) {
  Flow flow({with(FilterKind::max_rate, {0.1})});
  EXPECT_TRUE(flow.at(0s).push(0));
  for (const int second : {1, 2, 3, 4}) EXPECT_FALSE(flow.at(second * 1s).push(1000)) << second;
  EXPECT_EQ(flow.at(5s).push(1000).value(), 1000.0);
  EXPECT_EQ(flow.at(6s).push(1000.05).value(), 1000.05);
}

TEST(MaxRate, RefusedReadingsThatDisagreeAreNoStepHoweverMany) {
  Flow flow({with(FilterKind::max_rate, {0.1})});
  EXPECT_TRUE(flow.at(0s).push(0));
  for (int second = 1; second < 20; ++second)
    EXPECT_FALSE(flow.at(second * 1s).push(second % 2 == 0 ? 1000 : -1000)) << second;
}

TEST(StuckAfter, AnUnchangedReadingIsRefusedUntilItChanges) {
  Flow flow({with(FilterKind::stuck_after, 10min)});
  EXPECT_TRUE(flow.at(0s).push(21.5));
  EXPECT_TRUE(flow.at(9min).push(21.5));
  const auto stuck = flow.at(10min).push(21.5);
  ASSERT_FALSE(stuck);
  EXPECT_EQ(to_string(stuck.error()), "not_ready: unchanged for 10min");
  EXPECT_FALSE(flow.at(20min).push(21.5));
  EXPECT_EQ(flow.at(21min).push(21.6).value(), 21.6);
}

TEST(StuckAfter, TheDurationIsSaidInItsLargestWholeUnit) {
  const auto detail = [](std::chrono::nanoseconds duration) {
    Flow flow({with(FilterKind::stuck_after, duration)});
    EXPECT_TRUE(flow.at(0s).push(1));
    return flow.at(duration).push(1).error().detail;
  };
  EXPECT_EQ(detail(2h), "unchanged for 2h");
  EXPECT_EQ(detail(90s), "unchanged for 90s");
  EXPECT_EQ(detail(1500ms), "unchanged for 1500ms");
}

// ── values that look back
// ────────────────────────────────────────────────────────────────────────────────────────────────────

TEST(Median, ASingleSpikeDoesNotShow) {
  Flow flow({with(FilterKind::median, {3})});
  EXPECT_THAT(flow.each_second({20, 85, 21, 20}), ElementsAre(20.0, 52.5, 21.0, 21.0));
}

TEST(Median, OfAnEvenNumberIsTheMiddleOfTheMiddleTwo) {
  Flow flow({with(FilterKind::median, {4})});
  EXPECT_EQ(flow.each_second({4, 1, 3, 2}).back(), 2.5);
}

TEST(Mean, SlidesOverTheLastReadings) {
  Flow flow({with(FilterKind::mean, {3})});
  EXPECT_THAT(flow.each_second({3, 6, 9, 12, 0}), ElementsAre(3.0, 4.5, 6.0, 9.0, 7.0));
}

TEST(MinAndMax, ForgetWhatLeavesTheWindow) {
  Flow least({with(FilterKind::min, {2})});
  Flow greatest({with(FilterKind::max, {2})});
  EXPECT_THAT(least.each_second({5, 1, 4, 3}), ElementsAre(5.0, 1.0, 1.0, 3.0));
  EXPECT_THAT(greatest.each_second({5, 1, 4, 3}), ElementsAre(5.0, 5.0, 4.0, 4.0));
}

TEST(Quantile, LiesLinearlyBetweenTheReadingsNextToIt) {
  Flow flow({with(FilterKind::quantile, {5, 0.9})});
  EXPECT_THAT(flow.each_second({10, 50, 20, 40, 30}).back().value(), DoubleEq(46));
}

TEST(Quantile, ZeroIsTheLeastAndOneTheGreatest) {
  Flow least({with(FilterKind::quantile, {3, 0})});
  Flow greatest({with(FilterKind::quantile, {3, 1})});
  EXPECT_EQ(least.each_second({2, 9, 4}).back(), 2.0);
  EXPECT_EQ(greatest.each_second({2, 9, 4}).back(), 9.0);
}

TEST(Exponential, GoesItsShareOfTheWayToEachReading) {
  Flow flow({with(FilterKind::exponential, {0.5})});
  EXPECT_THAT(flow.each_second({10, 20, 20}), ElementsAre(10.0, 15.0, 17.5));
}

// ── when something is told
// ───────────────────────────────────────────────────────────────────────────────────────────────────

TEST(Delta, HoldsBackSmallChangesOfTheLastToldValue) {
  Flow flow({with(FilterKind::delta, {0.5})});
  EXPECT_THAT(flow.each_second({20.0, 20.3, 20.4, 20.5, 20.1, 20.0}), ElementsAre(20.0, held, held, 20.5, held, 20.0));
}

TEST(Delta, AStepOfExactlyTheSizePassesInSpiteOfBinaryFractions) {
  Flow flow({with(FilterKind::delta, {0.1})});
  EXPECT_THAT(flow.each_second({0.3, 0.4}), ElementsAre(0.3, 0.4));  // 0.4 − 0.3 = 0.10000000000000003
  Flow down({with(FilterKind::delta, {0.1})});
  EXPECT_THAT(down.each_second({1.1, 1.0, 0.9}), ElementsAre(1.1, 1.0, 0.9));  // 1.0 − 0.9 = 0.09999999999999998
}

TEST(Delta, AShareIsOfTheLastToldValue) {
  FilterSpec two_percent = with(FilterKind::delta, {0.02});
  two_percent.share = true;
  Flow flow({two_percent});
  EXPECT_THAT(flow.each_second({-100, -101.9, -102, -104}), ElementsAre(-100.0, held, -102.0, held));
}

TEST(Delta, AShareOfZeroLetsEveryChangePassAndNoRepetition) {
  FilterSpec share = with(FilterKind::delta, {0.02});
  share.share = true;
  Flow flow({share});
  EXPECT_THAT(flow.each_second({0, 0, 0.001}), ElementsAre(0.0, held, 0.001));
}

TEST(Delta, AfterAnErrorTheOldValueIsToldAgain) {
  Flow flow({with(FilterKind::reject_outside, {0, 100}), with(FilterKind::delta, {1})});
  EXPECT_EQ(flow.push(20).value(), 20.0);
  EXPECT_FALSE(flow.push(900));
  EXPECT_EQ(flow.push(20).value(), 20.0);
  EXPECT_EQ(flow.push(20).value(), held);
  flow.restart();  // a failed read of the sensor
  EXPECT_EQ(flow.push(20).value(), 20.0);
}

TEST(Throttle, TellsTheFirstOfEachInterval) {
  Flow flow({with(FilterKind::throttle, 3s)});
  EXPECT_THAT(flow.each_second({0, 1, 2, 3, 4, 5, 6}), ElementsAre(0.0, held, held, 3.0, held, held, 6.0));
}

TEST(Throttle, AnIntervalEqualToThePollsLosesNoReadingToJitter) {
  Flow flow({with(FilterKind::throttle, 10s)});
  EXPECT_EQ(flow.at(0s).push(1).value(), 1.0);
  EXPECT_EQ(flow.at(10s + 3ms).push(2).value(), 2.0);
  EXPECT_EQ(flow.at(20s - 2ms).push(3).value(), 3.0);
  EXPECT_EQ(flow.at(30s + 1ms).push(4).value(), 4.0);
}

TEST(Throttle, AfterASilenceItDoesNotCatchUp) {
  Flow flow({with(FilterKind::throttle, 10s)});
  EXPECT_EQ(flow.at(0s).push(1).value(), 1.0);
  EXPECT_EQ(flow.at(95s).push(2).value(), 2.0);
  EXPECT_EQ(flow.at(101s).push(3).value(), held);
  EXPECT_EQ(flow.at(105s).push(4).value(), 4.0);
}

TEST(ThrottleMean, TellsTheMeanOfEachInterval) {
  Flow flow({with(FilterKind::throttle_mean, 2s)});
  EXPECT_THAT(flow.each_second({1, 2, 3, 10, 20, 5}), ElementsAre(held, held, 2.0, held, 15.0, held));
}

TEST(ThrottleMean, CountsOnlyWhatEarlierStagesLetPass) {
  Flow flow({with(FilterKind::delta, {5}), with(FilterKind::throttle_mean, 2s)});
  EXPECT_THAT(flow.each_second({10, 20, 21, 21}), ElementsAre(held, held, 15.0, held));
}

TEST(Heartbeat, TellsTheLastValueAgainWhenAnEarlierStageHoldsBack) {
  Flow flow({with(FilterKind::delta, {1}), with(FilterKind::heartbeat, 3s)});
  EXPECT_THAT(flow.each_second({20, 20.1, 20.2, 20.3, 20.4, 22, 22, 22, 22}),
              ElementsAre(20.0, held, held, 20.0, held, 22.0, held, held, 22.0));
}

TEST(Heartbeat, DoesNotRepeatWhatIsOlderThanAnError) {
  Flow flow({with(FilterKind::debounce, 5s), with(FilterKind::heartbeat, 3s)});
  EXPECT_EQ(flow.at(0s).push(1).value(), held);
  EXPECT_EQ(flow.at(5s).push(1).value(), 1.0);
  flow.restart();
  EXPECT_EQ(flow.at(9s).push(2).value(), held);
}

TEST(Heartbeat, IsNotLateByAPollForAMillisecondOfJitter) {
  Flow flow({with(FilterKind::delta, {1}), with(FilterKind::heartbeat, 60s)});
  EXPECT_EQ(flow.at(3ms).push(5).value(), 5.0);
  EXPECT_EQ(flow.at(60s).push(5).value(), 5.0);
}

TEST(Debounce, AChangeIsToldWhenItHasLasted) {
  Flow flow({with(FilterKind::debounce, 2s)});
  EXPECT_THAT(flow.each_second({1, 1, 1, 0, 1, 0, 0, 0, 0}),
              ElementsAre(held, held, 1.0, held, held, held, held, 0.0, 0.0));
}

}  // namespace
}  // namespace b2m
