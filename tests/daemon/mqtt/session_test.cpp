#include "daemon/mqtt/session.hpp"

#include <gmock/gmock.h>

#include <functional>

#include "tests/fakes/fake_link.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

MqttConfig config() {
  MqttConfig config;
  config.brokers = {{.host = "one"}};
  config.client_id = "gateway-0123456789abcdef0123456789abcdef";
  config.base_topic = "base";
  config.will = {"base/status", "offline"};
  config.birth = {"base/status", "online"};
  config.max_inflight = 3;
  config.reconnect_min = 1us;
  config.reconnect_max = 10us;
  return config;
}

struct SessionTest : testing::Test {
  EventLoop loop;
  FakeLink link;

  std::unique_ptr<Session> make(MqttConfig settings = config(), std::size_t memory = 100, SessionTimes times = {}) {
    return std::make_unique<Session>(loop, link, std::move(settings), OutboxConfig{memory}, times);
  }
  /// Lets the loop's timers bring about `what`; a test whose timer never comes ends by ctest's limit.
  void until(const std::function<bool()>& what) {
    while (!what()) loop.run_once(10ms);
  }
  void until_attempts(std::size_t count) {
    until([&] { return link.attempts.size() >= count; });
  }
  std::unique_ptr<Session> connected(MqttConfig settings = config(), std::size_t memory = 100,
                                     SessionTimes times = {}) {
    auto session = make(std::move(settings), memory, times);
    session->start();
    until_attempts(1);
    link.accept();
    return session;
  }
};

TEST_F(SessionTest, OnConnectTheBirthComesFirstThenStatesThenReadings) {
  auto session = make();
  session->publish_reading({"climate", "1"});
  session->publish_state({"fan", "OFF", 1, true});
  session->publish_state({"fan", "ON", 1, true});
  session->start();
  until_attempts(1);
  link.accept();
  EXPECT_THAT(link.lines(), ElementsAre("base/status online", "fan ON", "climate 1"));
  EXPECT_TRUE(link.sent[1].message.retain);
}

TEST_F(SessionTest, WhatExplainsTheStatesGoesAheadOfThemAlsoWhenItCameLater) {
  auto settings = config();
  settings.max_inflight = 100;
  auto session = make(settings);
  session->publish_state({"fan", "OFF", 1, true});
  session->publish_ahead({"about", "a fan", 1, true});
  session->publish_ahead({"more", "about it", 1, true});
  session->publish_ahead({"about", "one fan", 1, true});
  session->start();
  until_attempts(1);
  link.accept();
  EXPECT_THAT(link.lines(), ElementsAre("base/status online", "about one fan", "more about it", "fan OFF"));
}

TEST_F(SessionTest, StatesAreRepeatedForWhoeverHasOnlyComeNow) {
  auto session = connected();
  session->publish_state({"fan", "OFF", 1, true});
  session->publish_ahead({"about", "a fan", 1, true});
  link.acknowledge_from();
  auto from = link.sent.size();
  session->repeat_states();
  link.acknowledge_from(from);
  EXPECT_THAT(link.lines(from), ElementsAre("base/status online", "about a fan", "fan OFF"));
  from = link.sent.size();
  link.lose();
  session->repeat_states();
  EXPECT_EQ(link.sent.size(), from) << "a connect brings everything anyway";
}

TEST_F(SessionTest, TheWillIsGivenWithTheAttempt) {
  auto session = make();
  session->start();
  until_attempts(1);
  ASSERT_TRUE(link.attempts[0].will);
  EXPECT_EQ(*link.attempts[0].will, (Message{"base/status", "offline", 1, true}));
}

TEST_F(SessionTest, TheWindowIsRefilledOneByOne) {
  auto session = connected();
  link.acknowledge_from();
  const auto start = link.sent.size();
  for (const char* payload : {"1", "2", "3", "4", "5"}) session->publish_reading({"climate", payload});
  EXPECT_EQ(link.sent.size() - start, 3U);
  link.give(link_event::Delivered{link.sent[start + 1].id});
  EXPECT_THAT(link.lines(start + 3), ElementsAre("climate 4"));
}

TEST_F(SessionTest, TheBrokersReceiveMaximumNarrowsTheWindow) {
  auto session = make();
  for (const char* payload : {"1", "2", "3"}) session->publish_reading({"climate", payload});
  session->start();
  until_attempts(1);
  link.accept({.receive_maximum = 2});
  EXPECT_THAT(link.lines(), ElementsAre("base/status online", "climate 1"));
}

