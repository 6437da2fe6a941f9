// What Home Assistant is told. Names and meaning of the keys: home-assistant.io, "MQTT", "MQTT Sensor", "MQTT Light",
// "MQTT Event"; abbreviations: Home Assistant Core, components/mqtt/abbreviations.py.
#include "daemon/mqtt/discovery.hpp"

#include <gmock/gmock.h>

#include <array>
#include <nlohmann/json.hpp>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

constexpr std::array<std::string_view, 2> event_names{"press", "long"};

constexpr DriverInfo driver(OutputSpec output = {}, std::span<const std::string_view> events = {},
                            std::string_view payload_option = {}) {
  return {.name = "part",
          .summary = "",
          .datasheet = "",
          .events = events,
          .payload_option = payload_option,
          .output = output,
          .example = ""};
}
constexpr DriverInfo part = driver();
constexpr DriverInfo button = driver({}, event_names);
constexpr DriverInfo words = driver({}, {}, "text");
constexpr DriverInfo relay = driver();
constexpr DriverInfo lamp = driver({.kind = ActuatorKind::range, .light = true});
constexpr DriverInfo dac = driver({.kind = ActuatorKind::range, .range = {0, 3.3}, .unit = "V"});
constexpr DriverInfo fan = driver({.kind = ActuatorKind::range});
constexpr DriverInfo display = driver({.kind = ActuatorKind::text});

const std::vector<Channel> climate{{"temperature", Quantity::temperature, {-40, 85}},
                                   {"humidity", Quantity::relative_humidity, {0, 100}}};
const std::vector<Channel> door{{"state", Quantity::state, {0, 1}}};

struct DiscoveryTest : testing::Test {
  Config config;
  SensorConfig sensor;
  DiscoveryTest() {
    config.name = "walnut";
    config.machine_id = "0123456789ab";
    config.mqtt.base_topic = "board2mqtt/walnut";
    config.mqtt.birth = {"board2mqtt/walnut/status", "online"};
    config.mqtt.will = {"board2mqtt/walnut/status", "offline"};
    config.homeassistant.emplace();
    sensor.id = "climate";
    sensor.driver.driver = &part;
    sensor.topic = "board2mqtt/walnut/climate";
    sensor.availability_topic = "board2mqtt/walnut/climate/availability";
  }
  ActuatorConfig& add_actuator(const std::string& id, const DriverInfo& driver) {
    auto& actuator = config.actuators.emplace_back();
    actuator.id = id;
    actuator.driver.driver = &driver;
    actuator.topic = "board2mqtt/walnut/" + id;
    actuator.command_topic = actuator.topic + "/set";
    return actuator;
  }
  json components(const std::vector<Channel>& channels, const DiscoveryComponents& removed = {}) {
    const std::vector<SensorView> views{{sensor, channels}};
    const auto told = discover({config, "1.2.3", "WalnutPi 1B", views}, removed);
    auto message = json::parse(told.payload);
    for (const auto& [key, platform] : told.components) EXPECT_EQ(message["cmps"][key]["p"], platform);
    return message["cmps"];
  }
  /// The keys but for the gateway's own.
  std::vector<std::string> keys(const std::vector<Channel>& channels) {
    std::vector<std::string> result;
    auto all = components(channels);
    for (const auto& [key, component] : all.items())
      if (!key.starts_with("gateway-")) result.push_back(key);
    return result;
  }
};

TEST_F(DiscoveryTest, a_channel_has_its_unit_its_classes_and_its_place_in_the_message) {
  config.mqtt.qos = 2;
  sensor.expire_after = 1500ms;
  EXPECT_EQ(components(climate)["sensor-climate-temperature-sensor"], json::parse(R"({
    "p": "sensor", "name": "Climate temperature", "uniq_id": "0123456789ab-sensor-climate-temperature",
    "default_entity_id": "sensor.walnut_climate_temperature", "qos": 1, "exp_aft": 2,
    "~": "board2mqtt/walnut", "stat_t": "~/climate", "val_tpl": "{{ value_json['temperature'] | default('') }}",
    "dev_cla": "temperature", "unit_of_meas": "°C", "stat_cla": "measurement", "sug_dsp_prc": 2,
    "avty": [{"t": "~/status"}, {"t": "~/climate/availability"}], "avty_mode": "all"})"));
}

