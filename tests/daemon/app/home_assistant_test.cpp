// A gateway that tells Home Assistant what it is made of, with a broker that the test plays.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <iterator>
#include <nlohmann/json.hpp>

#include "daemon/mqtt/discovery.hpp"
#include "tests/daemon/app/reload_rig.hpp"

namespace b2m {
namespace {

using nlohmann::json;
using test::ReloadTest;
using test::run_until;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

const std::string fan = R"("actuators": {"fan": {"driver": "switch", "line": "PC8"}})";
const std::string climate = R"("climate": {"driver": "bme280", "bus": "i2c-1", "address": "0x76", "every": "1h"})";
const std::string door = R"("door": {"driver": "input", "line": "PC12"})";

std::string with(const std::string& sensors, const std::string& homeassistant = "{}", const std::string& more = fan) {
  return R"({"name": "gw", "homeassistant": )" + homeassistant + R"(, "sensors": {)" + sensors + "}, " + more + "}";
}

class HomeAssistantTest : public ReloadTest {
 protected:
  std::string topic = "homeassistant/device/gw_0123456789ab/config";
  /// What was sent on `where` since look_away().
  [[nodiscard]] std::vector<Message> told() const { return told(topic); }
  [[nodiscard]] std::vector<Message> told(const std::string& where) const {
    std::vector<Message> messages;
    for (auto i = seen; i < link->sent.size(); ++i)
      if (link->sent[i].message.topic == where) messages.push_back(link->sent[i].message);
    return messages;
  }
  /// Until something that is true of a message has been told there.
  bool until_so(const std::function<bool(const json&)>& so) {
    return run_until(loop, [&] {
      acknowledge();
      const auto messages = told();
      return std::any_of(messages.begin(), messages.end(),
                         [&](const Message& message) { return !message.payload.empty() && so(components(message)); });
    });
  }
  bool until_has(const std::string& key) {
    return until_so([&](const json& all) { return all.contains(key); });
  }
  static json components(const Message& message) { return json::parse(message.payload).at("cmps"); }
};

TEST_F(HomeAssistantTest, one_retained_message_goes_ahead_of_all_states_and_tells_of_everything) {
  start(with(climate + "," + door));
  ASSERT_GE(link->sent.size(), 2U);
  EXPECT_EQ(link->sent[0].message.topic, "board2mqtt/gw/status");
  EXPECT_EQ(link->sent[1].message.topic, topic);
  EXPECT_TRUE(link->sent[1].message.retain);
  EXPECT_FALSE(components(link->sent[1].message).contains("sensor-climate-temperature-sensor"))
      << "what a polled sensor has is known when it has been read";
  ASSERT_TRUE(until_has("sensor-climate-temperature-sensor"));
  ASSERT_EQ(told().size(), 2U);
  auto all = components(told().back());
  for (const auto* key : {"sensor-climate-temperature-sensor", "sensor-climate-pressure-sensor",
                          "sensor-door-state-binary_sensor", "actuator-fan-switch", "gateway-uptime-sensor"})
    EXPECT_TRUE(all.contains(key)) << key;
  link->lose();
  ASSERT_TRUE(run_until(loop, [&] { return link->attempts.size() > 1; }));
  look_away();
  link->accept();
  EXPECT_EQ(link->sent.at(seen).message.topic, "board2mqtt/gw/status");
  EXPECT_EQ(link->sent.at(seen + 1).message.topic, topic);
}

TEST_F(HomeAssistantTest, nothing_is_told_that_nobody_asked_for) {
  start(R"({"name": "gw", "sensors": {)" + door + "}, " + fan + "}");
  EXPECT_THAT(told(), IsEmpty());
  for (const auto& subscription : link->subscribed)
    EXPECT_FALSE(subscription.filter.starts_with("homeassistant")) << subscription.filter;
}

TEST_F(HomeAssistantTest, what_a_reload_takes_away_is_removed_once_and_then_left_out) {
  start(with(climate + "," + door));
  ASSERT_TRUE(until_has("sensor-climate-temperature-sensor"));
  look_away();
  ASSERT_TRUE(reload(with(climate)).accepted) << diagnostics;
  acknowledge();
  ASSERT_EQ(told().size(), 2U);
  EXPECT_EQ(components(told()[0])["sensor-door-state-binary_sensor"], json::parse(R"({"p": "binary_sensor"})"));
  EXPECT_FALSE(told()[0].retain);
  EXPECT_FALSE(components(told()[1]).contains("sensor-door-state-binary_sensor"));
  EXPECT_TRUE(components(told()[1]).contains("sensor-climate-temperature-sensor"));
  EXPECT_TRUE(told()[1].retain);
}

TEST_F(HomeAssistantTest, what_becomes_of_another_kind_is_removed_under_its_old_one) {
  start(with(door));
  look_away();
  ASSERT_TRUE(reload(with(door, R"({"lights": "fan"})")).accepted) << diagnostics;
  acknowledge();
  ASSERT_EQ(told().size(), 2U);
  EXPECT_EQ(components(told()[0])["actuator-fan-switch"], json::parse(R"({"p": "switch"})"));
  EXPECT_EQ(components(told()[1])["actuator-fan-light"]["p"], "light");
}

TEST_F(HomeAssistantTest, what_goes_while_the_broker_is_away_is_removed_when_it_is_back) {
  start(with(climate + "," + door));
  ASSERT_TRUE(until_has("sensor-climate-temperature-sensor"));
  link->lose();
  ASSERT_TRUE(reload(with(climate)).accepted) << diagnostics;
  look_away();
  ASSERT_TRUE(run_until(loop, [&] { return link->attempts.size() > 1; }));
  link->accept();
  acknowledge();
  ASSERT_TRUE(run_until(loop, [&] {
    acknowledge();
    return told().size() >= 2;
  }));
  bool removed = false;
  for (const auto& message : told())
    removed = removed || components(message).contains("sensor-door-state-binary_sensor");
  EXPECT_TRUE(removed);
  EXPECT_FALSE(components(told().back()).contains("sensor-door-state-binary_sensor"));
  EXPECT_FALSE(gateway->link_status().dropped.contains("not_connected"));
}

TEST_F(HomeAssistantTest, what_an_earlier_process_told_and_is_no_more_is_removed) {
  start(with(door));
  look_away();
  link->incoming(topic, R"({"cmps": {"actuator-old-number": {"p": "number"}, "actuator-fan-switch": {"p": "switch"}}})",
                 true);
  acknowledge();
  ASSERT_EQ(told().size(), 2U);
  EXPECT_EQ(components(told()[0])["actuator-old-number"], json::parse(R"({"p": "number"})"));
  EXPECT_EQ(components(told()[0])["actuator-fan-switch"]["p"], "switch");
  EXPECT_GT(components(told()[0])["actuator-fan-switch"].size(), 1U) << "it is still there";
  EXPECT_FALSE(components(told()[1]).contains("actuator-old-number"));
}

TEST_F(HomeAssistantTest, what_others_have_retained_there_is_replaced) {
  start(with(door));
  for (const auto& payload : {std::string("no json"), std::string(100'000, '['), std::string(600'000, 'x')}) {
    look_away();
    link->incoming(topic, payload, true);
    acknowledge();
    EXPECT_THAT(told(), IsEmpty()) << "the own message was sent already";
  }
  link->incoming(topic, "", false);
  EXPECT_THAT(told(), IsEmpty()) << "somebody deletes the device";
}

TEST_F(HomeAssistantTest, what_a_sensor_had_is_removed_only_when_it_has_been_read) {
  // Two on one bus: the second has its turn half an interval later.
  begin(with(climate + R"(, "second": {"driver": "sht31", "bus": "i2c-1", "every": "1h"})"));
  acknowledge();
  link->incoming(topic, R"({"cmps": {"sensor-second-temperature-sensor": {"p": "sensor"},
                                     "sensor-second-pressure-sensor": {"p": "sensor"}}})",
                 true);
  for (const auto& message : told()) EXPECT_FALSE(components(message).contains("sensor-second-pressure-sensor"));
  look_away();
  command("board2mqtt/gw/request/read", "");
  ASSERT_TRUE(until_so([](const json& all) {
    return all.value("sensor-second-pressure-sensor", json()) == json({{"p", "sensor"}});
  }));
  EXPECT_GT(components(told().back())["sensor-second-temperature-sensor"].size(), 1U);
  EXPECT_FALSE(components(told().back()).contains("sensor-second-pressure-sensor"));
}

