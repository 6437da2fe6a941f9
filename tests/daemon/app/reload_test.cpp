#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/daemon/app/reload_rig.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::pc12;
using test::pc8;
using test::ReloadTest;
using test::run_until;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(ReloadTest, an_unchanged_sensor_keeps_its_filters_and_its_place_in_the_schedule) {
  const std::string same = R"("rain": {"driver": "counter", "line": "PC12", "every": "1h", "payload": "{total:.2f}",
                                       "filters": [{"mean": 2}]},
                              "climate": {"driver": "bme280", "bus": "i2c-1", "address": "0x76", "every": "1h"})";
  start(R"({"name": "gw", "sensors": {)" + same + "}}");
  const auto* rain = gateway->devices().edges().at(0).get();
  const auto* climate = gateway->devices().sensors().at(0).get();
  for (int times = 0; times < 2; ++times) command("board2mqtt/gw/request/read", "");
  ASSERT_TRUE(until("board2mqtt/gw/rain 0.00"));
  reload(R"({"name": "gw", "sensors": {"more": {"driver": "text", "text": "x"}, )" + same + "}}");
  ASSERT_EQ(gateway->devices().sensors().size(), 2U) << diagnostics;
  EXPECT_EQ(gateway->devices().edges().at(0).get(), rain);
  EXPECT_EQ(gateway->devices().sensors().at(1).get(), climate);
  board->board.simulated_gpio().drive(pc12, true);
  board->board.simulated_gpio().drive(pc12, false);
  look_away();
  command("board2mqtt/gw/request/read", "");
  EXPECT_TRUE(until("board2mqtt/gw/rain 0.50"))
      << "the mean of 0, from before, and 1: " << testing::PrintToString(sent());
}

TEST_F(ReloadTest, a_sensor_that_changed_goes_on_as_it_is_configured_now) {
  const auto sensors = [](const std::string& topic) {
    return R"({"name": "gw", "sensors": {
      "adc": {"driver": "ads1115", "bus": "i2c-1", "every": "1h"},
      "water": {"driver": "ntc", "input": "adc.ain0", "series_ohm": 10000, "beta_kelvin": 3950, "topic": ")" +
           topic + R"(/water"},
      "t": {"driver": "text", "text": "x", "every": "1h", "topic": ")" +
           topic + R"(/t"},
      "door": {"driver": "input", "line": "PC12", "topic": ")" +
           topic + R"(/door"}}})";
  };
  start(sensors("old"));
  ASSERT_TRUE(reload(sensors("new")).accepted) << diagnostics;
  settle();
  look_away();
  command("board2mqtt/gw/request/read", "");
  EXPECT_TRUE(until_told("new/t"));
  EXPECT_TRUE(until_told("new/water"));
  EXPECT_TRUE(until_told("new/door"));
}

TEST_F(ReloadTest, a_counter_that_changed_goes_on_from_its_total_and_what_has_come_since) {
  start(R"({"name": "gw", "sensors": {"rain": {"driver": "counter", "line": "PC12", "every": "1h"}}})");
  for (int pulses = 0; pulses < 2; ++pulses) {
    board->board.simulated_gpio().drive(pc12, true);
    board->board.simulated_gpio().drive(pc12, false);
  }
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"rain": {"driver": "counter", "line": "PC12", "every": "1h",
                        "payload": "{total:.0f}"}}})")
                  .accepted)
      << diagnostics;
  settle();
  command("board2mqtt/gw/request/read", "");
  EXPECT_TRUE(until("board2mqtt/gw/rain 2"));
}

TEST_F(ReloadTest, an_unchanged_output_is_neither_driven_nor_requested) {
  const std::string fan = R"("fan": {"driver": "switch", "line": "PC8"})";
  start(R"({"name": "gw", "actuators": {)" + fan + "}}");
  command("board2mqtt/gw/fan/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/fan ON"));
  board->outputs.take();
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x"}}, "actuators": {)" + fan + "}}")
                  .accepted)
      << diagnostics;
  ASSERT_TRUE(until("board2mqtt/gw/t x"));
  EXPECT_THAT(board->outputs.take(), IsEmpty());
  EXPECT_THAT(sent(), Not(Contains(HasSubstr("board2mqtt/gw/fan "))));
}