TEST_F(SessionTest, WhatWasNotAcknowledgedIsSentAgainInOrderAfterAReconnect) {
  auto session = connected();
  link.acknowledge_from();
  for (const char* payload : {"1", "2", "3"}) session->publish_reading({"climate", payload});
  link.give(link_event::Delivered{link.sent[2].id});
  link.lose();
  until_attempts(2);
  const auto start = link.sent.size();
  link.accept();
  link.acknowledge_from(start);
  EXPECT_THAT(link.lines(start), ElementsAre("base/status online", "climate 1", "climate 3"));
  EXPECT_EQ(session->status().reconnects, 1U);
}

TEST_F(SessionTest, StatesAndSubscriptionsComeAgainAfterEveryConnect) {
  auto session = connected();
  session->set_subscriptions({{"fan/set", 1}});
  session->publish_state({"fan", "ON", 1, true});
  link.acknowledge_from();
  link.lose();
  until_attempts(2);
  link.subscribed.clear();
  const auto start = link.sent.size();
  link.accept();
  EXPECT_THAT(link.lines(start), ElementsAre("base/status online", "fan ON"));
  EXPECT_THAT(link.subscribed, ElementsAre(Subscription{"base/status", 1, false, false}, Subscription{"fan/set", 1}));
}

TEST_F(SessionTest, AStateThatIsClearedIsClearedOnceAndNotSentAgain) {
  auto session = connected();
  session->publish_state({"fan", "ON", 1, true});
  link.acknowledge_from();
  auto start = link.sent.size();
  session->clear_state("fan");
  EXPECT_THAT(link.lines(start), ElementsAre("fan "));
  EXPECT_TRUE(link.sent.back().message.retain);
  link.acknowledge_from(start);
  link.lose();
  until_attempts(2);
  start = link.sent.size();
  link.accept();
  EXPECT_THAT(link.lines(start), ElementsAre("base/status online"));
}

TEST_F(SessionTest, AStateIsClearedAfterTheNextConnectWhenThereIsNoBroker) {
  auto session = make();
  session->publish_state({"fan", "ON", 1, true});
  session->clear_state("fan");
  session->start();
  until_attempts(1);
  link.accept();
  EXPECT_THAT(link.lines(), ElementsAre("base/status online", "fan "));
}

TEST_F(SessionTest, AStateThatComesBackBeforeItsTopicWasClearedIsKept) {
  auto session = connected();
  session->clear_state("fan");
  session->publish_state({"fan", "ON", 1, true});
  link.acknowledge_from();
  link.lose();
  until_attempts(2);
  const auto start = link.sent.size();
  link.accept();
  EXPECT_THAT(link.lines(start), ElementsAre("base/status online", "fan ON"));
}

TEST_F(SessionTest, AnotherConfigurationIsTakenAfterAGoodByeAndWhatWaitsGoesToItsBroker) {
  auto session = connected();
  auto next = config();
  next.brokers = {{.host = "two"}};
  next.will.topic = "other/status";
  next.birth.topic = "other/status";
  session->change(next);
  session->publish_event({"answer", "to who asked"});
  auto start = link.sent.size();
  until([&] { return link.sent.size() > start; });
  EXPECT_THAT(link.lines(start), ElementsAre("base/status offline"));
  session->publish_reading({"climate", "1"});
  EXPECT_EQ(link.disconnects, 0) << "the answer and the farewell are on their way";
  link.acknowledge_from();
  EXPECT_EQ(link.disconnects, 1);
  start = link.sent.size();
  link.lose();
  until_attempts(2);
  EXPECT_EQ(link.attempts[1].broker.host, "two");
  EXPECT_EQ(link.attempts[1].will->topic, "other/status");
  link.accept();
  EXPECT_THAT(link.lines(start), ElementsAre("other/status online", "climate 1"));
}

