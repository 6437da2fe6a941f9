#include "daemon/flow/rules.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "daemon/flow/local_time.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

const SteadyTime begin = SteadyTime(1h);

Condition above(double limit, double hysteresis = 0) {
  return {.kind = ConditionKind::threshold,
          .source = "climate",
          .channel = "temperature",
          .above = limit,
          .hysteresis = hysteresis};
}

RuleConfig fan_rule(Condition when, WhenUnknown unknown = WhenUnknown::otherwise) {
  return {.name = "rule 1",
          .when = std::move(when),
          .then_actions = {{"fan", {true}}},
          .else_actions = {{"fan", {false}}},
          .unknown = unknown};
}

/// One rule, fed with temperatures.
struct Fed {
  explicit Fed(RuleConfig rule) : rules({std::move(rule)}) {}

  /// "ON", "OFF", "" for what the rule commands.
  std::string read(double temperature, std::chrono::nanoseconds at = 0s, std::chrono::nanoseconds expire = 0s) {
    rules.reading("climate", "temperature", temperature, expire, begin + at);
    return look(at);
  }
  std::string look(std::chrono::nanoseconds at = 0s, std::optional<std::chrono::minutes> of_day = {}) {
    return words(rules.update({begin + at, of_day}));
  }
  std::string event(const std::string& source, const std::string& name) {
    return words(rules.happened(source, name, {begin, {}}));
  }
  std::string online(bool online, std::chrono::nanoseconds at = 0s) {
    rules.online("climate", online);
    return look(at);
  }
  std::string words(const std::vector<Rules::Firing>& firings) {
    std::string text;
    for (const auto& firing : firings) {
      last = firing;
      text += std::get<bool>(rules.action(firing).command.target) ? "ON" : "OFF";
    }
    return text;
  }
  [[nodiscard]] std::string why() const { return rules.status(0).why; }

  Rules rules;
  Rules::Firing last{};
};

TEST(Rules, a_threshold_acts_when_it_is_passed_and_when_it_is_left) {
  Fed fan(fan_rule(above(30)));
  EXPECT_EQ(fan.look(), "") << "nothing has been read";
  EXPECT_EQ(fan.read(29), "OFF");
  EXPECT_EQ(fan.read(30), "");
  EXPECT_EQ(fan.read(31.25), "ON");
  EXPECT_EQ(fan.why(), "climate.temperature 31.25 above 30");
  EXPECT_EQ(fan.read(32), "") << "what others command meanwhile stands";
  EXPECT_EQ(fan.read(29.5), "OFF");
  EXPECT_EQ(fan.why(), "climate.temperature 29.5 not above 30");
}

TEST(Rules, hysteresis_holds_until_the_value_is_that_much_further_back) {
  Fed fan(fan_rule(above(30, 1)));
  EXPECT_EQ(fan.read(30.5), "ON");
  EXPECT_EQ(fan.read(29.1), "");
  EXPECT_EQ(fan.read(29), "OFF");
  EXPECT_EQ(fan.read(29.9), "");
  auto below = above(0);
  below.above.reset();
  below.below = 10;
  below.hysteresis = 2;
  Fed heater(fan_rule(below));
  EXPECT_EQ(heater.read(9), "ON");
  EXPECT_EQ(heater.read(11.9), "");
  EXPECT_EQ(heater.read(12), "OFF");
}

TEST(Rules, between_two_limits_is_inside) {
  auto band = above(10);
  band.below = 20;
  Fed fan(fan_rule(band));
  EXPECT_EQ(fan.read(15), "ON");
  EXPECT_EQ(fan.read(21), "OFF");
  EXPECT_EQ(fan.read(9), "");
}