TEST_F(ReloadTest, a_changed_output_on_the_same_line_keeps_its_level) {
  start(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "on_exit": "off"}}})");
  command("board2mqtt/gw/fan/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/fan ON"));
  board->outputs.take();
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "topic": "house/fan",
                        "initial": "off"}}})")
                  .accepted)
      << diagnostics;
  EXPECT_TRUE(until("house/fan ON"));
  EXPECT_TRUE(until("board2mqtt/gw/fan "));  // what was retained there is cleared
  EXPECT_THAT(board->outputs.take(), ElementsAre("let go", "as found"));
  EXPECT_EQ(board->board.simulated_gpio().level(pc8), true);
}

TEST_F(ReloadTest, the_end_of_a_for_comes_although_the_output_was_changed) {
  start(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8"}}})");
  command("board2mqtt/gw/fan/set", R"({"state": "ON", "for": "300ms"})");
  ASSERT_TRUE(until("board2mqtt/gw/fan ON"));
  ASSERT_TRUE(
      reload(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "topic": "house/fan"}}})")
          .accepted);
  EXPECT_TRUE(until("house/fan OFF"));
}

TEST_F(ReloadTest, an_output_that_is_gone_takes_its_exit_state_and_its_topics_are_cleared) {
  start(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "on_exit": "off"}}})");
  command("board2mqtt/gw/fan/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/fan ON"));
  board->outputs.take();
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw"})").accepted) << diagnostics;
  EXPECT_TRUE(until("board2mqtt/gw/fan "));
  EXPECT_TRUE(until("board2mqtt/gw/fan/availability "));
  ASSERT_TRUE(run_until(loop, [&] { return board->board.simulated_gpio().level(pc8) == false; }));
  EXPECT_TRUE(run_until(loop, [&] { return gateway->devices().buses() == 0; })) << "its worker goes";
  EXPECT_THAT(board->outputs.take(), ElementsAre("set off", "let go"));
  EXPECT_THAT(link->unsubscribed, Contains("board2mqtt/gw/fan/set"));
}

TEST_F(ReloadTest, an_output_that_changes_again_and_again_keeps_its_level) {
  const auto fan = [](const std::string& topic) {
    return R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "topic": ")" + topic + R"("}}})";
  };
  start(fan("a"));
  command("board2mqtt/gw/fan/set", "ON");
  ASSERT_TRUE(until("a ON"));
  for (const std::string topic : {"b", "c"}) {
    ASSERT_TRUE(reload(fan(topic)).accepted) << diagnostics;
    ASSERT_TRUE(until(topic + " ON"));
  }
  EXPECT_EQ(board->board.simulated_gpio().level(pc8), true);
}

TEST_F(ReloadTest, lines_are_kept_for_the_outputs_that_there_are_and_for_no_others) {
  start(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8"},
                                        "pump": {"driver": "switch", "line": "PC12"}}})");
  EXPECT_THAT(board->outputs.wanted, testing::UnorderedElementsAre(pc8, pc12));
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"pump": {"driver": "switch", "line": "PC12"}}})").accepted);
  EXPECT_THAT(board->outputs.wanted, ElementsAre(pc12));
}

TEST_F(ReloadTest, a_new_output_knows_that_the_broker_is_there) {
  start(R"({"name": "gw"})");
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"tick": {"driver": "text", "text": "{sequence}", "every": "100ms"}},
                        "actuators": {"fan": {"driver": "switch", "line": "PC8", "initial": "on",
                                              "on_broker_lost": {"after": "0s", "state": "off"}}}})")
                  .accepted)
      << diagnostics;
  ASSERT_TRUE(until("board2mqtt/gw/fan ON"));
  ASSERT_TRUE(until("board2mqtt/gw/tick 3"));
  EXPECT_EQ(times_told("board2mqtt/gw/fan"), 1U) << testing::PrintToString(sent());
}

