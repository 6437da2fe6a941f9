#include <gtest/gtest.h>

#include "daemon/config/broker_url.hpp"
#include "daemon/config/suggest.hpp"
#include "daemon/config/template_text.hpp"
#include "daemon/config/topic_rules.hpp"

namespace b2m {
namespace {

TEST(BrokerUrl, EachSchemeHasItsPort) {
  EXPECT_EQ(to_string(*parse_broker_url("mqtt://h")), "mqtt://h:1883");
  EXPECT_EQ(to_string(*parse_broker_url("mqtts://h/")), "mqtts://h:8883");
  EXPECT_EQ(to_string(*parse_broker_url("ws://h")), "ws://h:80/mqtt");
  EXPECT_EQ(to_string(*parse_broker_url("wss://h/")), "wss://h:443/");
  EXPECT_EQ(to_string(*parse_broker_url("mqtt://mq.tongxinmao.com:18830")), "mqtt://mq.tongxinmao.com:18830");
}

TEST(BrokerUrl, AnIpv6AddressStandsInBrackets) {
  const auto url = parse_broker_url("ws://[fe80::1%eth0]:8083/a/b");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->host, "fe80::1%eth0");
  EXPECT_EQ(url->port, 8083);
  EXPECT_EQ(url->path, "/a/b");
}

TEST(BrokerUrl, WhatIsNoUrlIsRefused) {
  for (const auto* text : {"", "mqtt://", "mqtt://:1883", "mqtt://h:", "mqtt://h:0", "mqtt://h:65536", "mqtt://h:1x",
                           "mqtt://h h", "mqtt://[::1", "mqtt://[::1]x", "mqtt://u:p@h", "://h", "mqtt+srv://h:1883",
                           "mqtt+srv://10.0.0.1", "mqtt+srv://[::1]", "mqtt+srv://h/path", "MQTT://h", "mqtt://a\nb"})
    EXPECT_FALSE(parse_broker_url(text)) << text;
}

// MQTT 5.0 §4.7.1.
TEST(TopicFilter, WildcardsStandForWholeLevels) {
  for (const auto* good :
       {"+", "/", "/+", "/#", "a/#", "+/a/#", "a//b", "$share/g/a/#", "$queue/a/#", "$local/a", "$SYS/#", " a"})
    EXPECT_TRUE(check_filter(good)) << good;
  for (const auto* bad :
       {"", "a#", "a/#/b", "#/", "a+", "+a/b", "a/b#", "$share/g", "$share//a", "$share/+/a", "$share/g/", "$queue/"})
    EXPECT_FALSE(check_filter(bad)) << bad;
}

// What nobody asks for on purpose; ActiveMQ adds its own advisories to it.
TEST(TopicFilter, EverythingIsNeverSubscribed) {
  for (const auto* everything : {"#", "+/#", "$share/g/#", "$queue/#", "$local/#"})
    EXPECT_FALSE(check_filter(everything)) << everything;
}

TEST(Topic, HasNoWildcardAndIsUsedToTheLetter) {
  for (const auto* good : {"/", "/a", "a/", "a b", "$aws/x", "ä"}) EXPECT_TRUE(check_topic(good)) << good;
  for (const auto* bad : {"", "+", "a/#", "a\nb", "a\x01"}) EXPECT_FALSE(check_topic(bad)) << bad;
  EXPECT_TRUE(check_topic(std::string(65535, 'a')));
  EXPECT_FALSE(check_topic(std::string(65536, 'a')));
}

TEST(TopicFilter, TwoOverlapWhenOneTopicMatchesBoth) {
  const auto both = [](std::string_view a, std::string_view b) {
    EXPECT_EQ(filters_overlap(a, b), filters_overlap(b, a)) << a << " " << b;
    return filters_overlap(a, b);
  };
  EXPECT_TRUE(both("a/b", "a/b"));
  EXPECT_TRUE(both("a/+", "+/b"));
  EXPECT_TRUE(both("a/#", "a"));
  EXPECT_TRUE(both("#", "x/y/z"));
  EXPECT_TRUE(both("$share/g/a", "a"));
  EXPECT_TRUE(both("a/+/c", "a/b/#"));
  EXPECT_FALSE(both("a/b", "a/c"));
  EXPECT_FALSE(both("a", "a/b"));
  EXPECT_FALSE(both("a", "/a"));
  EXPECT_FALSE(both("a/+", "a"));
  EXPECT_FALSE(both("a/b/c", "a/+"));
}

TEST(Template, BracesAreDoubledAndFieldsHaveDigits) {
  const auto pieces = split_template("{{a}} {b}{c:.2f}}}");
  ASSERT_TRUE(pieces);
  const std::vector<TemplatePiece> expected{
      {.literal = "{a} "}, {.field = "b"}, {.field = "c", .digits = 2}, {.literal = "}"}};
  EXPECT_EQ(*pieces, expected);
}

TEST(Template, WhatIsNoFieldIsRefused) {
  for (const auto* bad : {"{", "}", "{}", "{a", "a}", "{A}", "{a b}", "{a:}", "{a:.f}", "{a:.10f}", "{a:d}", "{{}"})
    EXPECT_FALSE(split_template(bad)) << bad;
}

TEST(Template, KeptFieldsStayAsTheyAreWritten) {
  EXPECT_EQ(fill_placeholders("/{a}/{channel}", {{"a", "x"}}, "channel"), "/x/{channel}");
  EXPECT_FALSE(fill_placeholders("/{a}/{channel}", {{"a", "x"}}));
}

TEST(Payload, ConstantsBecomeTextAndChannelsStayFields) {
  const auto payload = parse_payload("{name}: {t:.1f} at {time}", {.channels = {"t"}, .constants = {{"name", "n"}}});
  ASSERT_TRUE(payload);
  const std::vector<TemplatePiece> expected{
      {.literal = "n: "}, {.field = "t", .digits = 1}, {.literal = " at "}, {.field = "time"}};
  EXPECT_EQ(payload->kind, PayloadKind::text);
  EXPECT_EQ(payload->pieces, expected);
}

TEST(Payload, AWordIsAFormatAndAnotherIsRefusedWithTheListAndTheNearest) {
  for (const auto& [word, kind] : {std::pair("json", PayloadKind::json), std::pair("value", PayloadKind::value),
                                   std::pair("senml", PayloadKind::senml), std::pair("influx", PayloadKind::influx)})
    EXPECT_EQ(parse_payload(word, {})->kind, kind) << word;
  const auto refused = parse_payload("influxdb", {});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            R"("influxdb" is not "json", "value", "senml", "influx" or a template with a {field})");
  EXPECT_EQ(refused.error().hint, R"(did you mean "influx"?)");
  EXPECT_EQ(parse_payload("Senml", {}).error().hint, R"(did you mean "senml"?)");
}

