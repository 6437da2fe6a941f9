#include "daemon/config/load.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>

#include "daemon/config/secret_file.hpp"
#include "drivers/api/registry.hpp"
#include "tests/daemon/config/support.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::load_text;

Config taken(std::string_view text, const Environment& environment = test::machine()) {
  auto result = load_text(text, environment);
  EXPECT_TRUE(result.config) << to_text(result.diagnostics);
  return result.config.value_or(Config{});
}

std::string refused(std::string_view text, const Environment& environment = test::machine()) {
  const auto result = load_text(text, environment);
  EXPECT_FALSE(result.config);
  return result.diagnostics.all().empty()
             ? ""
             : result.diagnostics.all().front().pointer + ": " + result.diagnostics.all().front().message;
}

TEST(Load, AnEmptyObjectHasEveryDefault) {
  const auto config = taken("{}");
  EXPECT_EQ(config.name, "host");
  EXPECT_EQ(config.board, "generic");
  const auto& mqtt = config.mqtt;
  EXPECT_EQ(mqtt.brokers, (std::vector<BrokerUrl>{{BrokerScheme::mqtt, "localhost", 1883, ""}}));
  EXPECT_EQ(mqtt.client_id, "host-0123456789ab");
  EXPECT_EQ(mqtt.base_topic, "board2mqtt/host");
  EXPECT_EQ(mqtt.will, (PresenceMessage{"board2mqtt/host/status", "offline", 1, true}));
  EXPECT_EQ(mqtt.birth, (PresenceMessage{"board2mqtt/host/status", "online", 1, true}));
  EXPECT_EQ(mqtt.keepalive, 60s);
  EXPECT_TRUE(mqtt.clean_session);
  EXPECT_EQ(mqtt.session_expiry, 0s);
  EXPECT_EQ(mqtt.qos, 1);
  EXPECT_EQ(mqtt.max_inflight, 100);
  EXPECT_EQ(mqtt.reconnect_min, 1s);
  EXPECT_EQ(mqtt.reconnect_max, 60s);
  EXPECT_EQ(config.outbox, OutboxConfig());
}

TEST(Load, TheOutboxIsAsConfigured) {
  const auto config = taken(R"({"name": "gw", "outbox": {"memory": 5, "disk": "1GB", "sync": "250ms", "max_age": "7d",
    "replay": "live_first", "replay_topic": "late/{name}/{topic}", "replay_rate": 0.5}})");
  EXPECT_EQ(config.outbox, (OutboxConfig{.memory = 5,
                                         .disk_bytes = 1'000'000'000,
                                         .sync = 250ms,
                                         .max_age = 7 * 24h,
                                         .replay = ReplayMode::live_first,
                                         .replay_topic = "late/gw/{topic}",
                                         .replay_rate = 0.5}));
}

TEST(Load, AnAliyunLoginTakesItsSecretFromACredential) {
  const test::Directory credentials;
  credentials.write("device-secret", "oLyaKqVxtRvjH284LdhqVgVUx1UPy6zq\n", 0400);
  auto machine = test::machine();
  machine.credentials = credentials.path();
  const auto config = taken(R"({"mqtt": {"login": {"provider": "aliyun", "product_key": "a14Xib5kdYd",
    "device_name": "light1983432", "device_secret_file": "device-secret", "sign_method": "hmacsha1"}}})",
                            machine);
  EXPECT_EQ(config.mqtt.login, (AliyunLogin{"a14Xib5kdYd", "light1983432", "oLyaKqVxtRvjH284LdhqVgVUx1UPy6zq",
                                            SignMethod::hmac_sha1, ""}));
}