TEST(Rules, for_counts_only_without_interruption) {
  auto condition = above(30);
  condition.lasting = 10s;
  Fed fan(fan_rule(condition));
  EXPECT_EQ(fan.read(31, 0s), "OFF");
  EXPECT_EQ(fan.rules.next_due(), begin + 10s);
  EXPECT_EQ(fan.read(29, 5s), "");
  EXPECT_EQ(fan.read(31, 6s), "");
  EXPECT_EQ(fan.look(15s), "");
  EXPECT_EQ(fan.look(16s), "ON");
  EXPECT_EQ(fan.why(), "climate.temperature 31 above 30 for 10s");
}

TEST(Rules, one_failed_reading_changes_nothing_and_an_offline_sensor_is_unknown) {
  Fed fan(fan_rule(above(30)));
  fan.online(true);
  EXPECT_EQ(fan.read(31), "ON");
  fan.rules.reading("climate", "temperature", fail(Errc::checksum), 0s, begin);
  EXPECT_EQ(fan.look(), "");
  EXPECT_EQ(fan.online(false), "OFF");
  EXPECT_EQ(fan.why(), "climate.temperature is offline");
  EXPECT_EQ(fan.online(true), "ON");
}

TEST(Rules, unknown_keeps_or_acts_as_configured) {
  Fed keeps(fan_rule(above(30), WhenUnknown::keep));
  EXPECT_EQ(keeps.read(31), "ON");
  EXPECT_EQ(keeps.online(false), "");
  Fed runs(fan_rule(above(30), WhenUnknown::then));
  EXPECT_EQ(runs.read(29), "OFF");
  EXPECT_EQ(runs.online(false), "ON");
}

TEST(Rules, a_reading_expires) {
  Fed fan(fan_rule(above(30)));
  EXPECT_EQ(fan.read(31, 0s, 1min), "ON");
  EXPECT_EQ(fan.rules.next_due(), begin + 1min);
  EXPECT_EQ(fan.look(1min), "OFF");
  EXPECT_EQ(fan.why(), "climate.temperature is older than 1min");
}

TEST(Rules, stale_is_a_condition_of_its_own) {
  Fed fan(fan_rule({.kind = ConditionKind::stale, .source = "climate"}));
  EXPECT_EQ(fan.look(), "");
  EXPECT_EQ(fan.online(true), "OFF");
  EXPECT_EQ(fan.online(false), "ON");
  EXPECT_EQ(fan.why(), "climate is offline");
}

RuleConfig button_rule() {
  return {.name = "rule 1",
          .when = {.kind = ConditionKind::event, .source = "button", .event = "press"},
          .then_actions = {{"fan", {true}}}};
}

TEST(Rules, an_event_acts_each_time_and_for_no_longer) {
  Fed fan(button_rule());
  EXPECT_EQ(fan.event("button", "press"), "ON");
  EXPECT_EQ(fan.event("button", "press"), "ON");
  EXPECT_EQ(fan.event("button", "long"), "");
  EXPECT_EQ(fan.event("other", "press"), "");
  EXPECT_EQ(fan.look(), "");
}

TEST(Rules, all_and_any_decide_with_what_is_known) {
  const Condition door{.kind = ConditionKind::is_on, .source = "door", .channel = "state"};
  Fed both(fan_rule({.kind = ConditionKind::all, .parts = {above(30), door}}, WhenUnknown::keep));
  EXPECT_EQ(both.read(31), "") << "the door has not been read";
  EXPECT_EQ(both.read(29), "OFF") << "false whatever the door is";
  both.rules.reading("door", "state", 1.0, 0s, begin);
  EXPECT_EQ(both.read(31), "ON");
  EXPECT_EQ(both.why(), "climate.temperature 31 above 30 and door.state is ON");
  both.rules.online("door", false);
  EXPECT_EQ(both.look(), "");
  Fed either(fan_rule({.kind = ConditionKind::any, .parts = {above(30), door}}, WhenUnknown::keep));
  EXPECT_EQ(either.read(31), "ON") << "true whatever the door is";
  EXPECT_EQ(either.read(29), "");
}

