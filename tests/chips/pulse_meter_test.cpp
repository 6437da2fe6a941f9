#include <gtest/gtest.h>

#include "drivers/engine/pulse_meter.hpp"
#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using TimePoint = EdgeSensor::TimePoint;

const TimePoint start{1000s};

struct Values {
  double total;
  double rate;
};

Values values_of(EdgeSensor& meter, TimePoint now) {
  Samples samples(2);
  meter.measure(now, samples);
  return {samples[0].value(), samples[1].value()};
}

/// `count` pulses, each `period` after the one before; returns the time of the last.
TimePoint pulse(EdgeSensor& meter, int count, std::chrono::nanoseconds period, TimePoint from = start) {
  for (int i = 0; i < count; ++i) {
    from += period;
    meter.on_change({.active = true, .time = from});
    meter.on_change({.active = false, .time = from + period / 2});
  }
  return from;
}

double published(Quantity quantity, double value) { return value * info(quantity).scale; }

TEST(Counter, CountsOneEdgeOfEachPulse) {
  const auto counter = make_edge_sensor("counter");
  EXPECT_TRUE(counter->start({false}, start).changed);
  const auto now = pulse(*counter, 5000, 1ms);
  EXPECT_EQ(values_of(*counter, now).total, 5000);
  EXPECT_NEAR(values_of(*counter, now).rate, 1000, 1e-6);
}

TEST(Counter, CountsTheOtherEdgeWhenAsked) {
  const auto counter = make_edge_sensor("counter", {{"edge", "inactive"}});
  EXPECT_EQ(counter->lines()[0].edges, Edges::to_inactive);
  counter->start({true}, start);
  counter->on_change({.active = false, .time = start + 1s});
  counter->on_change({.active = true, .time = start + 2s});
  EXPECT_EQ(counter->total(), 1);
}

TEST(Counter, CountsTheEdgesThatWereLostToo) {
  const auto counter = make_edge_sensor("counter");
  counter->start({false}, start);
  counter->on_change({.active = true, .time = start + 1s});
  counter->on_change({.active = true, .time = start + 2s, .lost_before = 9});
  EXPECT_EQ(counter->total(), 11);
  EXPECT_EQ(values_of(*counter, start + 2s).rate, 10);
}

TEST(Counter, TheLevelFoundAtTheStartIsNoPulse) {
  const auto counter = make_edge_sensor("counter");
  counter->start({true}, start);
  EXPECT_EQ(counter->total(), 0);
}

TEST(Counter, AddsUnitsForEachPulse) {
  const auto counter = make_edge_sensor("counter", {{"units_per_pulse", "0.5"}});
  counter->start({false}, start);
  const auto now = pulse(*counter, 9, 1s);
  EXPECT_EQ(values_of(*counter, now).total, 4.5);
  EXPECT_EQ(values_of(*counter, now).rate, 0.5);
}

TEST(Counter, GoesOnFromATotalThatIsSet) {
  const auto counter = make_edge_sensor("counter", {{"units_per_pulse", "0.1"}});
  counter->start({false}, start);
  pulse(*counter, 3, 1s);
  counter->set_total(1234.5);
  EXPECT_EQ(counter->total(), 1234.5);
  pulse(*counter, 10, 1s);
  EXPECT_DOUBLE_EQ(counter->total(), 1235.5);
}

TEST(Counter, WithoutAnIntervalNothingIsToldBetweenTheTimesOfTheGrid) {
  const auto counter = make_edge_sensor("counter");
  counter->start({false}, start);
  EXPECT_FALSE(counter->on_change({.active = true, .time = start + 1s}).changed);
  EXPECT_FALSE(counter->next_due());
}

TEST(Counter, WithAnIntervalAChangeIsToldAtOnceAndAStormOfThemOncePerInterval) {
  const auto counter = make_edge_sensor("counter", {{"min_interval", "1s"}});
  counter->start({false}, start);
  EXPECT_TRUE(counter->on_change({.active = true, .time = start + 2s}).changed);
  int told = 0;
  auto now = start + 2s;
  for (int i = 0; i < 3000; ++i) {
    now += 1ms;
    if (const auto due = counter->next_due(); due && *due <= now) told += counter->on_time(now).changed;
    told += counter->on_change({.active = true, .time = now}).changed;
  }
  EXPECT_EQ(told, 3);
}

