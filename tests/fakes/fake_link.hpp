// A broker that a test plays by hand: keeps what the session asks for, and says what the test says.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "daemon/mqtt/link.hpp"

namespace b2m {

/// Loop only. Events are given while no call of the session is on the stack, as the port promises.
class FakeLink final : public Link {
 public:
  struct Sent {
    MessageId id;
    Message message;
  };
  std::vector<ConnectRequest> attempts;
  std::vector<BrokerUrl> lookups;
  std::vector<BrokerUrl> probes;
  std::vector<Sent> sent;  ///< of all connections
  std::vector<Subscription> subscribed;
  std::vector<std::string> unsubscribed;
  int abandoned = 0;
  int disconnects = 0;
  std::uint64_t flood = 0;

  void on_event(Handler handler) override { handler_ = std::move(handler); }
  void look_up(const BrokerUrl& service) override { lookups.push_back(service); }
  void probe(const BrokerUrl& broker) override { probes.push_back(broker); }
  void connect(const ConnectRequest& request) override { attempts.push_back(request); }
  void abandon() override { ++abandoned; }
  void disconnect() override { ++disconnects; }
  void publish(MessageId id, const Message& message) override { sent.push_back({id, message}); }
  void subscribe(const std::vector<Subscription>& wanted) override {
    subscribed.insert(subscribed.end(), wanted.begin(), wanted.end());
  }
  void unsubscribe(const std::vector<std::string>& filters) override {
    unsubscribed.insert(unsubscribed.end(), filters.begin(), filters.end());
  }
  [[nodiscard]] std::uint64_t incoming_dropped() const override { return flood; }

  void give(LinkEvent event) { handler_(std::move(event)); }
  void accept(BrokerLimits limits = {}) { give(link_event::Connected{false, std::move(limits)}); }
  void refuse(int code) { give(link_event::ConnectFailed{.code = code}); }
  void close_bare() { give(link_event::ConnectFailed{.words = "socket error", .closed_bare = true}); }
  void lose(std::optional<int> reason = {}) { give(link_event::Lost{"gone", reason}); }
  void incoming(const std::string& topic, const std::string& payload, bool retained = false) {
    give(link_event::Incoming{{topic, payload}, retained, false});
  }
  /// Acknowledges everything from the `from`th publication on, also what is sent because of it.
  void acknowledge_from(std::size_t from = 0) {
    for (auto i = from; i < sent.size(); ++i) give(link_event::Delivered{sent[i].id});
  }
  /// "topic payload" of every publication from the `from`th on.
  [[nodiscard]] std::vector<std::string> lines(std::size_t from = 0) const {
    std::vector<std::string> result;
    for (auto i = from; i < sent.size(); ++i) result.push_back(sent[i].message.topic + " " + sent[i].message.payload);
    return result;
  }

 private:
  Handler handler_;
};

}  // namespace b2m