TEST_F(DiscoveryTest, a_bare_state_is_on_or_off_without_a_template) {
  sensor.id = "kitchen_door";
  sensor.topic = "/public/door";
  EXPECT_EQ(components(door)["sensor-kitchen_door-state-binary_sensor"], json::parse(R"({
    "p": "binary_sensor", "name": "Kitchen door", "uniq_id": "0123456789ab-sensor-kitchen_door-state",
    "default_entity_id": "binary_sensor.walnut_kitchen_door_state", "stat_t": "/public/door",
    "~": "board2mqtt/walnut", "avty": [{"t": "~/status"}, {"t": "~/climate/availability"}], "avty_mode": "all"})"));
}

TEST_F(DiscoveryTest, a_channel_has_the_name_that_people_gave_it_and_a_topic_of_its_own) {
  sensor.channels = {{.key = "humidity", .topic = "cellar/damp", .name = "Cellar"}};
  auto humidity = components(climate)["sensor-climate-humidity-sensor"];
  EXPECT_EQ(humidity["name"], "Cellar");
  EXPECT_EQ(humidity["stat_t"], "cellar/damp");
  EXPECT_FALSE(humidity.contains("val_tpl"));
}

TEST_F(DiscoveryTest, every_key_of_a_payload_can_be_named_in_a_template) {
  auto odd = components({{"it's", Quantity::voltage, {0, 1}}, {"values", Quantity::voltage, {0, 1}}});
  EXPECT_EQ(odd["sensor-climate-it_s-sensor"]["val_tpl"], R"({{ value_json['it\'s'] | default('') }})");
  EXPECT_EQ(odd["sensor-climate-values-sensor"]["val_tpl"], "{{ value_json['values'] | default('') }}");
}

TEST_F(DiscoveryTest, what_is_not_published_or_cannot_be_read_is_left_out) {
  sensor.channels = {{.key = "humidity", .disabled = true}};
  EXPECT_THAT(keys(climate), ElementsAre("sensor-climate-temperature-sensor"));
  sensor.payload = PayloadFormat{PayloadKind::text, {{.field = "temperature"}}};
  EXPECT_THAT(keys(climate), ElementsAre());
  sensor.channels.clear();
  sensor.payload = PayloadFormat{PayloadKind::value};
  EXPECT_THAT(keys(climate), ElementsAre()) << "bare numbers on one topic, and nobody knows which";
  sensor.topic = "a/{channel}";
  EXPECT_THAT(keys(climate),
              UnorderedElementsAre("sensor-climate-temperature-sensor", "sensor-climate-humidity-sensor"));
}

TEST_F(DiscoveryTest, channels_that_are_not_known_yet_are_left_out) {
  const std::vector<SensorView> views{{sensor, climate, false}};
  for (const auto& [key, platform] : discover({config, "1", "b", views}).components)
    EXPECT_TRUE(key.starts_with("gateway-")) << key;
}

TEST_F(DiscoveryTest, a_text_without_channels_is_shown_as_it_is) {
  sensor.driver.driver = &words;
  sensor.payload = PayloadFormat{PayloadKind::text, {{.literal = "hello"}}};
  auto text = components({})["sensor-climate-text-sensor"];
  EXPECT_EQ(text["stat_t"], "~/climate");
  EXPECT_FALSE(text.contains("unit_of_meas") || text.contains("stat_cla") || text.contains("val_tpl"));
}