TEST(Load, ABrokerMayBeAServiceInDns) {
  const auto config = taken(R"({"mqtt": {"broker": ["mqtt+srv://example.org", "mqtts+srv://example.org"]}})");
  EXPECT_EQ(config.mqtt.brokers, (std::vector<BrokerUrl>{{BrokerScheme::mqtt_srv, "example.org", 0, ""},
                                                         {BrokerScheme::mqtts_srv, "example.org", 0, ""}}));
}

TEST(Load, ASensorHasItsDefaultsAndItsTopicToTheLetter) {
  const auto config = taken(R"({"sensors": {
    "a": {"driver": "bme280", "bus": "/dev/i2c-1", "topic": "/public/walnutpi/1"}, "b": {"driver": "bmp280", "bus": "i2c-2"}}})");
  ASSERT_EQ(config.sensors.size(), 2U);
  const auto& a = config.sensors[0];
  EXPECT_EQ(a.topic, "/public/walnutpi/1");
  EXPECT_EQ(a.options.text("bus"), "i2c-1");
  EXPECT_EQ(a.options.integer("address"), 0x76);
  EXPECT_FALSE(a.options.has("topic"));
  EXPECT_EQ(a.every, 10s);
  EXPECT_EQ(a.qos, 1);
  EXPECT_FALSE(a.retain);
  EXPECT_FALSE(a.payload);
  EXPECT_EQ(a.availability_topic, "board2mqtt/host/a/availability");
  EXPECT_EQ(config.sensors[1].topic, "board2mqtt/host/b");
  EXPECT_EQ(config.sensors[1].driver.name(), "bmp280");
}

TEST(Load, AnActuatorHasItsTopicsBelowTheBase) {
  const auto result = load_text(R"({"board": "walnutpi-1b", "mqtt": {"base_topic": "home/{hostname}"},
    "actuators": {"fan": {"driver": "switch", "line": "PC8"}}})");
  ASSERT_TRUE(result.config);
  const auto& fan = result.config->actuators.at(0);
  EXPECT_EQ(fan.topic, "home/host/fan");
  EXPECT_EQ(fan.command_topic, "home/host/fan/set");
  EXPECT_EQ(fan.result_topic, "home/host/fan/result");
  EXPECT_EQ(fan.initial, InitialState::off);
  EXPECT_EQ(fan.on_exit, ExitState::keep);
  EXPECT_EQ(fan.lines.at("line"), (LineId{.chip = "300b000.pinctrl", .offset = 72}));
  ASSERT_EQ(result.lines.size(), 1U);
  EXPECT_EQ(result.lines[0].spelling, "PC8");
}

TEST(Load, DefaultsAreTakenWhereTheyFitAndTheDevicesOwnKeyWins) {
  const auto config = taken(R"({"board": "walnutpi-1b",
    "defaults": {"bus": "i2c-1", "every": "5s", "active_low": true, "qos": 0, "retain": true, "filters": [{"round": 1}]},
    "sensors": {"a": {"driver": "bme280"}, "b": {"driver": "bh1750", "every": "2s", "qos": 2}, "c": {"driver": "input", "line": "PC9"}},
    "actuators": {"d": {"driver": "switch", "line": "PC8"}}})");
  ASSERT_EQ(config.sensors.size(), 3U);
  EXPECT_EQ(config.sensors[0].every, 5s);
  EXPECT_EQ(config.sensors[0].qos, 0);
  EXPECT_TRUE(config.sensors[0].retain);
  EXPECT_EQ(config.sensors[0].filters.size(), 1U);
  EXPECT_EQ(config.sensors[1].every, 2s);
  EXPECT_EQ(config.sensors[1].qos, 2);
  EXPECT_TRUE(config.sensors[2].options.flag("active_low"));
  EXPECT_TRUE(config.actuators.at(0).options.flag("active_low"));
  EXPECT_EQ(config.actuators.at(0).qos, 0);
}

TEST(Load, AChannelsOwnTopicHasItsKeyFilledIn) {
  const auto config =
      taken(R"({"sensors": {"a": {"driver": "bme280", "bus": "i2c-1", "topic": "{base}/{sensor}/{channel}",
    "channels": {"humidity": {"topic": "/h/{channel}", "name": "moist"}}}}})");
  EXPECT_EQ(config.sensors.at(0).topic, "board2mqtt/host/a/{channel}");
  EXPECT_EQ(config.sensors.at(0).channels.at(0).topic, "/h/humidity");
}

TEST(Load, ATextSensorsTextIsItsPayload) {
  const auto config = taken(R"({"sensors": {"hello": {"driver": "text", "text": "Hello {hostname}! {sequence}"}}})");
  const auto& payload = config.sensors.at(0).payload;
  ASSERT_TRUE(payload);
  EXPECT_EQ(payload->kind, PayloadKind::text);
  EXPECT_EQ(payload->pieces, (std::vector<TemplatePiece>{{.literal = "Hello host! "}, {.field = "sequence"}}));
}

