#include "daemon/mqtt/command_payload.hpp"

#include <gtest/gtest.h>

#include <string>

namespace b2m {
namespace {

using namespace std::chrono_literals;

Command parsed(std::string_view payload, ActuatorKind kind = ActuatorKind::on_off,
               CommandForm form = CommandForm::set) {
  const auto command = parse_command(payload, kind, form);
  EXPECT_TRUE(command) << payload << ": " << (command ? "" : command.error().refusal->message);
  return command.value_or(Command{std::string("refused")});
}

std::string refused(std::string_view payload, ActuatorKind kind = ActuatorKind::on_off,
                    CommandForm form = CommandForm::set) {
  const auto command = parse_command(payload, kind, form);
  return command ? "accepted" : command.error().refusal->error;
}

TEST(CommandPayload, WordsOfASwitchAreUnderstoodInAnyCaseWithSpaceAround) {
  for (const char* on : {"ON", "on", "On", " ON\n", "1", "true", "TRUE", "\"ON\"", "1.0", "{\"state\":\"on\"}",
                         "{\"state\":true}", "{\"state\":1}", "{\"value\":\"1\"}", "\t{ \"state\" : \"ON\" } "})
    EXPECT_EQ(parsed(on).target, Target(true)) << on;
  for (const char* off : {"OFF", "off", "0", "false", "\"off\"", "{\"state\":false}", "-0"})
    EXPECT_EQ(parsed(off).target, Target(false)) << off;
  for (const char* toggle : {"TOGGLE", "toggle", "{\"state\":\"Toggle\"}"})
    EXPECT_EQ(parsed(toggle).target, Target(Toggle())) << toggle;
}

TEST(CommandPayload, NumbersOfARange) {
  EXPECT_EQ(parsed("40", ActuatorKind::range).target, Target(40.0));
  EXPECT_EQ(parsed("40%", ActuatorKind::range).target, Target(Percent{40}));
  EXPECT_EQ(parsed("40 %", ActuatorKind::range).target, Target(Percent{40}));
  EXPECT_EQ(parsed("12.5", ActuatorKind::range).target, Target(12.5));
  EXPECT_EQ(parsed("1", ActuatorKind::range).target, Target(1.0)) << "one percent, not ON";
  EXPECT_EQ(parsed("{\"value\":40}", ActuatorKind::range).target, Target(40.0));
  EXPECT_EQ(parsed("{\"value\":\"40%\"}", ActuatorKind::range).target, Target(Percent{40}));
  EXPECT_EQ(parsed("ON", ActuatorKind::range).target, Target(true));
}

TEST(CommandPayload, TextIsTakenToTheLetter) {
  EXPECT_EQ(parsed(" Hello ON ", ActuatorKind::text).target, Target(std::string(" Hello ON ")));
  EXPECT_EQ(parsed("{\"value\":\"ON\"}", ActuatorKind::text).target, Target(std::string("ON")));
}

TEST(CommandPayload, DurationsAndIds) {
  EXPECT_EQ(parsed(R"({"state":"ON","for":"5s","id":"abc"})"), (Command{true, 5s, "abc"}));
  EXPECT_EQ(parsed(R"({"id":7,"state":"ON"})").id, "7");
  EXPECT_EQ(parsed("1500", ActuatorKind::on_off, CommandForm::set_on_ms), (Command{true, 1500ms}));
  EXPECT_EQ(parsed("0.5", ActuatorKind::on_off, CommandForm::set_off_ms), (Command{false, 500us}));
}

TEST(CommandPayload, EveryRefusalHasItsWord) {
  struct Row {
    std::string payload;
    const char* error;
  };
  const std::vector<Row> rows{
      {"", "empty_payload"},
      {" \r\n", "empty_payload"},
      {std::string(64 * 1024 + 1, ' '), "payload_too_long"},
      {"\xff", "invalid_utf8"},
      {"\xc0\x80", "invalid_utf8"},          // not the shortest form
      {"\xed\xa0\x80", "invalid_utf8"},      // a surrogate
      {"\xf4\x90\x80\x80", "invalid_utf8"},  // above U+10FFFF
      {"\xe2\x82", "invalid_utf8"},          // cut short
      {"{", "invalid_json"},
      {"{\"state\":\"ON\"} x", "invalid_json"},
      {"{\"state\":ON}", "invalid_json"},
      {"{\"state\":NaN}", "invalid_json"},
      {"[1]", "invalid_json"},
      {"{\"state\":\"ON\",\"state\":\"OFF\"}", "invalid_json"},
      {"{\"state\":\"ON\",\"value\":1}", "invalid_json"},
      {"{\"state\":{\"a\":1}}", "too_deep"},
      {"{\"state\":[\"ON\"]}", "too_deep"},
      {"{\"a\":" + std::string(60'000, '['), "too_deep"},
      {"{\"stat\":\"ON\"}", "unknown_key"},
      {"{\"state\":\"ON\",\"brightness\":3}", "unknown_key"},
      {"{}", "missing_state"},
      {"{\"for\":\"5s\"}", "missing_state"},
      {"maybe", "unknown_state"},
      {"ON OFF", "unknown_state"},
      {"%", "unknown_state"},
      {"0x10", "unknown_state"},
      {"\"\"", "unknown_state"},
      {"null", "unknown_state"},
      {"{\"state\":null}", "unknown_state"},
      {"nan", "not_finite"},
      {"inf", "not_finite"},
      {"-Infinity", "not_finite"},
      {"1e999", "not_finite"},
      {"{\"value\":1e999}", "not_finite"},
      {"{\"state\":\"ON\",\"for\":5}", "invalid_duration"},
      {"{\"state\":\"ON\",\"for\":\"5\"}", "invalid_duration"},
      {"{\"state\":\"ON\",\"for\":\"-5s\"}", "invalid_duration"},
      {"{\"state\":\"ON\",\"for\":\"0s\"}", "invalid_duration"},
      {"{\"state\":\"ON\",\"for\":\"soon\"}", "invalid_duration"},
      {"{\"state\":\"ON\",\"id\":true}", "invalid_id"},
      {"{\"state\":\"ON\",\"id\":\"" + std::string(200, 'x') + "\"}", "invalid_id"},
  };
  for (const auto& row : rows) EXPECT_EQ(refused(row.payload), row.error) << row.payload.substr(0, 60);
}

TEST(CommandPayload, ARefusalQuotesLittleOfALongText) {
  const std::string text(60'000, '9');
  for (const auto& payload : {text + "x", R"({"state":"ON","for":")" + text + R"("})", R"({")" + text + R"(":1})",
                              R"({"state":"ON","time":")" + text + R"("})"}) {
    const auto command = parse_command(payload, ActuatorKind::on_off, CommandForm::set);
    ASSERT_FALSE(command);
    EXPECT_LT(command.error().refusal->message.size(), 200U) << payload.substr(0, 20);
  }
}

TEST(CommandPayload, RefusalsOfTimedCommands) {
  for (const char* payload : {"ON", "5s", "-1", "0", "40%", "1e30", "{\"state\":\"ON\"}"})
    EXPECT_EQ(refused(payload, ActuatorKind::on_off, CommandForm::set_on_ms), "invalid_duration") << payload;
  EXPECT_EQ(refused("nan", ActuatorKind::on_off, CommandForm::set_on_ms), "not_finite");
  EXPECT_EQ(refused("", ActuatorKind::on_off, CommandForm::set_off_ms), "empty_payload");
}

}  // namespace
}  // namespace b2m