TEST_F(SessionTest, ANewConnectionHasTheWindowAndTheKeepAliveOfItsConfiguration) {
  auto session = connected();
  auto next = config();
  next.max_inflight = 6;
  next.keepalive = 7s;
  session->change(next);
  until([&] { return link.sent.back().message.payload == "offline"; });
  for (const auto* topic : {"a", "b", "c", "d", "e"}) session->publish_state({topic, "ON"});
  link.acknowledge_from();
  link.lose();
  until_attempts(2);
  EXPECT_EQ(link.attempts[1].keepalive, 7s);
  const auto start = link.sent.size();
  link.accept();
  EXPECT_THAT(link.lines(start), ElementsAre("base/status online", "a ON", "b ON", "c ON", "d ON", "e ON"));
}

TEST_F(SessionTest, WhatWasLearntOfABrokerIsForgottenWithItsConfiguration) {
  auto settings = config();
  settings.will.qos = 2;
  settings.rate_limit = 2;
  auto session = make(settings);
  session->start();
  until_attempts(1);
  link.refuse(154);
  link.refuse(155);
  link.accept();
  session->publish_reading({"climate", "1"});
  settings.brokers = {{.host = "two"}};
  session->change(settings);
  until([&] { return link.sent.back().message.payload == "offline"; });
  link.acknowledge_from();
  link.lose();
  until_attempts(4);
  EXPECT_EQ(*link.attempts[3].will, (Message{"base/status", "offline", 2, true}));
  const auto start = link.sent.size();
  link.accept();
  session->publish_reading({"climate", "2"});
  EXPECT_THAT(link.lines(start), ElementsAre("base/status online", "climate 2"));
}

TEST_F(SessionTest, WhatWasSentToABrokerInTheLastMinuteCountsWhateverElseOfItsConfigurationChanges) {
  auto settings = config();
  settings.rate_limit = 4;
  auto session = connected(settings);
  session->publish_reading({"climate", "1"});
  settings.keepalive = 7s;
  settings.rate_limit = 5;
  session->change(settings);
  until([&] { return link.sent.back().message.payload == "offline"; });
  link.acknowledge_from();
  link.lose();
  until_attempts(2);
  const auto start = link.sent.size();
  link.accept();
  for (const char* payload : {"2", "3"}) session->publish_reading({"climate", payload});
  EXPECT_THAT(link.lines(start), ElementsAre("base/status online", "climate 2"));
  EXPECT_EQ(session->status().queued, 1U);
}

TEST_F(SessionTest, ABrokerThatDoesNotAnswerTheGoodByeIsLeftAllTheSame) {
  auto session = connected(config(), 100, {.farewell = 1ms});
  auto next = config();
  next.brokers = {{.host = "two"}};
  session->change(next);
  until_attempts(2);
  EXPECT_EQ(link.abandoned, 1);
  EXPECT_EQ(link.attempts[1].broker.host, "two");
}

TEST_F(SessionTest, AnAttemptAtABrokerThatIsNoLongerConfiguredIsGivenUp) {
  auto session = make();
  session->start();
  until_attempts(1);
  auto next = config();
  next.brokers = {{.host = "two"}};
  session->change(next);
  until_attempts(2);
  EXPECT_EQ(link.abandoned, 1);
  EXPECT_EQ(link.attempts[1].broker.host, "two");
}

TEST_F(SessionTest, ABrokerThatKeepsSessionsIsToldLaterWhatIsNoLongerSubscribed) {
  auto settings = config();
  settings.clean_session = false;
  auto session = connected(settings);
  session->set_subscriptions({{"a", 1}, {"b", 1}});
  link.lose();
  session->set_subscriptions({{"a", 1}});
  until_attempts(2);
  link.accept();
  EXPECT_THAT(link.unsubscribed, ElementsAre("b"));
}

TEST_F(SessionTest, OnlyOneMessageOfAStateIsOnItsWaySoThatTheNewestArrivesLast) {
  auto session = connected();
  link.acknowledge_from();
  const auto start = link.sent.size();
  for (const char* payload : {"1", "2", "3"}) session->publish_state({"dimmer", payload, 1, true});
  EXPECT_THAT(link.lines(start), ElementsAre("dimmer 1"));
  link.acknowledge_from(start);
  EXPECT_THAT(link.lines(start), ElementsAre("dimmer 1", "dimmer 3"));
}

TEST_F(SessionTest, ABrokerThatNeverAnswersIsGivenUpAndTheNextOneTried) {
  auto settings = config();
  settings.brokers.push_back({.host = "two"});
  auto session = make(settings, 100, {.attempt = 1ms});
  session->start();
  until_attempts(2);
  EXPECT_EQ(link.abandoned, 1);
  EXPECT_EQ(link.attempts[1].broker.host, "two");
  EXPECT_THAT(session->status().last_error, testing::HasSubstr("no answer within"));
}