TEST(Load, NoRetainTakesTheFlagFromEverything) {
  const auto config = taken(R"({"mqtt": {"no_retain": true, "retain": true, "will": {"retain": true}},
    "sensors": {"a": {"driver": "system", "retain": true}}})");
  EXPECT_FALSE(config.mqtt.retain);
  EXPECT_FALSE(config.mqtt.will.retain);
  EXPECT_FALSE(config.mqtt.birth.retain);
  EXPECT_FALSE(config.sensors.at(0).retain);
}

TEST(Load, AKeptSessionOutlivesTheConnectionUnlessToldOtherwise) {
  EXPECT_EQ(taken(R"({"mqtt": {"clean_session": false, "client_id": "a"}})").mqtt.session_expiry, 168h);
  EXPECT_EQ(
      taken(R"({"mqtt": {"clean_session": false, "client_id": "a", "session_expiry": "1h"}})").mqtt.session_expiry, 1h);
}

TEST(Load, FiltersKeepTheirOrderAndNumbers) {
  const auto config = taken(R"({"sensors": {"a": {"driver": "system", "filters": [
    {"quantile": {"window": 9, "q": 0.9}}, {"delta": "2%"}, {"throttle": "10s"}, {"calibrate_linear": [[0, 1], [10, 12]]}]}}})");
  const std::vector<FilterSpec> expected{{.kind = FilterKind::quantile, .numbers = {9, 0.9}},
                                         {.kind = FilterKind::delta, .numbers = {0.02}, .share = true},
                                         {.kind = FilterKind::throttle, .duration = 10s},
                                         {.kind = FilterKind::calibrate_linear, .numbers = {0, 1, 10, 12}}};
  EXPECT_EQ(config.sensors.at(0).filters, expected);
}

TEST(Load, AutoIsTheBoardThatTheDeviceTreeNames) {
  auto machine = test::machine();
  machine.device_tree_model = "Raspberry Pi 4 Model B Rev 1.5";
  EXPECT_EQ(taken("{}", machine).board, "raspberry-pi-4");
}

TEST(ConfD, FragmentsAreMergedInNameOrder) {
  const test::Directory directory;
  const auto file =
      directory.write("board2mqtt.json", R"({"name": "main", "sensors": {"a": {"driver": "system", "every": "1s"}}})");
  directory.write("conf.d/20.json", R"({"name": "twenty", "sensors": {"a": {"every": "20s"}}})");
  directory.write("conf.d/10.json",
                  R"({"name": "ten", "sensors": {"a": {"every": "10s", "qos": 0}, "b": {"driver": "system"}}})");
  directory.write("conf.d/.30.json.swp", "not JSON");
  directory.write("conf.d/.40.json", "not JSON");
  directory.write("conf.d/README", "not JSON");
  const auto result = load(file, test::machine());
  ASSERT_TRUE(result.config) << to_text(result.diagnostics);
  EXPECT_EQ(result.config->name, "twenty");
  ASSERT_EQ(result.config->sensors.size(), 2U);
  EXPECT_EQ(result.config->sensors[0].every, 20s);
  EXPECT_EQ(result.config->sensors[0].qos, 0);
  EXPECT_EQ(result.files.size(), 3U);
}

TEST(ConfD, AProblemIsReportedInTheFileWhereItStands) {
  const test::Directory directory;
  const auto file = directory.write("board2mqtt.json", R"({"sensors": {"a": {"driver": "system", "every": "1s"}}})");
  directory.write("conf.d/10.json", "{\"sensors\":\n  {\"a\": {\"every\": \"1 week\"}}}");
  EXPECT_EQ(test::text_of(load(file, test::machine()), directory.path()),
            "conf.d/10.json:2:19: error: /sensors/a/every: \"week\" is not a unit of a duration such as \"250ms\", "
            "\"10s\" or \"5min\"\n");
}

TEST(ConfD, SyntaxErrorsOfAllFilesAreReportedTogether) {
  const test::Directory directory;
  const auto file = directory.write("board2mqtt.json", "{");
  directory.write("conf.d/10.json", "[]");
  EXPECT_EQ(load(file, test::machine()).diagnostics.errors(), 2U);
}

