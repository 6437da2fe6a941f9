// What follows the devices, rules, displays and the bus, over a change of the configuration.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/app/reload_rig.hpp"
#include "tests/fakes/watched_display.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::pc12;
using test::pc8;
using test::run_until;
using testing::IsEmpty;
using testing::Not;

const std::string switches =
    R"("actuators": {"fan": {"driver": "switch", "line": "PC8"}, "lamp": {"driver": "switch", "line": "PC9"}})";

/// The climate is read once, at its start.
class Followers : public test::ReloadTest {
 protected:
  static std::string climate(const std::string& every) {
    return R"("climate": {"driver": "bme280", "bus": "i2c-1", "address": "0x76", "every": ")" + every + R"("})";
  }
  [[nodiscard]] dbus::RuleStatus rule() { return gateway->bus_view().gateway().rules.at(0); }
  /// A gateway with that display on its bus.
  void start_with(const WatchedDisplay& display, const std::string& text) {
    write(text);
    require(load_again().config.has_value(), "the configuration is wrong");  // puts its parts on the board
    board->board.simulated_i2c("i2c-1").attach(0x27, display.chip());
    start(text);
  }
  bool shows(const WatchedDisplay& display, const std::string& text) {
    return run_until(loop, [&] { return display.line(0).substr(0, text.size()) == text; });
  }
};

// ---- rules ----

TEST_F(Followers, another_rule_decides_by_what_is_known_and_the_one_before_decides_nothing_any_more) {
  const auto rule = [](const std::string& actuator) {
    return R"({"name": "gw", "sensors": {"door": {"driver": "input", "line": "PC12"}}, )" + switches +
           R"(, "rules": [{"when": "door", "is": "ON", "then": {")" + actuator + R"(": "ON"},
                           "else": {")" +
           actuator + R"(": "OFF"}}]})";
  };
  start(rule("fan"));
  board->board.simulated_gpio().drive(pc12, true);
  ASSERT_TRUE(until("board2mqtt/gw/fan ON"));
  ASSERT_TRUE(reload(rule("lamp")).accepted) << diagnostics;
  ASSERT_TRUE(until("board2mqtt/gw/lamp ON"));
  board->board.simulated_gpio().drive(pc12, false);
  ASSERT_TRUE(until("board2mqtt/gw/lamp OFF"));
  EXPECT_EQ(board->board.simulated_gpio().level(pc8), true);
}

TEST_F(Followers, no_rule_decides_by_what_a_sensor_told_before_it_changed) {
  start(R"({"name": "gw", "sensors": {)" + climate("1h") + "}, " + switches + "}");
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {)" + climate("2h") + "}, " + switches +
                     R"(, "rules": [{"when": "climate.temperature", "above": -50, "then": {"fan": "ON"}}]})")
                  .accepted)
      << diagnostics;
  EXPECT_EQ(rule().state, "undecided");
  EXPECT_TRUE(until("board2mqtt/gw/fan ON"));
}

TEST_F(Followers, no_rule_decides_by_what_an_output_was_before_it_changed) {
  start(R"({"name": "gw", )" + switches + "}");
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "topic": "fan"},
                                                     "lamp": {"driver": "switch", "line": "PC9"}},
                         "rules": [{"when": "fan", "is": "OFF", "then": {"lamp": "ON"}}]})")
                  .accepted)
      << diagnostics;
  EXPECT_EQ(rule().state, "undecided");
  EXPECT_TRUE(until("board2mqtt/gw/lamp ON"));
}

TEST_F(Followers, a_refusal_of_what_a_rule_wanted_that_is_no_more_concerns_nobody) {
  const std::string fan = R"("actuators": {"fan": {"driver": "switch", "line": "PC8", "min_off": "1h"}})";
  const std::string sensors = R"("sensors": {)" + climate("1h") + "}";
  start(R"({"name": "gw", )" + sensors + ", " + fan +
        R"(, "rules": [{"when": "climate.temperature", "above": -50, "then": {"fan": "ON"}}]})");
  ASSERT_TRUE(run_until(loop, [&] { return rule().state == "then"; }));
  ASSERT_TRUE(reload(R"({"name": "gw", )" + sensors + ", " + fan + "}").accepted) << diagnostics;
  ASSERT_TRUE(reload(R"({"name": "gw", )" + sensors + "}").accepted) << diagnostics;
  EXPECT_THAT(gateway->devices().actuators(), IsEmpty());
}

TEST_F(Followers, what_a_rule_wants_of_an_output_that_cannot_be_driven_is_done_as_soon_as_it_can) {
  start(R"({"name": "gw", "sensors": {"door": {"driver": "input", "line": "PC12"}}})");
  board->outputs.refuses = true;
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"door": {"driver": "input", "line": "PC12"}}, )" + switches +
                     R"(, "rules": [{"when": "door", "is": "OFF", "then": {"fan": "ON"}}]})")
                  .accepted)
      << diagnostics;
  ASSERT_EQ(rule().state, "then");
  board->outputs.refuses = false;
  EXPECT_TRUE(until("board2mqtt/gw/fan ON"));
}