TEST_F(SessionTest, AutomaticStepsDownWhenTheVersionIsRefusedAndRemembersWhatWorked) {
  auto session = make();
  session->start();
  until_attempts(1);
  EXPECT_EQ(link.attempts[0].protocol, MqttProtocol::v5);
  link.close_bare();
  until_attempts(2);
  EXPECT_EQ(link.attempts[1].protocol, MqttProtocol::v3_1_1);
  link.refuse(1);
  until_attempts(3);
  EXPECT_EQ(link.attempts[2].protocol, MqttProtocol::v3_1);
  EXPECT_EQ(link.attempts[2].client_id, "9abcdef0123456789abcdef")
      << "at most 23 characters, and the end is what is unique";
  link.accept();
  link.lose();
  until_attempts(4);
  EXPECT_EQ(link.attempts[3].protocol, MqttProtocol::v3_1);
}

TEST_F(SessionTest, ARefusedLoginIsSaidInWordsAndTriedAgain) {
  auto session = make();
  session->start();
  until_attempts(1);
  link.refuse(135);
  until_attempts(2);
  EXPECT_THAT(session->status().last_error, testing::HasSubstr("135: not authorized"));
  EXPECT_EQ(link.attempts[1].protocol, MqttProtocol::v5);
}

TEST_F(SessionTest, AStaleOfflineIsCorrected) {
  auto session = connected(config(), 100, {.correction = 0ms});
  const auto start = link.sent.size();
  link.incoming("base/status", "online");
  link.incoming("base/status", "offline", true);
  until([&] { return link.sent.size() > start; });
  EXPECT_THAT(link.lines(start), ElementsAre("base/status online"));
}

TEST_F(SessionTest, MessagesArriveExceptTheOwnStatus) {
  auto session = connected();
  session->set_subscriptions({{"fan/set", 1}});
  std::vector<std::string> got;
  session->on_message(
      [&](const Message& message, bool retained) { got.push_back(message.payload + (retained ? " retained" : "")); });
  link.incoming("base/status", "online");
  link.incoming("fan/set", "ON");
  link.incoming("fan/set", "OFF", true);
  EXPECT_THAT(got, ElementsAre("ON", "OFF retained"));
}

TEST_F(SessionTest, AnAnswerOnTheCommandTopicIsNotTakenForACommandBelowMqtt5) {
  auto settings = config();
  settings.protocol = MqttProtocol::v3_1_1;
  auto session = connected(settings);
  session->set_subscriptions({{"$share/group/test", 1, false}});
  int commands = 0;
  session->on_message([&](const Message&, bool) { ++commands; });
  session->publish_event({"test", "1"});
  link.incoming("test", "1");
  EXPECT_EQ(commands, 0);
  link.incoming("test", "1");
  EXPECT_EQ(commands, 1) << "one message sent comes back once";
}

TEST_F(SessionTest, AnAnswerThatComesAfterAReconnectIsKnownWhereTheBrokerHasKeptTheSession) {
  for (const bool kept : {true, false}) {
    auto settings = config();
    settings.protocol = MqttProtocol::v3_1_1;
    auto session = connected(settings);
    session->set_subscriptions({{"test", 1, false}});
    int commands = 0;
    session->on_message([&](const Message&, bool) { ++commands; });
    session->publish_event({"test", "1"});
    const auto attempts = link.attempts.size();
    link.lose();
    until_attempts(attempts + 1);
    link.give(link_event::Connected{kept, {}});
    link.incoming("test", "1");
    EXPECT_EQ(commands, kept ? 0 : 1);
  }
}

TEST_F(SessionTest, ManyAnswersAtOnceAreAllKnown) {
  auto settings = config();
  settings.max_inflight = 300;
  settings.protocol = MqttProtocol::v3_1_1;
  auto session = connected(settings);
  session->set_subscriptions({{"test", 1, false}});
  int commands = 0;
  session->on_message([&](const Message&, bool) { ++commands; });
  for (int i = 0; i < 200; ++i) session->publish_event({"test", "1"});
  const auto sent = link.lines().size();
  for (std::size_t i = 1; i < sent; ++i) link.incoming("test", "1");
  EXPECT_EQ(sent, 201U) << "the birth, and 200 answers";
  EXPECT_EQ(commands, 0);
}