TEST_F(HomeAssistantTest, a_sensor_that_becomes_a_text_has_its_channels_removed) {
  start(with(R"("door": {"driver": "input", "line": "PC12"})"));
  look_away();
  ASSERT_TRUE(reload(with(R"("door": {"driver": "text", "text": "shut"})")).accepted) << diagnostics;
  EXPECT_TRUE(until_so([](const json& all) {
    return all.value("sensor-door-state-binary_sensor", json()) == json({{"p", "binary_sensor"}});
  }));
  EXPECT_TRUE(until_so([](const json& all) { return !all.contains("sensor-door-state-binary_sensor"); }));
}

TEST_F(HomeAssistantTest, switched_off_by_a_reload_it_is_forgotten) {
  start(with(door));
  look_away();
  ASSERT_TRUE(reload(R"({"name": "gw", "sensors": {)" + door + "}, " + fan + "}").accepted) << diagnostics;
  acknowledge();
  ASSERT_EQ(told().size(), 1U);
  EXPECT_EQ(told()[0].payload, "");
  EXPECT_TRUE(told()[0].retain);
  EXPECT_THAT(link->unsubscribed, Contains(topic));
  look_away();
  ASSERT_TRUE(reload(with(door)).accepted) << diagnostics;
  acknowledge();
  EXPECT_EQ(told().size(), 1U);
  link->lose();
  ASSERT_TRUE(run_until(loop, [&] { return link->attempts.size() > 1; }));
  look_away();
  link->accept();
  EXPECT_EQ(link->sent.at(seen + 1).message.topic, topic) << "ahead of the states that were there before it";
}