TEST(Suggestion, IsTheNearestWord) {
  constexpr std::array<std::string_view, 4> known{"every", "topic", "qos", "retain"};
  EXPECT_EQ(did_you_mean("evrey", known), "did you mean \"every\"?");
  EXPECT_EQ(did_you_mean("intervall", known), "did you mean \"every\"?");
  EXPECT_EQ(did_you_mean("Retain", known), "did you mean \"retain\"?");
  EXPECT_EQ(did_you_mean("banana", known), "");
  EXPECT_EQ(did_you_mean("", known), "");
  EXPECT_EQ(did_you_mean(std::string(100'000, 'e'), known), "");
}

TEST(Suggestion, KnowsWhatOtherProgramsCallADriver) {
  constexpr std::array<std::string_view, 3> known{"switch", "input", "pwm"};
  EXPECT_EQ(did_you_mean("relay", known), "did you mean \"switch\"?");
  EXPECT_EQ(did_you_mean("binary_sensor", known), "did you mean \"input\"?");
}

TEST(Suggestion, ASwapOfNeighboursIsOneMistake) {
  EXPECT_EQ(edit_distance("name", "nmae"), 1U);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
  EXPECT_EQ(edit_distance("", "abc"), 3U);
}

}  // namespace
}  // namespace b2m