TEST(Secrets, APasswordInAFileThatEverybodyMayReadIsAnError) {
  const test::Directory directory;
  constexpr auto text = R"({"mqtt": {"username": "u", "password": "geheim"}})";
  EXPECT_TRUE(load(directory.write("a.json", text, 0640), test::machine()).config);
  const auto result = load(directory.write("b.json", text, 0644), test::machine());
  EXPECT_FALSE(result.config);
  EXPECT_EQ(result.diagnostics.all().at(0).pointer, "/mqtt/password");
  EXPECT_EQ(to_text(result.diagnostics).find("geheim"), std::string::npos);
}

TEST(Secrets, APasswordFileIsReadWithoutItsLineBreak) {
  const test::Directory directory;
  directory.write("secret", "p w \n", 0600);
  const auto file = directory.write("a.json", R"({"mqtt": {"username": "u", "password_file": "secret"}})", 0644);
  const auto result = load(file, test::machine());
  ASSERT_TRUE(result.config) << to_text(result.diagnostics);
  EXPECT_EQ(result.config->mqtt.password, "p w ");
}

TEST(Secrets, APasswordFileThatEverybodyMayReadOrThatIsEmptyIsAnError) {
  const test::Directory directory;
  const auto file = directory.write("a.json", R"({"mqtt": {"username": "u", "password_file": "secret"}})");
  directory.write("secret", "p\n", 0604);
  EXPECT_EQ(load(file, test::machine()).diagnostics.all().at(0).pointer, "/mqtt/password_file");
  directory.write("secret", "\n", 0600);
  EXPECT_FALSE(load(file, test::machine()).config);
}

// The service is no root: without the group it could not read what is hidden from the others.
TEST(Secrets, AFileOfTheServiceIsHiddenSoThatTheServiceCanReadIt) {
  EXPECT_EQ(how_to_hide("/etc/board2mqtt/conf.d/../secret"),
            "sudo chgrp board2mqtt /etc/board2mqtt/conf.d/../secret && "
            "sudo chmod 640 /etc/board2mqtt/conf.d/../secret");
  EXPECT_EQ(how_to_hide("/etc/board2mqtt/../secret"), "chmod o-r /etc/board2mqtt/../secret");
  EXPECT_EQ(how_to_hide("here/secret"), "chmod o-r here/secret");
  EXPECT_THAT(how_to_read("/etc/board2mqtt/secret", EACCES), testing::HasSubstr("sudo chgrp board2mqtt"));
  EXPECT_THAT(how_to_read("here/secret", EACCES), testing::HasSubstr("allowed to read it"));
  EXPECT_EQ(how_to_read("here/secret", EIO), "");
}

TEST(Secrets, ASystemdCredentialIsFoundByItsName) {
  const test::Directory credentials;
  credentials.write("mqtt", "from systemd", 0400);
  auto machine = test::machine();
  machine.credentials = credentials.path();
  EXPECT_EQ(taken(R"({"mqtt": {"username": "u", "password_file": "mqtt"}})", machine).mqtt.password, "from systemd");
}