TEST_F(SessionTest, WithNoLocalNothingIsHeldBack) {
  auto session = connected();
  session->set_subscriptions({{"test", 1, true}});
  int commands = 0;
  session->on_message([&](const Message&, bool) { ++commands; });
  session->publish_event({"test", "1"});
  link.incoming("test", "1");
  EXPECT_EQ(commands, 1);
}

TEST_F(SessionTest, ARetainedMessageThatIsTheOwnStateIsNoCommand) {
  auto session = connected();
  session->set_subscriptions({{"test", 1, true}});
  int commands = 0;
  session->on_message([&](const Message&, bool) { ++commands; });
  session->publish_state({"test", "ON", 1, true});
  link.incoming("test", "ON", true);
  EXPECT_EQ(commands, 0);
}

TEST_F(SessionTest, AnEventWithoutABrokerIsCountedAsDropped) {
  auto session = make();
  session->publish_event({"result", "{}"});
  EXPECT_EQ(session->status().dropped.at("not_connected"), 1U);
  EXPECT_THAT(link.sent, IsEmpty());
}

TEST_F(SessionTest, AMessageThatTheBrokerRefusesIsCountedAndDoesNotBlockTheOthers) {
  auto session = connected();
  link.acknowledge_from();
  const auto start = link.sent.size();
  for (const char* payload : {"1", "2", "3", "4"}) session->publish_reading({"climate", payload});
  link.give(link_event::PublishFailed{link.sent[start].id, "", 135});
  EXPECT_THAT(link.lines(start + 3), ElementsAre("climate 4"));
  EXPECT_EQ(session->status().dropped.at("refused"), 1U);
}

TEST_F(SessionTest, AMessageLargerThanTheBrokerTakesIsNeverSent) {
  auto session = make();
  session->publish_reading({"climate", std::string(500, 'x')});
  session->publish_reading({"climate", "small"});
  session->start();
  until_attempts(1);
  link.accept({.maximum_packet = 200});
  EXPECT_THAT(link.lines(), ElementsAre("base/status online", "climate small"));
  EXPECT_EQ(session->status().dropped.at("too_large"), 1U);
}

TEST_F(SessionTest, ALinkThatCannotSendIsConnectedAnew) {
  auto session = connected();
  session->publish_reading({"climate", "1"});
  link.give(link_event::PublishFailed{link.sent.back().id, "no more messages can be buffered", {}});
  EXPECT_FALSE(session->status().connected);
  until_attempts(2);
}

TEST_F(SessionTest, NothingIsRetainedWhereTheConfigurationOrTheBrokerSaysSo) {
  auto settings = config();
  settings.no_retain = true;
  auto session = connected(settings);
  session->publish_state({"fan", "ON", 1, true});
  for (const auto& sent : link.sent) EXPECT_FALSE(sent.message.retain) << sent.message.topic;
  EXPECT_FALSE(link.attempts[0].will->retain);
}

TEST_F(SessionTest, TheBrokersMaximumQosIsKept) {
  auto session = make();
  session->start();
  until_attempts(1);
  link.accept({.maximum_qos = 0, .retain_available = false});
  EXPECT_EQ(link.sent[0].message.qos, 0);
  EXPECT_FALSE(link.sent[0].message.retain);
}

TEST_F(SessionTest, StoppingSendsWhatWaitsThenTheFarewellThenDisconnects) {
  auto session = connected();
  link.acknowledge_from();
  const auto start = link.sent.size();
  for (const char* payload : {"1", "2", "3", "4"}) session->publish_reading({"climate", payload});
  bool done = false;
  session->stop([&] { done = true; }, SteadyClock::now() + 1h);
  link.acknowledge_from(start);
  EXPECT_THAT(link.lines(start),
              ElementsAre("climate 1", "climate 2", "climate 3", "climate 4", "base/status offline"));
  EXPECT_EQ(link.disconnects, 1);
  EXPECT_FALSE(done);
  link.lose();
  EXPECT_TRUE(done);
  EXPECT_EQ(link.attempts.size(), 1U);
}

TEST_F(SessionTest, StoppingEndsAtTheDeadlineWhenTheBrokerIsSilent) {
  auto session = connected();
  session->publish_reading({"climate", "1"});
  bool done = false;
  session->stop([&] { done = true; }, SteadyClock::now());
  until([&] { return done; });
  EXPECT_EQ(link.lines().back(), "base/status offline");
  EXPECT_EQ(session->status().dropped.at("stopped"), 1U);
}