TEST(Rules, a_time_of_day_may_go_past_midnight) {
  Fed lamp(fan_rule({.kind = ConditionKind::between, .from = 22h, .to = 6h + 30min}));
  EXPECT_EQ(lamp.look(0s, 21h + 59min), "OFF");
  EXPECT_EQ(lamp.look(0s, 22h), "ON");
  EXPECT_EQ(lamp.why(), "time 22:00 between 22:00 and 06:30");
  EXPECT_EQ(lamp.look(0s, 6h + 29min), "");
  EXPECT_EQ(lamp.look(0s, 6h + 30min), "OFF");
  EXPECT_EQ(lamp.look(0s, 23h), "ON");
  EXPECT_EQ(lamp.look(0s), "OFF") << "the clock cannot be told";
}

TEST(Rules, a_refused_action_comes_again_more_and_more_slowly_while_the_rule_says_the_same) {
  Fed fan(fan_rule(above(30)));
  EXPECT_EQ(fan.read(31), "ON");
  fan.rules.failed(fan.last, begin);
  EXPECT_EQ(fan.look(9s), "");
  EXPECT_EQ(fan.look(10s), "ON");
  fan.rules.failed(fan.last, begin + 10s);
  EXPECT_EQ(fan.look(29s), "");
  EXPECT_EQ(fan.look(30s), "ON");
  fan.rules.failed(fan.last, begin + 30s);
  EXPECT_EQ(fan.read(29, 31s), "OFF");
  EXPECT_EQ(fan.look(10min), "");
}

TEST(Rules, what_an_actuator_was_not_there_for_comes_as_soon_as_it_is) {
  Fed fan(fan_rule(above(30)));
  EXPECT_EQ(fan.read(31), "ON");
  fan.rules.failed(fan.last, begin, /*unavailable=*/true);
  fan.rules.told("pump", begin + 1s);
  EXPECT_EQ(fan.look(1s), "");
  fan.rules.told("fan", begin + 1s);
  EXPECT_EQ(fan.look(1s), "ON");
  EXPECT_EQ(fan.look(10min), "") << "it has been carried out";
}

TEST(Rules, what_an_actuator_failed_to_do_is_not_hurried_when_it_is_there_again) {
  Fed fan(fan_rule(above(30)));
  fan.read(31);
  fan.rules.failed(fan.last, begin);
  fan.rules.told("fan", begin + 1s);
  EXPECT_EQ(fan.look(9s), "");
  EXPECT_EQ(fan.look(10s), "ON");
}

TEST(Rules, what_comes_too_early_waits_for_whatever_an_actuator_tells) {
  Fed fan(fan_rule(above(30)));
  fan.read(31);
  EXPECT_TRUE(fan.rules.postpone(fan.last));
  EXPECT_EQ(fan.look(1h), "");
  EXPECT_FALSE(fan.rules.next_due());
  fan.rules.told("pump", begin + 1h);
  EXPECT_EQ(fan.look(1h), "ON");
  EXPECT_TRUE(fan.rules.postpone(fan.last));
  EXPECT_EQ(fan.read(29, 1h), "OFF");
  fan.rules.told("pump", begin + 1h);
  EXPECT_EQ(fan.look(1h), "") << "the rule has changed its mind";
}

TEST(Rules, what_an_event_wants_too_early_does_not_wait) {
  Fed fan(button_rule());
  EXPECT_EQ(fan.event("button", "press"), "ON");
  EXPECT_FALSE(fan.rules.postpone(fan.last));
  fan.rules.told("fan", begin + 1s);
  EXPECT_EQ(fan.look(1s), "");
}

// ---- another configuration ----

RuleConfig held_rule(std::chrono::nanoseconds lasting) {
  auto when = above(30);
  when.lasting = lasting;
  return fan_rule(std::move(when));
}

