// Brokers behind a name in DNS, and the way back to the first of a list: with real brokers and a name server on the
// loopback interface.
#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <thread>

#include "daemon/config/broker_url.hpp"
#include "daemon/mqtt/paho_link.hpp"
#include "daemon/mqtt/session.hpp"
#include "tests/integration/mqtt/broker.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

/// Answers every SRV question with the same ports of this machine, in this order of priority; an empty list says that
/// there is no such name.
class FakeNameServer {
 public:
  explicit FakeNameServer(std::vector<std::uint16_t> ports)
      : ports_(std::move(ports)), fd_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    auto address = loopback(0);
    socklen_t size = sizeof address;
    void* const raw = &address;
    const timeval patience{0, 50'000};
    if (bind(fd_, static_cast<sockaddr*>(raw), size) != 0 ||
        getsockname(fd_, static_cast<sockaddr*>(raw), &size) != 0 ||
        setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience) != 0)
      throw std::runtime_error("no socket");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeNameServer() {
    ended_ = true;
    thread_.join();
    close(fd_);
  }
  FakeNameServer(const FakeNameServer&) = delete;
  FakeNameServer& operator=(const FakeNameServer&) = delete;
  [[nodiscard]] NameServer address() const { return {"127.0.0.1", port_}; }

 private:
  void serve() {
    while (!ended_) {
      std::array<std::uint8_t, 512> question{};
      sockaddr_in client{};
      socklen_t size = sizeof client;
      void* const raw = &client;
      const auto got = recvfrom(fd_, question.data(), question.size(), 0, static_cast<sockaddr*>(raw), &size);
      if (got < 12) continue;
      const auto reply = answer({question.begin(), question.begin() + got});
      sendto(fd_, reply.data(), reply.size(), 0, static_cast<const sockaddr*>(raw), size);
    }
  }

  /// RFC 1035 §4.1, RFC 2782.
  [[nodiscard]] std::vector<std::uint8_t> answer(std::vector<std::uint8_t> message) const {
    const std::uint8_t name_error = ports_.empty() ? 3 : 0;
    message[2] |= 0x80;
    message[3] = static_cast<std::uint8_t>(0x80 | name_error);
    message[7] = static_cast<std::uint8_t>(ports_.size());
    message[11] = 0;  // no additional records
    std::uint8_t priority = 10;
    std::size_t end = 12;
    while (message[end] != 0) end += message[end] + 1U;
    message.resize(end + 5);
    for (const auto port : ports_) {
      const std::array<std::uint8_t, 12> head{0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 0, 0, 17};
      message.insert(message.end(), head.begin(), head.end());
      for (const unsigned word : {unsigned{priority++}, 0U, unsigned{port}}) {
        message.push_back(static_cast<std::uint8_t>(word >> 8U));
        message.push_back(static_cast<std::uint8_t>(word & 0xffU));
      }
      constexpr std::string_view target("\x09localhost\x00", 11);
      message.insert(message.end(), target.begin(), target.end());
    }
    return message;
  }

  const std::vector<std::uint16_t> ports_;
  const int fd_;
  std::uint16_t port_ = 0;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

MqttConfig config(std::vector<BrokerUrl> brokers) {
  MqttConfig config;
  config.brokers = std::move(brokers);
  config.client_id = "gateway";
  config.base_topic = "base";
  config.will = {"base/status", "offline"};
  config.birth = {"base/status", "online"};
  config.reconnect_min = 10ms;
  config.reconnect_max = 100ms;
  return config;
}

struct ServiceTest : testing::Test {
  EventLoop loop;
  std::unique_ptr<PahoLink> link;
  std::unique_ptr<Session> session;

  void start(const MqttConfig& settings, std::optional<NameServer> server = {}, SessionTimes times = {}) {
    PahoLink::Settings own;
    own.name_server = std::move(server);
    link = std::make_unique<PahoLink>(loop, own);
    session = std::make_unique<Session>(loop, *link, settings, OutboxConfig{100}, times);
    session->start();
  }
  void until(const std::function<bool()>& what) {
    while (!what()) loop.run_once(10ms);  // ends by ctest's limit
  }
  void until_connected_to(const Broker& broker) {
    const auto url = "mqtt://localhost:" + std::to_string(broker.port());
    until([&] { return session->status().connected && session->status().broker == url; });
  }
};

TEST_F(ServiceTest, TheBrokerOfTheLowestPriorityIsUsedAndTheNextWhenItIsAway) {
  Broker first;
  Broker second;
  const FakeNameServer dns({first.port(), second.port()});
  start(config({parse_broker_url("mqtt+srv://example.test").value()}), dns.address());
  until_connected_to(first);
  first.stop();
  until_connected_to(second);
}

TEST_F(ServiceTest, AServiceThatDnsDoesNotKnowIsSaid) {
  const FakeNameServer dns({});
  start(config({parse_broker_url("mqtt+srv://example.test").value()}), dns.address());
  until([&] { return !session->status().last_error.empty(); });
  EXPECT_EQ(session->status().last_error, "mqtt+srv://example.test: DNS does not know _mqtt._tcp.example.test");
}

TEST_F(ServiceTest, BehindAnEncryptedServiceHostsOfOtherDomainsAreNotTrusted) {
  const FakeNameServer dns({1});
  const auto found = look_up_service(parse_broker_url("mqtts+srv://example.test").value(), dns.address());
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error(), "DNS names no host of the domain for _secure-mqtt._tcp.example.test");
}

TEST_F(ServiceTest, TheFirstBrokerIsReturnedToWhenItIsThereAgain) {
  Broker first;
  Broker second;
  SessionTimes times;
  times.return_min = times.return_max = 50ms;
  start(config({{.host = "localhost", .port = first.port()}, {.host = "localhost", .port = second.port()}}), {}, times);
  until_connected_to(first);
  first.stop();
  until_connected_to(second);
  first.start();
  until_connected_to(first);
}

}  // namespace
}  // namespace b2m