TEST_F(SessionTest, StoppingWithoutABrokerIsDoneAtOnce) {
  auto session = make();
  session->start();
  until_attempts(1);
  bool done = false;
  session->stop([&] { done = true; }, SteadyClock::now() + 1h);
  until([&] { return done; });
  EXPECT_EQ(link.abandoned, 1);
}

TEST_F(SessionTest, ChangedSubscriptionsAreMadeAndUnmadeWhileConnected) {
  auto session = connected();
  session->set_subscriptions({{"a", 1}, {"b", 1}});
  link.subscribed.clear();
  session->set_subscriptions({{"b", 1}, {"c", 2}});
  EXPECT_THAT(link.unsubscribed, ElementsAre("a"));
  EXPECT_THAT(link.subscribed, ElementsAre(Subscription{"c", 2}));
}

// ---- the list of brokers ----

MqttConfig two_brokers() {
  auto settings = config();
  settings.brokers = {{.host = "one"}, {.host = "two"}};
  return settings;
}

TEST_F(SessionTest, ARoundBeginsWithTheFirstBrokerAfterALoss) {
  auto session = make(two_brokers());
  session->start();
  until_attempts(1);
  link.refuse(3);
  until_attempts(2);
  EXPECT_EQ(link.attempts[1].broker.host, "two");
  link.accept();
  link.acknowledge_from();
  link.lose();
  until_attempts(3);
  EXPECT_EQ(link.attempts[2].broker.host, "one");
}

// RabbitMQ after the loss of the node that keeps the subscription.
TEST_F(SessionTest, ASubscriptionForWhichTheBrokerClosesTheConnectionIsAskedForWithQosZero) {
  auto session = make();
  session->start();
  for (std::size_t attempt = 1; attempt <= 2; ++attempt) {
    until_attempts(attempt);
    link.accept();
    link.lose();
  }
  until_attempts(3);
  link.subscribed.clear();
  link.accept();
  EXPECT_THAT(link.subscribed, ElementsAre(Subscription{"base/status", 0, false, false}));
  link.give(link_event::Subscribed{"base/status", 0});
  link.acknowledge_from();
  link.lose();
  until_attempts(4);
  link.subscribed.clear();
  link.accept();
  EXPECT_THAT(link.subscribed, ElementsAre(Subscription{"base/status", 1, false, false}));
}

TEST_F(SessionTest, ABrokerThatConnectsAndTakesNothingIsFollowedByTheNext) {
  auto session = make(two_brokers());
  session->start();
  for (std::size_t attempt = 0; attempt < 3; ++attempt) {
    until_attempts(attempt + 1);
    EXPECT_EQ(link.attempts[attempt].broker.host, attempt % 2 == 0 ? "one" : "two");
    link.accept();
    link.lose();
  }
}

TEST_F(SessionTest, ItReturnsToTheFirstBrokerInAQuietMomentWhenThatTakesConnectionsAgain) {
  auto session = make(two_brokers(), 100, {.return_min = 1ms, .return_max = 1ms});
  session->start();
  until_attempts(1);
  link.refuse(3);
  until_attempts(2);
  link.accept();
  until([&] { return !link.probes.empty(); });
  EXPECT_EQ(link.probes[0].host, "one");
  session->publish_reading({"climate", "1"});
  link.give(link_event::Reachable());
  EXPECT_EQ(link.disconnects, 0);  // something is on its way
  link.acknowledge_from();
  EXPECT_EQ(link.disconnects, 1);
  session->publish_reading({"climate", "2"});
  link.lose();
  EXPECT_EQ(link.attempts.at(2).broker.host, "one");
  const auto before = link.sent.size();
  link.accept();
  EXPECT_THAT(link.lines(before), ElementsAre("base/status online", "climate 2"));
}

TEST_F(SessionTest, ALossWhileItWaitsForAQuietMomentIsALossLikeAnyOther) {
  auto settings = two_brokers();
  settings.reconnect_min = settings.reconnect_max = 1h;
  auto session = make(settings, 100, {.return_min = 1ms, .return_max = 1ms});
  session->start();
  until_attempts(1);
  link.refuse(3);
  until_attempts(2);
  link.accept();
  until([&] { return !link.probes.empty(); });
  session->publish_reading({"climate", "1"});
  link.give(link_event::Reachable());
  link.lose();
  EXPECT_EQ(link.attempts.size(), 2U);
  EXPECT_THAT(session->status().last_error, testing::HasSubstr("two"));
}