TEST(Rules, a_rule_that_stays_keeps_its_hold_its_place_and_its_name_do_not_matter) {
  Fed fan(held_rule(10s));
  EXPECT_EQ(fan.read(31), "OFF");
  auto before = held_rule(1min);
  auto renamed = held_rule(10s);
  renamed.name = "rule 2";
  fan.rules.change({before, renamed});
  EXPECT_EQ(fan.look(9s), "OFF") << "of the new rule alone: the other has decided already";
  EXPECT_EQ(fan.look(10s), "ON");
  EXPECT_EQ(fan.rules.status(1).fired, 2U);
}

TEST(Rules, a_rule_that_changed_begins_anew) {
  Fed fan(held_rule(10s));
  fan.read(31);
  fan.rules.change({held_rule(11s)});
  EXPECT_EQ(fan.look(9s), "OFF");
  EXPECT_EQ(fan.look(19s), "");
  EXPECT_EQ(fan.look(20s), "ON");
}

TEST(Rules, whatever_a_rule_says_otherwise_it_begins_anew) {
  const auto before = fan_rule(above(30));
  auto then = before;
  then.then_actions[0].command.duration = 5s;
  auto otherwise = before;
  otherwise.else_actions.clear();
  auto unknown = before;
  unknown.unknown = WhenUnknown::keep;
  for (const auto& changed : {then, otherwise, unknown}) {
    Fed fan(before);
    EXPECT_EQ(fan.read(31), "ON");
    fan.rules.change({changed});
    EXPECT_EQ(fan.look(), "ON");
  }
}

TEST(Rules, two_rules_that_say_the_same_both_go_on) {
  Fed fan(fan_rule(above(30)));
  fan.rules.change({fan_rule(above(30)), fan_rule(above(30))});
  EXPECT_EQ(fan.read(31), "ONON");
  fan.rules.change({fan_rule(above(30)), fan_rule(above(30))});
  EXPECT_EQ(fan.look(), "");
  for (const std::size_t rule : {0U, 1U}) EXPECT_EQ(fan.rules.status(rule).why, "climate.temperature 31 above 30");
}

TEST(Rules, an_attempt_of_a_rule_that_is_no_more_does_not_come_again) {
  Fed fan(fan_rule(above(30)));
  fan.read(31);
  const auto firing = fan.last;
  fan.rules.change({held_rule(1s)});
  EXPECT_EQ(fan.rules.find(firing), nullptr);
  fan.rules.failed(firing, begin);
  EXPECT_EQ(fan.look(0s), "OFF");
  EXPECT_EQ(fan.look(1s), "ON") << "once, by the new rule";
}

TEST(Rules, an_attempt_of_a_rule_that_moved_comes_again) {
  Fed fan(fan_rule(above(30)));
  fan.read(31);
  fan.rules.failed(fan.last, begin);
  fan.rules.change({held_rule(1h), fan_rule(above(30))});
  EXPECT_EQ(fan.look(1s), "OFF") << "the new rule";
  EXPECT_EQ(fan.look(10s), "ON");
}

TEST(Rules, what_was_told_of_a_sensor_that_was_made_anew_is_forgotten) {
  Fed fan(fan_rule(above(30)));
  fan.rules.reading("climate", "temperature", 31.0, 0s, begin);
  fan.rules.forget("climate");
  EXPECT_EQ(fan.look(), "");
}

// ---- local time; the rule of the time zone is that of POSIX, with which central Europe is written ----

struct LocalTime : ::testing::Test {
  LocalTime() { setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1); }
  ~LocalTime() override { unsetenv("TZ"), tzset(); }
  static WallTime utc(int year, int month, int day, int hour, int minute) {
    std::tm tm{};
    tm.tm_year = year - 1900, tm.tm_mon = month - 1, tm.tm_mday = day, tm.tm_hour = hour, tm.tm_min = minute;
    return WallClock::from_time_t(timegm(&tm));
  }
};

