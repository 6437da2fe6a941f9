// One attempt to reach a broker with Paho, and the connection that comes of it.
#pragma once

#include <mqtt/async_client.h>

#include <cstdint>
#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/loop/mailbox.hpp"
#include "daemon/mqtt/link.hpp"
#include "daemon/mqtt/paho_values.hpp"

namespace b2m {

/// Its functions are for the worker of the link, but for the overridden ones, which Paho calls on its threads: they
/// copy, push into a mailbox and return.
class PahoClient final : mqtt::iaction_listener {
 public:
  /// An event of one attempt. Those of earlier ones are dropped on arrival.
  struct Stamped {
    std::uint64_t attempt;
    LinkEvent event;
  };
  struct Answered {};  ///< the broker has answered something that nobody asked about: a nudge
  struct Ready {
    link_event::Connected event;
    bool near = false;
  };
  using Note = std::variant<LinkEvent, Answered, Ready>;
  struct StampedNote {
    std::uint64_t attempt;
    Note note;
  };
  using Notes = Mailbox<StampedNote>::Sender;
  using Messages = Mailbox<Stamped>::Sender;

  /// `on_connack` and `on_doubt` are called by Paho, which must not be kept waiting: they have announce() and
  /// tell_failure() called on the worker.
  PahoClient(const ConnectRequest& request, std::uint64_t attempt, Notes notes, Messages messages,
             std::function<void()> on_connack, std::function<void()> on_doubt);

  void connect();
  /// After the CONNACK: what Paho cannot do for its socket, and then the news.
  void announce();
  /// After a failure whose reason is not known yet: that of TLS, or of what is below MQTT.
  void tell_failure();
  void publish(MessageId id, const Message& message);
  void subscribe(const std::vector<Subscription>& subscriptions);
  void unsubscribe(const std::vector<std::string>& filters);
  void disconnect();

 private:
  /// Tells a publication's end; a listener of its own, since the number takes the place of the action.
  struct PublishListener final : mqtt::iaction_listener {
    explicit PublishListener(PahoClient& owner) : client(owner) {}
    void on_success(const mqtt::token& token) override;
    void on_failure(const mqtt::token& token) override;
    PahoClient& client;
  };

  void on_success(const mqtt::token& token) override;
  void on_failure(const mqtt::token& token) override;
  void on_connected(const mqtt::token& token);
  void on_connect_failed(const PahoFailure& failure);
  void on_subscribed(const mqtt::token& token, const PahoFailure& failure);
  void on_arrived(const mqtt::const_message_ptr& message);
  void on_lost(const std::string& cause);
  void on_told_to_leave(const mqtt::properties& properties, int reason);

  void note(Note what) { notes_.try_push({attempt_, std::move(what)}); }
  template <class F>
  void guarded(const F& callback) noexcept;

  const ConnectRequest request_;
  const std::uint64_t attempt_;
  const Notes notes_;
  const Messages messages_;
  const std::function<void()> on_connack_;
  const std::function<void()> on_doubt_;
  PublishListener publish_listener_;
  link_event::Connected connected_;   ///< written by Paho's thread before announce() is posted
  link_event::ConnectFailed failed_;  ///< likewise before tell_failure()
  mqtt::async_client paho_;           ///< last: its end is waited for before what its callbacks use is gone
};

}  // namespace b2m