TEST_F(SessionTest, TheHostsOfAServiceAreLookedUpAndTriedInTheirOrder) {
  auto settings = config();
  settings.brokers = {{.scheme = BrokerScheme::mqtt_srv, .host = "example.org", .port = 0}};
  auto session = make(settings);
  session->start();
  until([&] { return !link.lookups.empty(); });
  EXPECT_TRUE(link.attempts.empty());
  link.give(link_event::LookedUp{{{.host = "a"}, {.host = "b"}}});
  until_attempts(1);
  link.refuse(3);
  until_attempts(2);
  EXPECT_EQ(link.attempts[0].broker.host, "a");
  EXPECT_EQ(link.attempts[1].broker.host, "b");
  link.accept();
  link.acknowledge_from();
  link.lose();
  until([&] { return link.lookups.size() == 2; });
  // DNS is away, too: what it said before is used.
  link.give(link_event::LookedUp{{}, "DNS does not answer"});
  until_attempts(3);
  EXPECT_EQ(link.attempts[2].broker.host, "a");
}

TEST_F(SessionTest, AServiceThatDnsDoesNotKnowIsSaidAndTriedAgain) {
  auto settings = config();
  settings.brokers = {{.scheme = BrokerScheme::mqtt_srv, .host = "example.org", .port = 0}};
  auto session = make(settings);
  session->start();
  until([&] { return !link.lookups.empty(); });
  link.give(link_event::LookedUp{{}, "DNS does not know _mqtt._tcp.example.org"});
  EXPECT_EQ(session->status().last_error, "mqtt+srv://example.org: DNS does not know _mqtt._tcp.example.org");
  until([&] { return link.lookups.size() == 2; });
}

TEST_F(SessionTest, ABrokerThatNamesAnotherIsFollowedOnce) {
  auto session = connected();
  link.give(link_event::Lost{"gone", 156, "other.example:1884 third.example"});
  until_attempts(2);
  EXPECT_EQ(link.attempts[1].broker, (BrokerUrl{.host = "other.example", .port = 1884}));
  link.refuse(3);
  until_attempts(3);
  EXPECT_EQ(link.attempts[2].broker.host, "one");
}

// ---- what a broker refuses ----

TEST_F(SessionTest, AWillThatAsksForTooMuchIsGivenWithLess) {
  auto settings = config();
  settings.will.qos = 2;
  auto session = make(settings);
  session->start();
  until_attempts(1);
  link.refuse(154);
  link.refuse(155);
  link.refuse(155);
  ASSERT_EQ(link.attempts.size(), 4U);
  EXPECT_EQ(*link.attempts[3].will, (Message{"base/status", "offline", 0, false}));
}

TEST_F(SessionTest, AMessageForWhichTheBrokerClosesTheConnectionIsGivenUpAndTheOthersArrive) {
  auto session = connected();
  link.acknowledge_from();
  for (const char* payload : {"good", "bad", "last"}) session->publish_reading({"climate", payload});
  std::size_t attempts = 1;
  std::vector<std::string> arrived;
  for (std::size_t seen = link.sent.size() - 3; session->status().queued + session->status().inflight != 0;) {
    const auto sent = link.sent[seen];
    if (sent.message.payload == "bad") {
      link.lose();
      until_attempts(++attempts);
      seen = link.sent.size();
      link.accept();
      continue;
    }
    arrived.push_back(sent.message.payload);
    link.give(link_event::Delivered{sent.id});
    ++seen;
  }
  EXPECT_THAT(arrived, testing::Contains("good"));
  EXPECT_THAT(arrived, testing::Contains("last"));
  EXPECT_THAT(session->status().dropped, ElementsAre(std::pair("closed_by_broker", 1U)));
  EXPECT_LE(attempts, 4U);
}