TEST_F(DiscoveryTest, events_say_which_there_are) {
  sensor.driver.driver = &button;
  sensor.event_topic = "board2mqtt/walnut/climate/event";
  auto event = components(door)["event-climate-event"];
  EXPECT_EQ(event["p"], "event");
  EXPECT_EQ(event["evt_typ"], json::parse(R"(["press", "long"])"));
  EXPECT_EQ(event["stat_t"], "~/climate/event");
  EXPECT_FALSE(event.contains("val_tpl")) << "the payload is what an event takes";
  sensor.event_payload = PayloadKind::value;
  event = components(door)["event-climate-event"];
  EXPECT_EQ(event["val_tpl"], R"({"event_type":"{{ value }}"})");
}

TEST_F(DiscoveryTest, outputs_are_switches_numbers_lights_and_texts) {
  add_actuator("relay", relay);
  add_actuator("dac", dac);
  add_actuator("fan", fan);
  add_actuator("lamp", lamp);
  add_actuator("display", display);
  auto all = components({});
  EXPECT_EQ(all["actuator-relay-switch"]["cmd_t"], "~/relay/set");
  EXPECT_EQ(all["actuator-relay-switch"]["avty"][1]["t"], "~/relay/availability");
  auto& number = all["actuator-dac-number"];
  EXPECT_EQ(json({number["min"], number["max"], number["step"], number["unit_of_meas"]}), json({0, 3.3, 0.01, "V"}));
  EXPECT_EQ(all["actuator-fan-number"]["step"], 1);
  auto& light = all["actuator-lamp-light"];
  EXPECT_EQ(light["bri_scl"], 100);
  EXPECT_EQ(light["on_cmd_type"], "brightness");
  EXPECT_EQ(json({light["stat_t"], light["cmd_t"], light["bri_stat_t"], light["bri_cmd_t"]}),
            json({"~/lamp", "~/lamp/set", "~/lamp", "~/lamp/set"}));
  EXPECT_EQ(all["actuator-display-text"]["cmd_t"], "~/display/set");
}

TEST_F(DiscoveryTest, a_lamp_behind_a_relay_or_a_pwm_is_a_light_when_the_user_says_so) {
  config.homeassistant->lights = {"relay", "strip"};
  add_actuator("relay", relay);
  add_actuator("strip", fan);
  auto all = components({});
  EXPECT_FALSE(all["actuator-relay-light"].contains("bri_scl"));
  EXPECT_TRUE(all["actuator-strip-light"].contains("bri_scl"));
}

TEST_F(DiscoveryTest, an_output_whose_commands_come_by_a_filter_is_shown_only) {
  add_actuator("one", relay).command_topic = "yard/+/set";
  add_actuator("two", fan).command_topic = "$share/group/two/set";
  auto all = components({});
  EXPECT_EQ(all["actuator-one-binary_sensor"]["stat_t"], "~/one");
  EXPECT_FALSE(all["actuator-one-binary_sensor"].contains("cmd_t"));
  EXPECT_EQ(all["actuator-two-sensor"]["unit_of_meas"], "%");
}

TEST_F(DiscoveryTest, availability_is_told_in_the_words_of_the_configuration) {
  config.mqtt.birth.payload = "here";
  config.mqtt.will.payload = "gone";
  EXPECT_EQ(components(door)["sensor-climate-state-binary_sensor"]["avty"][0],
            json::parse(R"({"t": "~/status", "pl_avail": "here", "pl_not_avail": "gone"})"));
  config.mqtt.birth.topic = "elsewhere";  // no topic tells both
  auto alone = components(door)["sensor-climate-state-binary_sensor"];
  EXPECT_EQ(alone["avty"].size(), 1U);
  EXPECT_FALSE(alone.contains("avty_mode"));
}

TEST_F(DiscoveryTest, the_base_topic_is_written_once_where_that_is_shorter) {
  config.mqtt.base_topic = "b";
  config.mqtt.birth.topic = config.mqtt.will.topic = "b/status";
  EXPECT_FALSE(components(door)["sensor-climate-state-binary_sensor"].contains("~"));
  config.mqtt.base_topic = "board2mqtt/walnut";
  config.mqtt.birth.topic = config.mqtt.will.topic = "board2mqtt/walnut/status";
  sensor.topic = "~/mine";
  EXPECT_EQ(components(door)["sensor-climate-state-binary_sensor"]["stat_t"], "~/mine");
  EXPECT_FALSE(components(door)["sensor-climate-state-binary_sensor"].contains("~"))
      << "it would be put before the user's own topic";
}

