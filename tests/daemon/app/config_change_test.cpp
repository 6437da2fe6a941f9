#include "daemon/app/config_change.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

ActuatorConfig output(const std::string& id, unsigned line) {
  ActuatorConfig actuator;
  actuator.id = id;
  actuator.driver = driver_named("switch");
  actuator.lines["line"] = {"300b000.pinctrl", line};
  actuator.topic = "gw/" + id;
  return actuator;
}

SensorConfig sensor(const std::string& id) {
  SensorConfig config;
  config.id = id;
  config.driver = driver_named("bme280");
  config.availability_topic = "gw/" + id + "/availability";
  return config;
}

Config example() {
  Config config;
  config.mqtt.base_topic = "gw";
  config.sensors = {sensor("indoors"), sensor("outdoors")};
  config.actuators = {output("fan", 8), output("pump", 9)};
  return config;
}

TEST(ConfigChange, the_same_configuration_changes_nothing) {
  const auto change = compare(example(), example());
  EXPECT_TRUE(change.sensors.empty());
  EXPECT_TRUE(change.actuators.empty());
  EXPECT_FALSE(change.link);
}

TEST(ConfigChange, only_devices_that_differ_end_and_start) {
  auto next = example();
  next.sensors[0].every = 5s;
  next.sensors[1].id = "garden";
  next.actuators.pop_back();
  const auto change = compare(example(), next);
  EXPECT_THAT(change.sensors.ended, UnorderedElementsAre("indoors", "outdoors"));
  EXPECT_THAT(change.sensors.started, UnorderedElementsAre("indoors", "garden"));
  EXPECT_THAT(change.actuators.ended, UnorderedElementsAre("pump"));
  EXPECT_THAT(change.actuators.started, IsEmpty());
}

TEST(ConfigChange, the_order_in_the_file_is_no_difference) {
  auto next = example();
  std::swap(next.sensors[0], next.sensors[1]);
  EXPECT_TRUE(compare(example(), next).sensors.empty());
}

TEST(ConfigChange, an_output_that_changed_or_was_renamed_is_taken_over_with_its_line) {
  auto next = example();
  next.actuators[0].topic = "elsewhere";
  next.actuators[1].id = "well";
  EXPECT_THAT(compare(example(), next).taken_over, UnorderedElementsAre(Pair("fan", "fan"), Pair("well", "pump")));
}

TEST(ConfigChange, a_group_begins_anew_with_its_members) {
  auto before = example();
  ActuatorConfig both;
  both.id = "both";
  both.driver = driver_named("group");
  both.members = {"fan", "pump"};
  before.actuators.push_back(both);
  auto next = before;
  EXPECT_TRUE(compare(before, next).actuators.empty());
  next.actuators[1].topic = "elsewhere";
  const auto change = compare(before, next);
  EXPECT_THAT(change.actuators.ended, UnorderedElementsAre("pump", "both"));
  EXPECT_THAT(change.actuators.started, UnorderedElementsAre("pump", "both"));
  EXPECT_THAT(change.taken_over, UnorderedElementsAre(Pair("pump", "pump")));
}

TEST(ConfigChange, a_dimmer_whose_frequency_changed_is_taken_over_with_its_channel) {
  Config before;
  before.actuators.resize(1);
  auto& dimmer = before.actuators[0];
  dimmer.id = "dimmer";
  dimmer.driver = driver_named("pwm");
  dimmer.options.set("chip", std::string("pwmchip0"));
  dimmer.options.set("channel", 1.0);
  dimmer.options.set("frequency_hz", 1000.0);
  auto next = before;
  next.actuators[0].options.set("frequency_hz", 2000.0);
  EXPECT_THAT(compare(before, next).taken_over, UnorderedElementsAre(Pair("dimmer", "dimmer")));
  next.actuators[0].options.set("channel", 2.0);
  EXPECT_THAT(compare(before, next).taken_over, IsEmpty());
}

TEST(ConfigChange, an_output_on_another_line_is_a_new_one) {
  auto next = example();
  next.actuators[0].lines["line"].offset = 10;
  EXPECT_THAT(compare(example(), next).taken_over, IsEmpty());
}