TEST_F(LocalTime, the_time_of_day_is_the_local_one) {
  EXPECT_EQ(minute_of_day(utc(2026, 1, 15, 6, 0)), 7h);
  EXPECT_EQ(minute_of_day(utc(2026, 7, 15, 6, 0)), 8h);
  EXPECT_FALSE(minute_of_day(utc(1970, 1, 1, 0, 5)));
}

TEST_F(LocalTime, the_next_passing_is_today_or_tomorrow) {
  const std::vector<std::chrono::minutes> times{7h, 22h};
  EXPECT_EQ(next_passing(times, utc(2026, 1, 15, 5, 59)), utc(2026, 1, 15, 6, 0));
  EXPECT_EQ(next_passing(times, utc(2026, 1, 15, 6, 0)), utc(2026, 1, 15, 21, 0));
  EXPECT_EQ(next_passing(times, utc(2026, 1, 15, 22, 0)), utc(2026, 1, 16, 6, 0));
}

TEST_F(LocalTime, a_time_that_spring_skips_is_passed_at_the_jump) {
  // 2026-03-29: 02:00 CET is 03:00 CEST, at 01:00 UTC.
  const std::vector<std::chrono::minutes> times{2h + 30min};
  EXPECT_EQ(next_passing(times, utc(2026, 3, 28, 23, 0)), utc(2026, 3, 29, 1, 0));
}

TEST_F(LocalTime, a_time_of_the_repeated_hour_is_passed_again) {
  // 2026-10-25: 03:00 CEST is 02:00 CET, at 01:00 UTC.
  const std::vector<std::chrono::minutes> times{2h + 30min};
  EXPECT_EQ(next_passing(times, utc(2026, 10, 25, 0, 0)), utc(2026, 10, 25, 0, 30));
  EXPECT_EQ(next_passing(times, utc(2026, 10, 25, 0, 30)), utc(2026, 10, 25, 1, 0)) << "the jump";
  EXPECT_EQ(next_passing(times, utc(2026, 10, 25, 1, 0)), utc(2026, 10, 25, 1, 30));
}

TEST_F(LocalTime, the_next_passing_is_told_once_and_anew_when_it_has_come_or_the_clock_is_set_back) {
  DayTimes times;
  EXPECT_EQ(times.look_ahead(utc(2026, 1, 15, 5, 0)), std::nullopt) << "there is none";
  times.watch({7h, 22h});
  EXPECT_EQ(times.look_ahead(utc(2026, 1, 15, 5, 0)), utc(2026, 1, 15, 6, 0));
  EXPECT_EQ(times.look_ahead(utc(2026, 1, 15, 5, 59)), std::nullopt);
  EXPECT_EQ(times.look_ahead(utc(2026, 1, 15, 6, 0)), utc(2026, 1, 15, 21, 0));
  EXPECT_EQ(times.look_ahead(utc(2026, 1, 15, 5, 0)), utc(2026, 1, 15, 6, 0));
}

TEST_F(LocalTime, other_times_are_looked_ahead_to_at_once_and_the_ones_before_no_more) {
  DayTimes times;
  times.watch({22h});
  EXPECT_EQ(times.look_ahead(utc(2026, 1, 15, 5, 0)), utc(2026, 1, 15, 21, 0));
  times.watch({7h});
  EXPECT_EQ(times.look_ahead(utc(2026, 1, 15, 5, 0)), utc(2026, 1, 15, 6, 0));
  times.watch({22h});
  EXPECT_EQ(times.look_ahead(utc(2026, 1, 15, 5, 30)), utc(2026, 1, 15, 21, 0));
  times.watch({});
  EXPECT_EQ(times.look_ahead(utc(2026, 1, 15, 21, 0)), std::nullopt);
}

TEST_F(LocalTime, a_clock_that_was_never_set_is_waited_for) {
  const std::vector<std::chrono::minutes> times{7h};
  EXPECT_EQ(next_passing(times, WallTime(5min)), WallTime(earliest_set_clock));
}

}  // namespace
}  // namespace b2m