TEST_F(ReloadTest, an_id_and_a_retained_command_are_remembered_for_as_long_as_their_output_is_configured) {
  const auto fan = [](const std::string& topic) {
    return R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "accept_retained": true,
               "command_topic": "do", "topic": ")" +
           topic + R"("}}})";
  };
  const std::string with_id = R"({"state": "ON", "id": "a"})";
  // What it becomes says what it was: neither of the commands before it was carried out.
  const auto toggles_to = [&](const std::string& state, const std::string& id) {
    command("do", R"({"state": "TOGGLE", "id": ")" + id + R"("})");
    return run_until(loop, [&] {
      acknowledge();
      return testing::Matches(Contains(HasSubstr(R"({"id":")" + id + R"(","status":"ok","state":")" + state)))(sent());
    });
  };
  start(fan("a"));
  look_away();
  command("do", with_id);
  ASSERT_TRUE(until("a ON"));
  link->incoming("do", "OFF", true);
  ASSERT_TRUE(until("a OFF"));
  ASSERT_TRUE(reload(fan("b")).accepted) << diagnostics;
  ASSERT_TRUE(until("b OFF"));
  command("do", with_id);
  EXPECT_TRUE(toggles_to("ON", "b"));
  link->incoming("do", "OFF", true);
  EXPECT_TRUE(toggles_to("OFF", "c"));

  ASSERT_TRUE(reload(R"({"name": "gw"})").accepted);
  ASSERT_TRUE(reload(fan("c")).accepted);
  settle();
  command("do", with_id);
  ASSERT_TRUE(until("c ON"));
  look_away();
  link->incoming("do", "OFF", true);
  EXPECT_TRUE(until("c OFF"));
}

TEST_F(ReloadTest, a_group_drives_a_member_that_has_changed) {
  start(R"({"name": "gw", "actuators": {"lamps": {"driver": "group", "members": ["hall", "desk"]},
            "hall": {"driver": "switch", "line": "PC8"}, "desk": {"driver": "switch", "line": "PC12"}}})");
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"lamps": {"driver": "group", "members": ["hall", "desk"]},
                        "hall": {"driver": "switch", "line": "PC8"},
                        "desk": {"driver": "switch", "line": "PC9", "topic": "desk"}}})")
                  .accepted)
      << diagnostics;
  settle();
  command("board2mqtt/gw/lamps/set", "ON");
  EXPECT_TRUE(until("desk ON"));
  EXPECT_TRUE(until("board2mqtt/gw/lamps ON"));
}

TEST_F(ReloadTest, a_group_that_is_gone_hears_nothing_of_its_members) {
  const std::string hall = R"("hall": {"driver": "switch", "line": "PC8"})";
  start(R"({"name": "gw", "actuators": {"lamps": {"driver": "group", "members": ["hall"]}, )" + hall + "}}");
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {)" + hall + "}}").accepted) << diagnostics;
  look_away();
  command("board2mqtt/gw/hall/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/hall ON"));
  EXPECT_EQ(times_told("board2mqtt/gw/lamps"), 0U);
}

TEST_F(ReloadTest, subscriptions_change_by_their_difference) {
  start(R"({"name": "gw", "actuators": {"a": {"driver": "switch", "line": "PC8", "command_topic": "a"},
                                        "b": {"driver": "switch", "line": "PC9", "command_topic": "b"}}})");
  link->subscribed.clear();
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"a": {"driver": "switch", "line": "PC8", "command_topic": "a"},
                                                     "b": {"driver": "switch", "line": "PC9", "command_topic": "c"}}})")
                  .accepted);
  EXPECT_THAT(link->unsubscribed, ElementsAre("b"));
  EXPECT_THAT(link->subscribed, ElementsAre(Subscription{"c", 1, true}));
  settle();
  command("c", "ON");
  EXPECT_TRUE(until("board2mqtt/gw/b ON"));
}

TEST_F(ReloadTest, the_broker_connection_stays_when_its_block_is_the_same) {
  start(R"({"name": "gw"})");
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x"}}})").accepted);
  ASSERT_TRUE(until("board2mqtt/gw/t x"));
  EXPECT_EQ(link->disconnects, 0);
  EXPECT_EQ(link->abandoned, 0);
  EXPECT_EQ(link->attempts.size(), 1U);
}

TEST_F(ReloadTest, another_broker_is_connected_to_after_a_good_bye_and_what_waits_is_kept) {
  start(R"({"name": "gw", "mqtt": {"broker": "mqtt://one"}})");
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw", "mqtt": {"broker": "mqtt://two"},
                        "sensors": {"t": {"driver": "text", "text": "x"}}})")
                  .accepted);
  ASSERT_TRUE(run_until(loop, [&] {
    acknowledge();
    return link->disconnects == 1;
  }));
  EXPECT_THAT(sent(), Contains("board2mqtt/gw/status offline"));
  said_good_bye = 1;
  ASSERT_TRUE(run_until(loop, [&] { return gateway->link_status().queued != 0; }));
  link->lose();
  ASSERT_TRUE(run_until(loop, [&] { return link->attempts.size() == 2; }));
  EXPECT_EQ(link->attempts[1].broker.host, "two");
  look_away();
  link->accept();
  EXPECT_TRUE(until("board2mqtt/gw/t x"));
}