TEST(ConfigChange, an_output_with_another_driver_is_a_new_one) {
  auto next = example();
  next.actuators[0].driver = driver_named("buzzer");
  EXPECT_THAT(compare(example(), next).taken_over, IsEmpty());
}

TEST(ConfigChange, two_outputs_that_change_places_take_each_others_line) {
  auto next = example();
  std::swap(next.actuators[0].lines, next.actuators[1].lines);
  EXPECT_THAT(compare(example(), next).taken_over, UnorderedElementsAre(Pair("fan", "pump"), Pair("pump", "fan")));
}

TEST(ConfigChange, a_channel_of_a_chip_is_the_same_output_whatever_its_frequency) {
  auto before = example();
  ActuatorConfig lamp;
  lamp.id = "lamp";
  lamp.driver = driver_named("pca9685");
  lamp.options.set("bus", std::string("i2c-1"));
  lamp.options.set("address", std::int64_t{0x40});
  lamp.options.set("channel", std::int64_t{3});
  lamp.options.set("frequency_hz", 50.0);
  before.actuators = {lamp};
  auto next = before;
  next.actuators[0].options.set("frequency_hz", 100.0);
  EXPECT_THAT(compare(before, next).taken_over, ElementsAre(Pair("lamp", "lamp")));
  for (const auto& [key, other] : {std::pair("channel", 4), std::pair("address", 0x41)}) {
    next = before;
    next.actuators[0].options.set(key, std::int64_t{other});
    EXPECT_THAT(compare(before, next).taken_over, IsEmpty()) << key;
  }
}

TEST(ConfigChange, another_broker_makes_the_connection_anew_and_touches_no_device) {
  auto next = example();
  next.mqtt.brokers = {{.host = "other"}};
  const auto change = compare(example(), next);
  EXPECT_TRUE(change.link);
  EXPECT_TRUE(change.actuators.empty());
}

TEST(ConfigChange, another_base_topic_is_another_availability_of_every_output) {
  auto next = example();
  next.mqtt.base_topic = "other";
  EXPECT_THAT(compare(example(), next).actuators.started, UnorderedElementsAre("fan", "pump"));
}

TEST(ConfigChange, inputs_of_an_expander_start_again_when_its_interrupt_comes_on_another_line) {
  auto before = example();
  before.sensors[0].lines["line"] = {"mcp23017@i2c-1:0x20", 5};
  before.expanders = {{.chip = "mcp23017@i2c-1:0x20", .driver = {}, .bus = "i2c-1", .address = 0x20, .inputs = 32}};
  auto next = before;
  next.expanders[0].inputs = 48;
  EXPECT_TRUE(compare(before, next).sensors.empty());
  next.expanders[0].interrupt_line = LineId{"300b000.pinctrl", 7};
  EXPECT_THAT(compare(before, next).sensors.started, UnorderedElementsAre("indoors"));
}

TEST(ConfigChange, what_needs_a_restart_keeps_its_value_and_is_said) {
  const auto running = example();
  auto next = example();
  next.board = "other";
  next.outbox = {.memory = 5, .disk_bytes = 1, .sync = 5s, .max_age = 1h, .replay = ReplayMode::live_first};
  EXPECT_THAT(put_off(running, next),
              ElementsAre(HasSubstr("/board"), HasSubstr("/outbox/memory"), HasSubstr("/outbox/disk"),
                          HasSubstr("/outbox/sync"), HasSubstr("/outbox/replay")));
  EXPECT_EQ(next.board, running.board);
  auto taken = running.outbox;
  taken.max_age = 1h;
  EXPECT_EQ(next.outbox, taken);
}

TEST(ConfigChange, every_retained_topic_is_known) {
  EXPECT_THAT(state_topics(example()),
              UnorderedElementsAre("gw/health", "gw/info", "gw/status/config", "gw/indoors/availability",
                                   "gw/outdoors/availability", "gw/fan", "gw/pump", "gw/fan/availability",
                                   "gw/pump/availability"));
}

}  // namespace
}  // namespace b2m