TEST_F(HomeAssistantTest, another_prefix_leaves_nothing_at_the_old_place) {
  start(with(door));
  look_away();
  ASSERT_TRUE(reload(with(door, R"({"prefix": "ha"})")).accepted) << diagnostics;
  acknowledge();
  ASSERT_EQ(told().size(), 1U);
  EXPECT_EQ(told()[0].payload, "");
  EXPECT_EQ(told("ha/device/gw_0123456789ab/config").size(), 1U);
  EXPECT_THAT(link->subscribed, Contains(testing::Field(&Subscription::filter, "ha/status")));
  const auto lines = sent();
  const auto place = [&](const std::string& beginning) {
    return std::find_if(lines.begin(), lines.end(), [&](const auto& line) { return line.starts_with(beginning); });
  };
  EXPECT_LT(place(topic), place("ha/device")) << "no id is used twice at a time";
}

TEST_F(HomeAssistantTest, a_process_that_comes_back_without_it_leaves_nothing_either) {
  start(with(door));
  stop();
  acknowledged = seen = 0;
  start(R"({"name": "gw", "sensors": {)" + door + "}, " + fan + "}");
  ASSERT_EQ(told().size(), 1U);
  EXPECT_EQ(told()[0].payload, "");
}

TEST_F(HomeAssistantTest, a_process_that_comes_back_with_another_name_clears_the_old_place_first) {
  start(with(door));
  stop();
  acknowledged = seen = 0;
  start(R"({"name": "yard", "homeassistant": {}, "sensors": {)" + door + "}, " + fan + "}");
  ASSERT_GE(link->sent.size(), 3U);
  EXPECT_EQ(link->sent[1].message.topic, topic);
  EXPECT_EQ(link->sent[1].message.payload, "");
  EXPECT_EQ(link->sent[2].message.topic, "homeassistant/device/yard_0123456789ab/config");
}

TEST_F(HomeAssistantTest, it_tells_again_when_home_assistant_has_started) {
  start(with(door));
  look_away();
  link->incoming("homeassistant/status", "online", true);
  EXPECT_THAT(told(), IsEmpty()) << "it was there before, and has been told";
  link->incoming("homeassistant/status", "offline");
  EXPECT_THAT(told(), IsEmpty());
  for (int times = 0; times < 3; ++times) link->incoming("homeassistant/status", "online");
  acknowledge();
  EXPECT_EQ(told().size(), 1U) << "once, however often it is said";
}

TEST_F(HomeAssistantTest, nothing_is_retained_where_nothing_may_be) {
  start(with(door, "{}", R"("mqtt": {"no_retain": true}, )" + fan));
  EXPECT_EQ(told().size(), 1U);
  ASSERT_TRUE(
      reload(R"({"name": "gw", "sensors": {)" + door + R"(}, "mqtt": {"no_retain": true}, )" + fan + "}").accepted);
  acknowledge();
  ASSERT_EQ(told().size(), 2U);
  EXPECT_EQ(told()[1].payload, "") << "so that what listens now forgets it";
  for (const auto& sent : link->sent) EXPECT_FALSE(sent.message.retain) << sent.message.topic;
}

/// With B2M_UPDATE_GOLDEN set, writes what is told instead; read the difference before committing it.
TEST_F(HomeAssistantTest, a_board_with_one_of_each_kind_is_told_as_it_stands_in_the_tree) {
  const auto golden = std::filesystem::path(B2M_SOURCE_DIR) / "tests/golden/gateway";
  const auto content = [](const std::filesystem::path& file) {
    std::ifstream stream(file);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  };
  topic = "homeassistant/device/walnut_0123456789ab/config";
  begin(content(golden / "homeassistant.json"));
  acknowledge();
  command("board2mqtt/walnut/request/read", "");
  ASSERT_TRUE(until_so([](const json& all) {
    return all.contains("sensor-climate-temperature-sensor") && all.contains("sensor-adc-ain0-sensor");
  }));
  auto message = json::parse(told().back().payload);
  message["dev"]["sw"] = message["o"]["sw"] = "VERSION";
  const auto text = message.dump(1) + "\n";
  const auto file = golden / "homeassistant.discovery.json";
  if (std::getenv("B2M_UPDATE_GOLDEN") != nullptr) std::ofstream(file) << text;
  EXPECT_EQ(text, content(file));
}

}  // namespace
}  // namespace b2m