TEST_F(ReloadTest, where_readings_that_waited_go_is_taken_from_the_new_configuration) {
  const auto outbox = [](const std::string& topic) {
    return R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x", "every": "100ms"}},
               "outbox": {"replay": "live_first", "replay_topic": ")" +
           topic + R"("}})";
  };
  start(outbox("{topic}/old"));
  link->lose();
  ASSERT_TRUE(run_until(loop, [&] { return gateway->link_status().queued >= 2; }));
  ASSERT_TRUE(reload(outbox("{topic}/new")).accepted) << diagnostics;
  ASSERT_TRUE(run_until(loop, [&] { return link->attempts.size() == 2; }));
  link->accept();
  EXPECT_TRUE(until("board2mqtt/gw/t/new x"));
}

TEST_F(ReloadTest, a_wrong_file_changes_nothing_and_everybody_is_told_why) {
  start(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x", "every": "1h"}}})");
  const auto* device = gateway->devices().sensors().at(0).get();
  write(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "y", "evry": "1h"}}})");
  look_away();
  command("board2mqtt/gw/request/reload", R"({"transaction": 7})");
  acknowledge();
  EXPECT_THAT(sent(),
              Contains(testing::AllOf(HasSubstr("board2mqtt/gw/response/reload"), HasSubstr(R"("transaction":7)"),
                                      HasSubstr("configuration"), HasSubstr("did you mean \\\"every\\\"?"))));
  EXPECT_THAT(sent(), Contains(testing::AllOf(HasSubstr("board2mqtt/gw/status/config"), HasSubstr("refused"),
                                              HasSubstr("/sensors/t/evry"))));
  EXPECT_EQ(gateway->devices().sensors().at(0).get(), device);
  write(R"({"name": "gw"})");
  look_away();
  command("board2mqtt/gw/request/reload", "");
  EXPECT_THAT(sent(),
              Contains(testing::AllOf(HasSubstr("board2mqtt/gw/status/config"), HasSubstr(R"("status":"ok")"))));
  EXPECT_THAT(gateway->devices().sensors(), IsEmpty());
}

TEST_F(ReloadTest, what_takes_effect_at_the_next_start_is_said_in_the_answer_and_on_the_status) {
  start(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x"}}})");
  write(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x"}}, "outbox": {"memory": 5}})");
  look_away();
  command("board2mqtt/gw/request/reload", "");
  acknowledge();
  for (const auto* topic : {"board2mqtt/gw/response/reload", "board2mqtt/gw/status/config"})
    EXPECT_THAT(sent(), Contains(testing::AllOf(HasSubstr(topic), HasSubstr(R"("status":"ok")"),
                                                HasSubstr("/outbox/memory: the change takes effect"))));
}

TEST_F(ReloadTest, a_gateway_that_stops_takes_no_other_configuration) {
  start(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x"}}})");
  bool stopped = false;
  gateway->stop([&](bool) { stopped = true; });
  EXPECT_FALSE(reload(R"({"name": "gw"})").accepted);
  EXPECT_THAT(diagnostics, HasSubstr("the daemon is stopping"));
  EXPECT_EQ(gateway->devices().sensors().size(), 1U);
  EXPECT_TRUE(run_until(loop, [&] { return acknowledge(), link->disconnects != 0; }));
  link->lose();
  EXPECT_TRUE(run_until(loop, [&] { return stopped; }));
  gateway.reset();
}

TEST_F(ReloadTest, info_and_health_tell_of_what_is_new) {
  start(R"({"name": "gw"})");
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"yard": {"driver": "text", "text": "x"}}})").accepted);
  acknowledge();
  for (const auto* topic : {"board2mqtt/gw/info", "board2mqtt/gw/health"})
    EXPECT_THAT(sent(), Contains(testing::AllOf(HasSubstr(topic), HasSubstr(R"("yard")")))) << topic;
}

