#include "daemon/mqtt/paho_link.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>

#include "daemon/mqtt/session.hpp"
#include "tests/integration/mqtt/broker.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

MqttConfig config(std::uint16_t port, const std::string& id = "gateway") {
  MqttConfig config;
  config.brokers = {{.host = "127.0.0.1", .port = port}};
  config.client_id = id;
  config.base_topic = "base";
  config.will = {id + "/status", "offline"};
  config.birth = {id + "/status", "online"};
  config.reconnect_min = 10ms;
  config.reconnect_max = 100ms;
  return config;
}

/// A session with a link of its own: the gateway, or somebody who watches it.
struct Party {
  EventLoop& loop;
  std::unique_ptr<PahoLink> link;
  std::unique_ptr<Session> session;
  std::vector<Message> got;

  Party(EventLoop& event_loop, const MqttConfig& settings, SessionTimes times = {})
      : loop(event_loop),
        link(std::make_unique<PahoLink>(event_loop)),
        session(std::make_unique<Session>(event_loop, *link, settings, OutboxConfig{1000}, times)) {
    session->on_message([this](const Message& message, bool) { got.push_back(message); });
    session->start();
  }
  [[nodiscard]] bool connected() const { return session->status().connected; }
  /// Whether the broker has granted what was asked for and the session's own watch on its status: what is published
  /// from now on arrives.
  [[nodiscard]] bool listens(std::size_t filters = 1) const { return session->status().subscribed >= filters + 1; }
  [[nodiscard]] bool has(const std::string& topic, const std::string& payload) const {
    return std::any_of(got.begin(), got.end(),
                       [&](const auto& message) { return message.topic == topic && message.payload == payload; });
  }
};

struct PahoLinkTest : testing::Test {
  EventLoop loop;
  void until(const std::function<bool()>& what, std::chrono::seconds limit = 15s) {
    const auto end = SteadyClock::now() + limit;
    bool reached = what();
    while (!reached && SteadyClock::now() < end) {
      loop.run_once(20ms);
      reached = what();
    }
    ASSERT_TRUE(reached);
  }
};

TEST_F(PahoLinkTest, ConnectsWithEveryVersion) {
  Broker broker;
  for (const auto protocol : {MqttProtocol::v5, MqttProtocol::v3_1_1, MqttProtocol::v3_1, MqttProtocol::automatic}) {
    auto settings = config(broker.port());
    settings.protocol = protocol;
    Party party(loop, settings);
    until([&] { return party.connected(); });
    EXPECT_EQ(party.session->status().protocol, protocol == MqttProtocol::automatic ? MqttProtocol::v5 : protocol);
  }
}

TEST_F(PahoLinkTest, MessagesOfEveryQosArriveUnchanged) {
  Broker broker;
  Party watcher(loop, config(broker.port(), "watcher"));
  watcher.session->set_subscriptions({{"/public/#", 2}});
  until([&] { return watcher.listens(); });
  Party gateway(loop, config(broker.port()));
  until([&] { return gateway.connected(); });
  const std::string bytes("\0\xff{}", 4);
  for (const int qos : {0, 1, 2}) {
    Message message{"/public/walnutpi/" + std::to_string(qos), bytes, qos};
    message.response_topic = "answers";
    message.correlation_data = bytes;
    gateway.session->publish_reading({message});
  }
  until([&] { return watcher.got.size() == 3; });
  ASSERT_EQ(watcher.got.size(), 3U);
  for (const int qos : {0, 1, 2}) {
    const auto& message = watcher.got.at(static_cast<std::size_t>(qos));
    EXPECT_EQ(message.topic, "/public/walnutpi/" + std::to_string(qos));
    EXPECT_EQ(message.payload, bytes);
    EXPECT_EQ(message.qos, qos);
    EXPECT_EQ(message.response_topic, "answers");
    EXPECT_EQ(message.correlation_data, bytes);
  }
  until([&] { return gateway.session->status().inflight == 0; });
}

TEST_F(PahoLinkTest, TheBirthIsRetainedAndACleanStopSaysOffline) {
  Broker broker;
  Party gateway(loop, config(broker.port()));
  until([&] { return gateway.connected() && gateway.session->status().inflight == 0; });
  Party watcher(loop, config(broker.port(), "watcher"));
  watcher.session->set_subscriptions({{"gateway/status", 1}});
  until([&] { return watcher.has("gateway/status", "online"); });
  bool done = false;
  gateway.session->stop([&] { done = true; }, SteadyClock::now() + 5s);
  until([&] { return done && watcher.has("gateway/status", "offline"); });
}

TEST_F(PahoLinkTest, AStaleOfflineIsCorrected) {
  Broker broker;
  Party gateway(loop, config(broker.port()), {.correction = 0ms});
  Party watcher(loop, config(broker.port(), "watcher"));
  watcher.session->set_subscriptions({{"gateway/status", 1}});
  until([&] { return watcher.has("gateway/status", "online") && gateway.listens(0); });
  until([&] { return gateway.session->status().inflight == 0; });
  watcher.got.clear();
  watcher.session->publish_event({"gateway/status", "offline", 1, true});
  until([&] { return watcher.has("gateway/status", "online"); });
}

