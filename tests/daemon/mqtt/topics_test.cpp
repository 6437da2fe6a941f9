#include "daemon/mqtt/topics.hpp"

#include <gtest/gtest.h>

#include "daemon/mqtt/router.hpp"

namespace b2m {
namespace {

// Rows from MQTT 5.0 §4.7.1 (examples in the text) and §4.7.2.
TEST(Topics, FiltersMatchAsTheStandardSays) {
  struct Row {
    const char* filter;
    const char* topic;
    bool matches;
  };
  for (const Row& row : {Row{"sport/tennis/player1/#", "sport/tennis/player1", true},
                         Row{"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
                         Row{"sport/#", "sport", true},
                         Row{"#", "sport/tennis", true},
                         Row{"sport/tennis/+", "sport/tennis/player1", true},
                         Row{"sport/tennis/+", "sport/tennis/player1/ranking", false},
                         Row{"sport/+", "sport", false},
                         Row{"sport/+", "sport/", true},
                         Row{"+/+", "/finance", true},
                         Row{"/+", "/finance", true},
                         Row{"+", "/finance", false},
                         Row{"#", "$SYS/monitor", false},
                         Row{"+/monitor/Clients", "$SYS/monitor/Clients", false},
                         Row{"$SYS/#", "$SYS/monitor", true},
                         Row{"a/b", "a/b", true},
                         Row{"a/b", "a/b/", false},
                         Row{"a/b/", "a/b", false},
                         Row{"a/#/b", "a/x/b", false},
                         Row{"A/b", "a/b", false},
                         Row{"/public/01Studio/2", "/public/01Studio/2", true},
                         Row{"", "a", false},
                         Row{"a", "", false}})
    EXPECT_EQ(topic_matches(row.filter, row.topic), row.matches) << row.filter << " " << row.topic;
}

TEST(Topics, SharesQueuesAndLocalsAreTakenOff) {
  EXPECT_EQ(bare_filter("$share/group/a/+"), "a/+");
  EXPECT_EQ(bare_filter("$share/group//a"), "/a");
  EXPECT_EQ(bare_filter("$queue/a"), "a");
  EXPECT_EQ(bare_filter("$local/a"), "a");
  EXPECT_EQ(bare_filter("$SYS/a"), "$SYS/a");
  EXPECT_EQ(bare_filter("$share/group"), "");
}

ActuatorConfig actuator(std::string command_topic, int qos = 1) {
  ActuatorConfig config;
  config.command_topic = std::move(command_topic);
  config.qos = qos;
  return config;
}

TEST(Router, ASetTopicHasItsTimedCompanionsAndAnyOtherStandsAlone) {
  const std::vector<ActuatorConfig> actuators{actuator("base/fan/set"), actuator("/public/01Studio/2"),
                                              actuator("$share/g/x/+")};
  const Router router(actuators);
  EXPECT_EQ(router.route("base/fan/set")->form, CommandForm::set);
  EXPECT_EQ(router.route("base/fan/set_on_ms")->form, CommandForm::set_on_ms);
  EXPECT_EQ(router.route("base/fan/set_off_ms")->form, CommandForm::set_off_ms);
  EXPECT_EQ(router.route("/public/01Studio/2")->index, 1U);
  EXPECT_EQ(router.route("x/anything")->index, 2U);
  EXPECT_FALSE(router.route("public/01Studio/2"));
  EXPECT_FALSE(router.route("base/fan"));
  EXPECT_EQ(router.subscriptions().size(), 5U);
}

TEST(Router, ASensorsTotalHasItsTopicAndNoTimedCompanions) {
  const std::vector<ActuatorConfig> actuators{actuator("base/fan/set")};
  std::vector<SensorConfig> sensors(2);
  sensors[1].command_topic = "base/rain/set";
  const Router router(actuators, sensors);
  EXPECT_EQ(router.route("base/fan/set")->to, Route::To::actuator);
  const auto rain = router.route("base/rain/set");
  ASSERT_TRUE(rain);
  EXPECT_EQ(rain->to, Route::To::sensor);
  EXPECT_EQ(rain->index, 1U);
  EXPECT_FALSE(router.route("base/rain/set_on_ms"));
  EXPECT_EQ(router.subscriptions().size(), 4U);
}

TEST(Router, ASharedSubscriptionIsNeverNoLocal) {
  const std::vector<ActuatorConfig> actuators{actuator("$share/g/x"), actuator("y")};
  for (const auto& subscription : Router(actuators).subscriptions())
    EXPECT_EQ(subscription.no_local, subscription.filter == "y");
}

TEST(Router, AFilterOfTwoActuatorsIsSubscribedOnceAtTheHigherQos) {
  const std::vector<ActuatorConfig> actuators{actuator("x", 0), actuator("x", 2)};
  EXPECT_EQ(Router(actuators).subscriptions(), (std::vector<Subscription>{{"x", 2, true}}));
}

}  // namespace
}  // namespace b2m