TEST_F(ReloadTest, a_request_to_read_names_one_sensor_or_none) {
  start(R"({"name": "gw", "sensors": {
    "adc": {"driver": "ads1115", "bus": "i2c-1", "every": "1h"},
    "water": {"driver": "ntc", "input": "adc.ain0", "series_ohm": 10000, "beta_kelvin": 3950},
    "greeting": {"driver": "text", "text": "x", "every": "1h"},
    "door": {"driver": "input", "line": "PC12"}}})");
  const auto read = [&](const std::string& request) {
    look_away();
    command("board2mqtt/gw/request/read", request);
    EXPECT_TRUE(until_told("board2mqtt/gw/response/read"));
    return sent().back();
  };
  const std::string answer = "board2mqtt/gw/response/read ";
  EXPECT_EQ(read(R"({"sensor": "greeting", "transaction": 7})"),
            answer + R"({"data":1,"status":"ok","transaction":7})");
  EXPECT_TRUE(until("board2mqtt/gw/greeting x"));
  EXPECT_EQ(read(R"({"sensor": "door"})"), answer + R"({"data":1,"status":"ok"})");
  EXPECT_TRUE(until_told("board2mqtt/gw/door"));
  EXPECT_EQ(read(R"({"sensor": "water"})"), answer + R"({"data":1,"status":"ok"})");
  EXPECT_TRUE(until_told("board2mqtt/gw/water"));
  EXPECT_EQ(times_told("board2mqtt/gw/greeting") + times_told("board2mqtt/gw/door"), 0U) << "nobody asked for these";
  EXPECT_EQ(read(""), answer + R"({"data":3,"status":"ok"})");

  EXPECT_EQ(read(R"({"sensor": "greting"})"),
            answer +
                R"({"error":"unknown_sensor","message":"no sensor is called \"greting\"; did you mean \"greeting\"?",)"
                R"("status":"error"})");
  EXPECT_THAT(read(R"({"sensor": "kitchen"})"), HasSubstr(R"("message":"no sensor is called \"kitchen\"")"));
  for (const auto* wrong : {"7", "null", R"(["door"])", "{}"})
    EXPECT_THAT(read(std::string(R"({"sensor": )") + wrong + "}"), HasSubstr(R"("error":"invalid_sensor")")) << wrong;
}

TEST_F(ReloadTest, the_answer_to_a_request_comes_where_it_was_asked_also_when_the_base_topic_changes) {
  start(R"({"name": "gw"})");
  write(R"({"name": "other"})");
  look_away();
  command("board2mqtt/gw/request/reload", "");
  EXPECT_THAT(sent(), Contains(HasSubstr("board2mqtt/gw/response/reload")));
  EXPECT_THAT(sent(), Contains("board2mqtt/gw/health "));  // cleared
  EXPECT_THAT(sent(), Contains(HasSubstr("board2mqtt/other/status/config")));
  ASSERT_TRUE(run_until(loop, [&] { return acknowledge(), link->disconnects == 1; }));
  said_good_bye = 1;
  link->lose();
  ASSERT_TRUE(run_until(loop, [&] { return link->attempts.size() == 2; }));
  link->accept();
  command("board2mqtt/other/request/ping", "");
  EXPECT_THAT(sent(), Contains(HasSubstr("board2mqtt/other/response/ping")));
}

TEST_F(ReloadTest, retained_readings_of_sensors_that_are_gone_are_cleared) {
  const std::string adc = R"("adc": {"driver": "ads1115", "bus": "i2c-1", "every": "1h"})";
  start(R"({"name": "gw", "sensors": {)" + adc + R"(,
            "t": {"driver": "text", "text": "x", "topic": "yard", "retain": true},
            "door": {"driver": "input", "line": "PC12", "topic": "door", "retain": true},
            "water": {"driver": "ntc", "input": "adc.ain0", "series_ohm": 10000, "beta_kelvin": 3950,
                      "topic": "water", "retain": true}}})");
  for (const auto* topic : {"yard", "door", "water"}) ASSERT_TRUE(until_told(topic)) << topic;
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {)" + adc + "}}").accepted) << diagnostics;
  for (const auto* cleared : {"yard ", "door ", "water "}) EXPECT_TRUE(until(cleared)) << cleared;
}

TEST_F(ReloadTest, only_a_topic_that_nobody_goes_on_to_retain_readings_on_is_cleared) {
  const auto sensor = [](const std::string& id, const std::string& retain) {
    return R"({"name": "gw", "sensors": {")" + id +
           R"(": {"driver": "text", "text": "{sequence}", "every": "1h", "topic": "yard", "retain": )" + retain + "}}}";
  };
  start(sensor("a", "false"));
  ASSERT_TRUE(until_told("yard"));
  ASSERT_TRUE(reload(R"({"name": "gw"})").accepted) << diagnostics;
  ASSERT_TRUE(reload(sensor("b", "true")).accepted) << diagnostics;
  settle();
  ASSERT_TRUE(reload(sensor("c", "true")).accepted) << diagnostics;
  settle();
  EXPECT_THAT(sent(), Not(Contains("yard ")));
  ASSERT_TRUE(reload(sensor("d", "false")).accepted) << diagnostics;
  EXPECT_TRUE(until("yard "));
}