TEST(Secrets, APrivateKeyThatEverybodyMayReadIsAnError) {
  const test::Directory directory;
  directory.write("cert.pem", "", 0644);
  const auto file =
      directory.write("a.json", R"({"mqtt": {"broker": "mqtts://h", "tls": {"cert": "cert.pem", "key": "key.pem"}}})");
  directory.write("key.pem", "", 0644);
  EXPECT_EQ(load(file, test::machine()).diagnostics.all().at(0).pointer, "/mqtt/tls/key");
  std::filesystem::permissions(directory.path() / "key.pem", static_cast<std::filesystem::perms>(0600));
  const auto result = load(file, test::machine());
  ASSERT_TRUE(result.config) << to_text(result.diagnostics);
  EXPECT_EQ(result.config->mqtt.tls.key, (directory.path() / "key.pem").string());
}

TEST(Load, AMissingFileIsAnErrorAndNotACrash) {
  const auto result = load("/nonexistent/board2mqtt.json", test::machine());
  EXPECT_FALSE(result.config);
  EXPECT_EQ(to_text(result.diagnostics),
            "/nonexistent/board2mqtt.json: error: cannot be read: No such file or directory; `board2mqtt scan` prints "
            "one, --config names another\n");
}

TEST(Load, AWarningDoesNotRefuse) {
  const auto result = load_text("{}");
  EXPECT_TRUE(result.config);
  EXPECT_EQ(result.diagnostics.warnings(), 1U);
}

TEST(Load, AHostNameWithoutAllowedLettersStillMakesTopics) {
  EXPECT_EQ(refused(R"({"name": ""})"), "/name: the name is empty");
  EXPECT_EQ(refused(R"({"name": "{base}"})"), "/name: {base} stands for nothing here");
}

TEST(Displays, ALineKnowsItsChannelsAndWhatTheGatewayIsCalled) {
  const auto config = taken(R"({"name": "shed", "board": "walnutpi-1b",
    "sensors": {"climate": {"driver": "bme280", "bus": "i2c-1", "derive": ["dew_point"]},
                "door": {"driver": "input", "line": "PC12"}},
    "actuators": {"hall": {"driver": "lcd1602", "bus": "i2c-1", "refresh": "5s",
                           "lines": ["{name}: {climate.temperature:.1f} °C", "{climate.dew_point} {door} {{}}"]}}})");
  const auto& hall = config.actuators.at(0);
  using Pieces = std::vector<TemplatePiece>;
  ASSERT_EQ(hall.text_lines.size(), 2U);
  EXPECT_EQ(
      hall.text_lines[0],
      (Pieces{
          {.literal = "shed"}, {.literal = ": "}, {.field = "climate.temperature", .digits = 1}, {.literal = " °C"}}));
  EXPECT_EQ(hall.text_lines[1],
            (Pieces{{.field = "climate.dew_point"}, {.literal = " "}, {.field = "door.state"}, {.literal = " {}"}}));
  EXPECT_EQ(hall.refresh, std::chrono::seconds(5));
}

TEST(Groups, AreWhatTheirMembersAre) {
  const auto config = taken(R"({"board": "walnutpi-1b", "actuators": {
    "dimmers": {"driver": "group", "members": ["one", "two"], "state": "all"},
    "mixed": {"driver": "group", "members": ["lamp", "two"]},
    "lamp": {"driver": "switch", "line": "PC8"},
    "one": {"driver": "pca9685", "bus": "i2c-1", "channel": 1},
    "two": {"driver": "pca9685", "bus": "i2c-1", "channel": 2}}})");
  const auto& dimmers = config.actuators.at(0);
  EXPECT_EQ(dimmers.members, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(dimmers.group_state, GroupState::all);
  EXPECT_EQ(dimmers.output().kind, ActuatorKind::range);
  EXPECT_EQ(dimmers.output().unit, "%");
  EXPECT_EQ(config.actuators.at(1).output().kind, ActuatorKind::on_off);
}

TEST(Steppers, TakeTheStepsOfTheirOptions) {
  const auto config = taken(R"({"board": "walnutpi-1b", "actuators": {"valve": {"driver": "stepper",
    "line_1": "PC8", "line_2": "PC9", "line_3": "PC10", "line_4": "PC11", "max_steps": 500}}})");
  EXPECT_EQ(config.actuators.at(0).output().range.high, 500);
}

TEST(Drivers, EachExampleIsAcceptedUnderItsSection) {
  for (const auto* driver : all_drivers()) {
    // What is computed names a channel of a converter called "adc".
    constexpr std::string_view converter = R"("adc": {"driver": "ads1115", "bus": "i2c-7"}, )";
    // What is a group has two switches called "lamp" and "fan".
    constexpr std::string_view switches =
        R"("lamp": {"driver": "switch", "line": "PC8"}, "fan": {"driver": "switch", "line": "PC9"}, )";
    const auto text = fmt::format(R"({{"board": "walnutpi-1b", "{}": {{{}"example": {}}}}})",
                                  driver->is_actuator() ? "actuators" : "sensors",
                                  driver->make_computed != nullptr ? converter
                                  : driver->group                  ? switches
                                                                   : "",
                                  driver->example);
    const auto result = load_text(text);
    EXPECT_TRUE(result.config) << driver->name << "\n" << to_text(result.diagnostics);
  }
}

}  // namespace
}  // namespace b2m