TEST_F(SessionTest, AStateForWhichTheBrokerClosesTheConnectionIsNotSentUntilItChanges) {
  auto session = connected();
  link.acknowledge_from();
  session->publish_state({"base/info", "large"});
  for (std::size_t attempts = 2; attempts < 5; ++attempts) {
    link.lose();
    until_attempts(attempts);
    const auto before = link.sent.size();
    link.accept();
    link.give(link_event::Delivered{link.sent.at(before).id});  // the birth
  }
  EXPECT_EQ(session->status().dropped.at("closed_by_broker"), 1U);
  const auto before = link.sent.size();
  session->publish_state({"base/info", "small"});
  EXPECT_THAT(link.lines(before), ElementsAre("base/info small"));
}

TEST_F(SessionTest, WhatTheBrokerCannotSubscribeIsNotAskedFor) {
  auto session = make();
  session->set_subscriptions({{"fan/set", 1, true}, {"$share/g/fan/set", 1, false}, {"all/+/set", 1, true}});
  session->start();
  until_attempts(1);
  link.accept({.wildcards_available = false, .shared_available = false});
  EXPECT_THAT(link.subscribed,
              ElementsAre(Subscription{"base/status", 1, false, false}, Subscription{"fan/set", 1, true}));
}

TEST_F(SessionTest, AShorterKeepAliveThatTheBrokerAsksForIsUsedFromTheNextAttemptOn) {
  auto session = make();
  session->start();
  until_attempts(1);
  link.accept({.keepalive = 20s});
  EXPECT_EQ(link.disconnects, 1);
  EXPECT_TRUE(link.sent.empty());
  link.lose();
  until_attempts(2);
  EXPECT_EQ(link.attempts[1].keepalive, 20s);
  link.accept({.keepalive = 20s});
  EXPECT_THAT(link.lines(), ElementsAre("base/status online"));
}

TEST_F(SessionTest, AConnectionThatEndsBeforeItIsToldHasFailed) {
  auto session = make();
  session->start();
  until_attempts(1);
  link.lose(137);
  until_attempts(2);
  EXPECT_THAT(session->status().last_error, testing::HasSubstr("137: server busy"));
}

// ---- another client with the same id ----

TEST_F(SessionTest, ATakeoverIsFollowedByTheLongPauseOfARefusedLogin) {
  auto settings = config();
  settings.reconnect_min = 1h;
  settings.reconnect_max = 1h;
  auto session = connected(settings);
  link.lose(142);
  EXPECT_THAT(session->status().last_error, testing::HasSubstr("another client has the same client id"));
}

// ---- limits ----

TEST_F(SessionTest, TheRateLimitHoldsBackWhatIsTooMuchAndLosesNothing) {
  auto settings = config();
  settings.rate_limit = 2;
  settings.max_inflight = 10;
  auto session = connected(settings);
  for (const char* payload : {"1", "2", "3"}) session->publish_reading({"climate", payload});
  link.acknowledge_from();
  EXPECT_THAT(link.lines(), ElementsAre("base/status online", "climate 1"));
  EXPECT_EQ(session->status().queued, 2U);
}

TEST_F(SessionTest, AnswersWaitForTheWindowToo) {
  auto session = make();
  session->start();
  until_attempts(1);
  link.accept({.receive_maximum = 1});
  session->publish_event({"fan/result", "ok"});
  EXPECT_THAT(link.lines(), ElementsAre("base/status online"));
  link.acknowledge_from();
  EXPECT_THAT(link.lines(), ElementsAre("base/status online", "fan/result ok"));
}

TEST_F(SessionTest, ReadingsExpireAtTheBrokerAsConfigured) {
  auto settings = config();
  settings.message_expiry = 90s;
  auto session = connected(settings);
  session->publish_reading({"climate", "1"});
  session->publish_state({"fan", "ON"});
  ASSERT_EQ(link.sent.size(), 3U);
  EXPECT_EQ(link.sent[1].message.expiry, 90s);
  EXPECT_FALSE(link.sent[2].message.expiry);
}

TEST_F(SessionTest, AComputedLoginTakesThePlaceOfUserNameAndPassword) {
  auto settings = config();
  settings.client_id = "12345";
  settings.login = AliyunLogin{"pk", "device", "secret", SignMethod::hmac_sha1, "789"};
  auto session = make(settings);
  session->start();
  until_attempts(1);
  EXPECT_EQ(link.attempts[0].username, "device&pk");
  EXPECT_EQ(link.attempts[0].password, "fafd82a3d602b37fb0fa8b7892f24a477f851a14");
}

}  // namespace
}  // namespace b2m