TEST_F(PahoLinkTest, AfterARestartOfTheBrokerEverythingIsThereAgain) {
  auto broker = std::make_unique<Broker>();
  const auto port = broker->port();
  Party gateway(loop, config(port));
  gateway.session->set_subscriptions({{"fan/set", 1}});
  gateway.session->publish_state({"fan", "ON", 1, true});
  until([&] { return gateway.connected() && gateway.session->status().inflight == 0; });
  broker->stop();
  until([&] { return !gateway.connected(); });
  for (int i = 0; i < 300; ++i) gateway.session->publish_reading({"climate", std::to_string(i)});

  broker->start();
  Party watcher(loop, config(port, "watcher"));
  watcher.session->set_subscriptions({{"fan", 1}, {"climate", 1}, {"gateway/status", 1}});
  until([&] { return watcher.has("fan", "ON") && watcher.has("gateway/status", "online"); });
  until([&] {
    return gateway.listens() && gateway.session->status().queued == 0 && gateway.session->status().inflight == 0;
  });
  watcher.session->publish_event({"fan/set", "OFF"});
  until([&] { return gateway.has("fan/set", "OFF"); });
  EXPECT_TRUE(gateway.session->status().dropped.empty());
}

TEST_F(PahoLinkTest, AMessageThatIsTooLongIsCutAndTheConnectionStays) {
  Broker broker;
  Party gateway(loop, config(broker.port()));
  gateway.session->set_subscriptions({{"fan/set", 1}});
  Party sender(loop, config(broker.port(), "sender"));
  until([&] { return gateway.listens() && sender.connected(); });
  sender.session->publish_reading({"fan/set", std::string(200'000, 'x')});
  until([&] { return gateway.got.size() == 1; });
  ASSERT_FALSE(gateway.got.empty());
  EXPECT_EQ(gateway.got[0].payload.size(), 64U * 1024 + 1);
}

TEST_F(PahoLinkTest, ASilentBrokerIsGivenUpAtTheDeadlineAndTheNextOneUsed) {
  SilentServer silent;
  Broker broker;
  auto settings = config(silent.port());
  settings.brokers.push_back({.host = "127.0.0.1", .port = broker.port()});
  Party gateway(loop, settings, {.attempt = 300ms});
  until([&] { return gateway.connected(); });
  EXPECT_THAT(gateway.session->status().broker, HasSubstr(std::to_string(broker.port())));
}

TEST_F(PahoLinkTest, AMissingBrokerIsSaid) {
  Party gateway(loop, config(free_port()));
  until([&] { return !gateway.session->status().last_error.empty(); });
  EXPECT_THAT(gateway.session->status().last_error, HasSubstr("mqtt://127.0.0.1"));
  EXPECT_THAT(gateway.session->status().last_error, HasSubstr("connection refused: nothing listens on port"));
  EXPECT_EQ(gateway.session->status().protocol, MqttProtocol::v5) << "a refused TCP connection is no refused version";
}

// A label of a domain name has at most 63 characters (RFC 1035 §2.3.4): no name server is asked for this one.
TEST_F(PahoLinkTest, AHostThatDoesNotExistIsSaid) {
  for (const auto scheme : {BrokerScheme::mqtt, BrokerScheme::mqtts}) {
    auto settings = config(1883);
    settings.brokers = {{.scheme = scheme, .host = std::string(64, 'x') + ".test", .port = 1883}};
    Party gateway(loop, settings);
    until([&] { return !gateway.session->status().last_error.empty(); });
    EXPECT_THAT(gateway.session->status().last_error, HasSubstr("no host is called"));
  }
}

TEST_F(PahoLinkTest, AWrongPasswordIsSaidInWords) {
  Broker broker("allow_anonymous false\n");
  for (const auto protocol : {MqttProtocol::v5, MqttProtocol::v3_1_1}) {
    auto settings = config(broker.port());
    settings.protocol = protocol;
    settings.username = "somebody";
    settings.password = "wrong";
    Party gateway(loop, settings);
    until([&] { return !gateway.session->status().last_error.empty(); });
    EXPECT_THAT(gateway.session->status().last_error,
                HasSubstr(protocol == MqttProtocol::v5 ? "135: not authorized" : "5: not authorized"));
  }
}

TEST_F(PahoLinkTest, ABareCloseIsTakenForARefusedVersion) {
  SilentServer server;
  Party gateway(loop, config(server.port()));
  until([&] { return gateway.session->status().protocol == MqttProtocol::v5 && server.close_next(); });
  until([&] { return gateway.session->status().protocol == MqttProtocol::v3_1_1 && server.close_next(); });
  until([&] { return gateway.session->status().protocol == MqttProtocol::v3_1; });
}

/// Not a test by itself: what the next one starts, and kills.
TEST_F(PahoLinkTest, DISABLED_StaysConnected) {
  Party gateway(loop, config(static_cast<std::uint16_t>(std::stoi(std::getenv("B2M_TEST_PORT")))));
  until([] { return false; });
}

TEST_F(PahoLinkTest, TheBrokerSendsTheWillWhenTheGatewayIsKilled) {
  Broker broker;
  setenv("B2M_TEST_PORT", std::to_string(broker.port()).c_str(), 1);
  Process gateway({"/proc/self/exe", "--gtest_also_run_disabled_tests", "--gtest_filter=*StaysConnected"});
  Party watcher(loop, config(broker.port(), "watcher"));
  watcher.session->set_subscriptions({{"gateway/status", 1}});
  until([&] { return watcher.has("gateway/status", "online"); });
  gateway.end(SIGKILL);
  until([&] { return watcher.has("gateway/status", "offline"); });
}

TEST_F(PahoLinkTest, AStopDuringAnAttemptIsQuick) {
  SilentServer silent;
  Party gateway(loop, config(silent.port()));
  loop.run_once(50ms);
  bool done = false;
  gateway.session->stop([&] { done = true; }, SteadyClock::now() + 5s);
  until([&] { return done; });
}

}  // namespace
}  // namespace b2m