TEST_F(ReloadTest, a_computed_sensor_that_comes_later_learns_that_its_source_is_there) {
  const std::string adc = R"("adc": {"driver": "ads1115", "bus": "i2c-1", "every": "1h"})";
  start(R"({"name": "gw", "sensors": {)" + adc + "}}");
  ASSERT_TRUE(until("board2mqtt/gw/adc/availability online"));
  reload(R"({"name": "gw", "sensors": {)" + adc + R"(, "water": {"driver": "ntc", "input": "adc.ain0",
            "series_ohm": 10000, "beta_kelvin": 3950}}})");
  EXPECT_TRUE(until("board2mqtt/gw/water/availability online")) << diagnostics;
}

TEST_F(ReloadTest, an_unchanged_computed_sensor_tells_each_reading_of_its_source_once) {
  const std::string same = R"("adc": {"driver": "ads1115", "bus": "i2c-1", "every": "1h"},
                              "water": {"driver": "ntc", "input": "adc.ain0", "series_ohm": 10000,
                                        "beta_kelvin": 3950})";
  start(R"({"name": "gw", "sensors": {)" + same + "}}");
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"t": {"driver": "text", "text": "x"}, )" + same + "}}").accepted)
      << diagnostics;
  settle();
  look_away();
  command("board2mqtt/gw/request/read", "");
  ASSERT_TRUE(until_told("board2mqtt/gw/water"));
  EXPECT_EQ(times_told("board2mqtt/gw/water"), 1U);
}

TEST_F(ReloadTest, a_command_that_waits_is_answered_when_its_output_changes) {
  start(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8", "min_off": "1h"}}})");
  command("board2mqtt/gw/fan/set", "ON");
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"fan": {"driver": "switch", "line": "PC8"}}})").accepted);
  EXPECT_THAT(sent(), Contains(testing::AllOf(HasSubstr("board2mqtt/gw/fan/result"), HasSubstr("reloading"))));
}

TEST_F(ReloadTest, outputs_of_an_expander_stay_as_they_are_when_others_of_it_come_and_go) {
  const std::string relay = R"("relay": {"driver": "switch", "line": "mcp23017@i2c-1:0x20/0"})";
  start(R"({"name": "gw", "actuators": {)" + relay + "}}");
  command("board2mqtt/gw/relay/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/relay ON"));
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {"door": {"driver": "input", "line": "mcp23017@i2c-1:0x20/5"}},
                        "actuators": {"lamp": {"driver": "switch", "line": "mcp23017@i2c-1:0x20/1"}, )" +
                     relay + "}}")
                  .accepted)
      << diagnostics;
  settle();
  // MCP23017, register OLATA (0x14): the latches of port A; both directions are outputs in IODIRA (0x00).
  const auto read = [&](std::uint8_t at) { return chip_register(0x20, at); };
  EXPECT_EQ(read(0x14) & 0x03, 0x01);
  EXPECT_EQ(read(0x00) & 0x23, 0x20);
  command("board2mqtt/gw/relay/set", "OFF");
  command("board2mqtt/gw/lamp/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/lamp ON"));
  EXPECT_EQ(read(0x14) & 0x03, 0x02);
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {)" + relay + "}}").accepted);
  settle();
  EXPECT_EQ(read(0x14) & 0x03, 0x02) << "what is gone stays as its exit state left it";
}

TEST_F(ReloadTest, an_output_of_an_expander_that_comes_later_is_driven) {
  start(R"({"name": "gw"})");
  ASSERT_TRUE(reload(R"({"name": "gw", "actuators": {"relay": {"driver": "switch", "line": "mcp23017@i2c-1:0x21/0"}}})")
                  .accepted)
      << diagnostics;
  settle();
  command("board2mqtt/gw/relay/set", "ON");
  ASSERT_TRUE(until("board2mqtt/gw/relay ON"));
  EXPECT_EQ(chip_register(0x21, 0x14) & 0x01, 0x01);
}

}  // namespace
}  // namespace b2m
