// The link to a real broker, over Eclipse Paho.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/loop/event_loop.hpp"
#include "daemon/mqtt/link.hpp"
#include "daemon/mqtt/service_lookup.hpp"

namespace b2m {

/// Calls into Paho are made on a thread of the link's own, since name resolution and socket calls happen under a lock
/// that all of Paho shares; what Paho tells comes back through two mailboxes, one for the link's events and one for
/// incoming messages. Loop only.
class PahoLink final : public Link {
 public:
  struct Settings {
    std::size_t incoming = 1000;                 ///< messages that may wait for the loop; more are dropped and counted
    std::chrono::milliseconds stop_grace{2000};  ///< how long the destructor waits for a Paho that hangs
    std::optional<NameServer> name_server = {};  ///< in place of the system's
  };
  explicit PahoLink(EventLoop& loop) : PahoLink(loop, Settings()) {}
  PahoLink(EventLoop& loop, Settings settings);
  ~PahoLink() override;

  void on_event(Handler handler) override;
  void look_up(const BrokerUrl& service) override;
  void probe(const BrokerUrl& broker) override;
  void connect(const ConnectRequest& request) override;
  void abandon() override;
  void disconnect() override;
  void publish(MessageId id, const Message& message) override;
  void subscribe(const std::vector<Subscription>& subscriptions) override;
  void unsubscribe(const std::vector<std::string>& filters) override;
  [[nodiscard]] std::uint64_t incoming_dropped() const override;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace b2m