/// Nothing is told while these wait: time alone brings what they want.
class WaitingRules : public Followers {
 protected:
  static std::string rule(const std::string& lasting, const std::string& actuator) {
    return R"({"when": "door", "is": "ON", "for": ")" + lasting + R"(", "then": {")" + actuator + R"(": "ON"}})";
  }
  static std::string config(const std::string& rules) {
    return R"({"name": "gw", "sensors": {"door": {"driver": "input", "line": "PC12"}}, )" + switches +
           R"(, "rules": [)" + rules + "]}";
  }
  void start_with_an_open_door(const std::string& rules) {
    start(config(rules));
    look_away();
    board->board.simulated_gpio().drive(pc12, true);
    require(until_told("board2mqtt/gw/door"), "the door is not told");
    look_away();
  }
  void reload_rules(const std::string& rules) { require(reload(config(rules)).accepted, diagnostics); }
  /// Whose time comes after that at which the fan's rule would have acted.
  bool nothing_comes_before_the_lamp() {
    return until("board2mqtt/gw/lamp ON") && board->board.simulated_gpio().level(pc8) == false;
  }
};

TEST_F(WaitingRules, one_that_stays_is_awaited_when_another_changes) {
  start_with_an_open_door(rule("200ms", "fan") + "," + rule("1h", "lamp"));
  reload_rules(rule("200ms", "fan") + "," + rule("2h", "lamp"));
  EXPECT_TRUE(until("board2mqtt/gw/fan ON"));
}

TEST_F(WaitingRules, one_that_changed_is_awaited_as_it_is_now) {
  start_with_an_open_door(rule("1h", "fan"));
  reload_rules(rule("100ms", "fan"));
  EXPECT_TRUE(until("board2mqtt/gw/fan ON"));
}

TEST_F(WaitingRules, one_that_waits_longer_now_does_nothing_at_its_time_from_before) {
  start_with_an_open_door(rule("100ms", "fan"));
  reload_rules(rule("1h", "fan") + "," + rule("200ms", "lamp"));
  EXPECT_TRUE(nothing_comes_before_the_lamp());
}

TEST_F(WaitingRules, one_that_is_gone_does_nothing_at_its_time) {
  start_with_an_open_door(rule("100ms", "fan"));
  reload_rules(rule("200ms", "lamp"));
  EXPECT_TRUE(nothing_comes_before_the_lamp());
}

TEST_F(WaitingRules, when_the_last_one_is_gone_nothing_is_awaited_until_there_is_one_again) {
  start_with_an_open_door(rule("100ms", "fan"));
  reload_rules("");
  reload_rules(rule("200ms", "lamp"));
  EXPECT_TRUE(nothing_comes_before_the_lamp());
}

// ---- displays ----

std::string door(const std::string& line) {
  return R"("actuators": {"door": {"driver": "lcd1602", "bus": "i2c-1", "address": "0x27", "lines": [")" + line +
         R"("]}})";
}

TEST_F(Followers, a_display_shows_its_new_lines) {
  const WatchedDisplay display;
  start_with(display, R"({"name": "gw", )" + door("before") + "}");
  EXPECT_TRUE(shows(display, "before"));
  for (const std::string line : {"after", "at last"}) {
    ASSERT_TRUE(reload(R"({"name": "gw", )" + door(line) + "}").accepted) << diagnostics;
    EXPECT_TRUE(shows(display, line));
  }
}

TEST_F(Followers, a_display_shows_nothing_of_a_sensor_from_before_it_changed) {
  const auto config = [](const std::string& beta) {
    return R"({"name": "gw", "sensors": {
      "adc": {"driver": "ads1115", "bus": "i2c-1", "every": "1h"},
      "water": {"driver": "ntc", "input": "adc.ain0", "series_ohm": 10000, "beta_kelvin": )" +
           beta + "}}, " + door("T {water.temperature:.0f}") + "}";
  };
  const WatchedDisplay display;
  start_with(display, config("3950"));
  ASSERT_TRUE(until_told("board2mqtt/gw/water"));
  ASSERT_TRUE(
      run_until(loop, [&] { return display.line(0).starts_with("T ") && !display.line(0).starts_with("T --"); }));
  ASSERT_TRUE(reload(config("3435")).accepted) << diagnostics;
  EXPECT_TRUE(shows(display, "T --"));
}

// ---- the bus ----

struct Listener final : dbus::GatewayListener {
  void sensor_changed(std::string_view /*id*/) override {}
  void actuator_changed(std::string_view /*id*/) override {}
  void gateway_changed() override {}
  void devices_changed() override { ++changes; }
  int changes = 0;
};

TEST_F(Followers, the_bus_is_told_of_other_devices_and_shows_no_reading_from_before) {
  start(R"({"name": "gw", "sensors": {)" + climate("1h") + "}}");
  Listener listener;
  gateway->bus_view().listen(&listener);
  ASSERT_THAT(gateway->bus_view().sensor("climate")->readings, Not(IsEmpty()));
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {)" + climate("2h") + "}}").accepted) << diagnostics;
  EXPECT_EQ(listener.changes, 1);
  EXPECT_THAT(gateway->bus_view().sensor("climate")->readings, IsEmpty());
  gateway->bus_view().listen(nullptr);
}

}  // namespace
}  // namespace b2m
