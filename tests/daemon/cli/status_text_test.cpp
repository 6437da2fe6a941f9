#include "daemon/cli/status_text.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <nlohmann/json.hpp>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::StrEq;

const Moment now{WallTime(1000h), SteadyTime(100h)};

dbus::SensorStatus climate() {
  return {.id = "climate",
          .driver = "bme280",
          .state = "ready",
          .readings = {{"temperature", 21.5}},
          .units = {{"temperature", "°C"}, {"humidity", "%"}},
          .errors = {{"humidity", "checksum"}},
          .times = {{"temperature", now.wall - 5s}},
          .times_monotonic = {{"temperature", now.monotonic - 5s}, {"humidity", now.monotonic - 3min}}};
}

dbus::Snapshot snapshot() {
  dbus::Snapshot snapshot{.running = true};
  snapshot.gateway = {.version = "1.0", .name = "gw", .board = "walnutpi-1b", .started = now.wall - 49h};
  snapshot.sensors["climate"] = climate();
  snapshot.actuators["dimmer"] = {.id = "dimmer", .output = "40", .unit = "%", .cause = "a rule"};
  return snapshot;
}

TEST(StatusTable, shows_values_with_units_ages_and_errors) {
  const auto lines = status_table(snapshot(), now, {});
  EXPECT_THAT(lines, Contains(StrEq("climate   temperature  21.5 °C  5s")));
  EXPECT_THAT(lines, Contains(StrEq("          humidity     -        3min    checksum")));
  EXPECT_THAT(lines, Contains(StrEq("dimmer    a rule       40 %")));
  EXPECT_THAT(lines.front(), HasSubstr("gw on walnutpi-1b, up 2d"));
}

TEST(StatusTable, takes_ages_from_the_clock_that_nobody_sets) {
  auto moved = now;
  moved.wall += 24h * 365 * 50;  // the clock was set meanwhile
  EXPECT_THAT(status_table(snapshot(), moved, {}), Contains(StrEq("climate   temperature  21.5 °C  5s")));
}

TEST(StatusTable, is_plain_unless_it_is_to_be_coloured) {
  EXPECT_THAT(status_table(snapshot(), now, {}), Each(Not(HasSubstr("\x1b"))));
  EXPECT_THAT(status_table(snapshot(), now, {.colour = true}), Contains(StartsWith("\x1b[31m          humidity")));
}

TEST(StatusTable, is_no_wider_than_the_terminal) {
  const auto lines = status_table(snapshot(), now, {.width = 30});
  EXPECT_THAT(lines, Contains(StrEq("climate   temperature  21.5 °C")));
}

TEST(StatusTable, says_when_the_daemon_has_ended) {
  auto ended = snapshot();
  ended.running = false;
  EXPECT_THAT(status_table(ended, now, {}).front(), HasSubstr("not running"));
}

TEST(ChannelHistory, draws_the_course_from_the_lowest_to_the_highest) {
  ChannelHistory history;
  auto sensor = climate();
  for (const double value : {0.0, 7.0, 3.5}) {
    sensor.readings = {{"temperature", value}};
    sensor.times_monotonic[0].second += 1s;
    history.take(sensor);
    history.take(sensor);  // the same reading again
  }
  EXPECT_THAT(history.sparkline("climate", "temperature"), StrEq("▁█▅"));
  EXPECT_THAT(history.sparkline("climate", "pressure"), StrEq(""));
}

TEST(ChannelHistory, leaves_a_gap_for_what_was_not_measured) {
  ChannelHistory history;
  auto sensor = climate();
  history.take(sensor);
  sensor.readings.clear();
  sensor.times_monotonic[0].second += 1s;
  history.take(sensor);
  EXPECT_THAT(history.sparkline("climate", "temperature"), StrEq("▁ "));
}

TEST(ChannelHistory, forgets_what_is_long_past) {
  ChannelHistory history;
  auto sensor = climate();
  for (int i = 0; i < 100; ++i) {
    sensor.readings = {{"temperature", i == 0 ? 1000.0 : 20.0 + i}};
    sensor.times_monotonic[0].second += 1s;
    history.take(sensor);
  }
  EXPECT_EQ(history.sparkline("climate", "temperature").size(), ChannelHistory::length * std::string("▁").size());
  EXPECT_THAT(history.sparkline("climate", "temperature"), AllOf(StartsWith("▁"), testing::EndsWith("█")));
}

TEST(StatusJson, has_null_for_what_was_not_measured_and_says_why) {
  const auto json = to_json(snapshot());
  const auto& channels = json["sensors"]["climate"]["channels"];
  EXPECT_EQ(channels["temperature"]["value"], 21.5);
  EXPECT_TRUE(channels["humidity"]["value"].is_null());
  EXPECT_EQ(channels["humidity"]["error"], "checksum");
}

TEST(ShortAge, is_never_negative) {
  EXPECT_THAT(short_age(-5s), StrEq("0s"));
  EXPECT_THAT(short_age(59s), StrEq("59s"));
  EXPECT_THAT(short_age(47h), StrEq("47h"));
  EXPECT_THAT(short_age(48h), StrEq("2d"));
}

}  // namespace
}  // namespace b2m