TEST(Counter, SaysHowOftenItsTotalIsKept) {
  const auto counter = make_edge_sensor(
      "counter", {{"units_per_pulse", "2"}, {"keep_pulses", "50"}, {"keep_at_most", "5s"}, {"keep_at_least", "1min"}});
  const auto rule = counter->keep_rule();
  ASSERT_TRUE(rule);
  EXPECT_EQ(rule->step, 100);
  EXPECT_EQ(rule->at_most, 5s);
  EXPECT_EQ(rule->at_least, 1min);
}

TEST(PulseRate, IsUnknownToOnePulseAndGivenByTwo) {
  PulseRate rate(1s, 10s);
  EXPECT_EQ(rate.at(start), 0);
  rate.add(1, start);
  EXPECT_EQ(rate.at(start + 1s), 0);
  rate.add(1, start + 2s);
  EXPECT_DOUBLE_EQ(rate.at(start + 2s), 0.5);
}

TEST(PulseRate, FallsWhenPulsesCeaseAndIsZeroAfterTheSilence) {
  PulseRate rate(1s, 10s);
  for (int i = 0; i <= 100; ++i) rate.add(1, start + i * 10ms);
  EXPECT_NEAR(rate.at(start + 1s), 100, 1e-9);
  EXPECT_NEAR(rate.at(start + 2s), 1, 1e-9);
  EXPECT_NEAR(rate.at(start + 6s), 0.2, 1e-9);
  EXPECT_EQ(rate.at(start + 11s), 0);
}

TEST(PulseRate, ForgetsWhatIsOlderThanItsWindow) {
  PulseRate rate(1s, 10s);
  auto now = start;
  for (int i = 0; i < 1000; ++i) rate.add(1, now += 100ms);
  for (int i = 0; i < 2000; ++i) rate.add(1, now += 1ms);
  EXPECT_NEAR(rate.at(now), 1000, 1);
}

TEST(PulseRate, APauseIsNoPartOfIt) {
  PulseRate rate(1min, 10s);
  rate.add(1, start);
  rate.add(1, start + 1s);
  rate.add(1, start + 100s);
  EXPECT_EQ(rate.at(start + 100s), 0);
  rate.add(1, start + 101s);
  EXPECT_DOUBLE_EQ(rate.at(start + 101s), 1);
}

// Argent Data Systems, Weather Sensor Assembly p/n 80422: 0.2794 mm a tip, 2.4 km/h at one contact a second.
TEST(RainGauge, ATipIsItsDepthOfRain) {
  const auto gauge = make_edge_sensor("rain_gauge");
  gauge->start({false}, start);
  const auto now = pulse(*gauge, 4, 6min);
  const auto [rain, intensity] = values_of(*gauge, now);
  EXPECT_NEAR(published(Quantity::precipitation, rain), 4 * 0.2794, 1e-9);
  EXPECT_NEAR(published(Quantity::precipitation_intensity, intensity), 2.794, 1e-9);
}

TEST(Anemometer, OneContactASecondIsTwoPointFourKilometresAnHour) {
  const auto anemometer = make_edge_sensor("anemometer");
  ASSERT_EQ(anemometer->channels().size(), 1u);
  EXPECT_FALSE(anemometer->keep_rule());
  anemometer->start({false}, start);
  const auto now = pulse(*anemometer, 10, 1s);
  Samples samples(1);
  anemometer->measure(now, samples);
  EXPECT_NEAR(samples[0].value(), 2.4 / 3.6, 1e-9);
}

// Sea, YF-S201 data sheet: F = 7.5 × Q, F in Hz, Q in L/min.
TEST(FlowMeter, SevenAndAHalfHertzAreALitreAMinute) {
  const auto meter = make_edge_sensor("flow_meter");
  meter->start({false}, start);
  const auto now = pulse(*meter, 450, std::chrono::nanoseconds(1'000'000'000LL * 10 / 75));
  const auto [volume, flow] = values_of(*meter, now);
  EXPECT_NEAR(published(Quantity::volume, volume), 1, 1e-9);
  EXPECT_NEAR(published(Quantity::flow_rate, flow), 1, 1e-6);
}

// 1000 imp/kWh: a pulse is a Wh, and one each 3.6 s are 1000 W.
TEST(EnergyMeter, APulseIsTheShareOfAKilowattHour) {
  const auto meter = make_edge_sensor("energy_meter");
  meter->start({false}, start);
  const auto now = pulse(*meter, 7, 3600ms);
  const auto [energy, power] = values_of(*meter, now);
  EXPECT_NEAR(published(Quantity::energy, energy), 7, 1e-9);
  EXPECT_NEAR(published(Quantity::power, power), 1000, 1e-6);
}

}  // namespace
}  // namespace b2m