TEST_F(DiscoveryTest, the_gateway_tells_of_itself) {
  auto all = components({});
  EXPECT_EQ(all["gateway-uptime-sensor"]["ent_cat"], "diagnostic");
  EXPECT_EQ(all["gateway-uptime-sensor"]["stat_t"], "~/health");
  EXPECT_EQ(all["gateway-uptime-sensor"]["avty"], json::parse(R"([{"t": "~/status"}])"));
  EXPECT_EQ(all["gateway-clock-binary_sensor"]["pl_on"], "unsynchronised");
  EXPECT_EQ(all.size(), 4U);
}

TEST_F(DiscoveryTest, what_is_no_more_is_named_with_its_platform_alone) {
  const DiscoveryComponents removed{{"actuator-old-switch", "switch"}, {"sensor-climate-state-binary_sensor", "x"}};
  auto all = components(door, removed);
  EXPECT_EQ(all["actuator-old-switch"], json::parse(R"({"p": "switch"})"));
  EXPECT_EQ(all["sensor-climate-state-binary_sensor"]["p"], "binary_sensor") << "it is there again";
}

TEST_F(DiscoveryTest, the_device_is_the_machine_and_its_topic_is_one_that_is_allowed) {
  config.name = "Büro.1";
  EXPECT_EQ(discovery_topic(config), "homeassistant/device/B__ro_1_0123456789ab/config");
  const auto message = json::parse(discover({config, "1.2.3", "WalnutPi 1B", {}}).payload);
  EXPECT_EQ(message["dev"], json::parse(R"({"ids": "board2mqtt-0123456789ab", "name": "Büro.1", "mdl": "WalnutPi 1B",
                                            "sw": "1.2.3"})"));
  EXPECT_EQ(message["o"]["name"], "board2mqtt");
  config.homeassistant.reset();
  EXPECT_EQ(discovery_topic(config), "");
}

TEST_F(DiscoveryTest, an_earlier_message_is_read_back) {
  add_actuator("fan", fan);
  const auto told = discover({config, "1", "b", {}});
  EXPECT_EQ(parse_discovery(told.payload), told.components);
}

TEST(ParseDiscovery, what_others_have_put_there_does_no_harm) {
  for (const auto* text : {"", "{", "[]", "1", R"({"cmps": 5})", R"({"dev": {}})", "\xff{}"})
    EXPECT_FALSE(parse_discovery(text)) << text;
  EXPECT_FALSE(parse_discovery(std::string(100'000, '[')));
  EXPECT_THAT(
      parse_discovery(R"({"cmps": {"a": {"p": "light"}}, "x": )" + std::string(9, '[') + std::string(9, ']') + "}")
          .value(),
      ElementsAre(Pair("a", "light")));
  EXPECT_FALSE(parse_discovery(R"({"cmps":{},"x":")" + std::string(600'000, 'x') + R"("})"));
  EXPECT_THAT(parse_discovery(R"({"cmps": {"good-1_a": {"p": "light"}, "b": {"p": "camera"}, "c d": {"p": "sensor"},
                                           "e": {"p": 5}, "f": [], "g": {}, "[[[[[[[[[[[": {"p": "sensor"}}})")
                  .value(),
              ElementsAre(Pair("good-1_a", "light")));
}

TEST(IsChannelOf, sensors_with_names_that_begin_alike_are_told_apart) {
  EXPECT_TRUE(is_channel_of("sensor-a-state-binary_sensor", "a"));
  EXPECT_TRUE(is_channel_of("sensor-a-b-state-sensor", "a-b"));
  EXPECT_FALSE(is_channel_of("sensor-a-b-state-sensor", "a"));
  EXPECT_FALSE(is_channel_of("sensor-ab-state-sensor", "a"));
  EXPECT_FALSE(is_channel_of("actuator-a-switch", "a"));
}

}  // namespace
}  // namespace b2m
