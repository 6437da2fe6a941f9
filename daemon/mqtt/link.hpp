// The broker as a port: one connection attempt at a time, and what comes of it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/mqtt/message.hpp"

namespace b2m {

struct Subscription {
  std::string filter;
  int qos = 1;
  bool no_local = false;  ///< MQTT 5: do not send us our own messages; must be false for a shared subscription
  bool prompt = true;     ///< what comes is waited for, such as a command: that is worth packets in a silence
  friend bool operator==(const Subscription&, const Subscription&) = default;
};

struct ConnectRequest {
  BrokerUrl broker;
  MqttProtocol protocol = MqttProtocol::v5;  ///< never automatic
  std::string client_id;
  std::string username = {};
  std::string password = {};
  TlsConfig tls = {};
  std::chrono::seconds keepalive{60};
  bool clean = true;
  std::chrono::seconds session_expiry{0};  ///< MQTT 5, with clean == false
  std::optional<Message> will = {};
  std::chrono::seconds will_delay{0};          ///< MQTT 5
  std::chrono::milliseconds deadline{10'000};  ///< the session gives up then; the link should, too
};

/// What the broker says of itself in an MQTT 5 CONNACK; the defaults are what the standard says for silence.
struct BrokerLimits {
  int maximum_qos = 2;
  bool retain_available = true;
  std::uint16_t receive_maximum = 65535;               ///< unacknowledged messages it takes at a time
  std::uint32_t maximum_packet = 0;                    ///< bytes; 0: no limit
  bool wildcards_available = true;                     ///< filters with + and #
  bool shared_available = true;                        ///< $share
  std::optional<std::chrono::seconds> keepalive = {};  ///< in place of the one asked for
  std::string assigned_client_id = {};
  friend bool operator==(const BrokerLimits&, const BrokerLimits&) = default;
};

namespace link_event {

struct Connected {
  bool session_present = false;
  BrokerLimits limits = {};
};
/// The attempt is over. `code` is the CONNACK code (1 to 5), the MQTT 5 reason (128 and above), or none when the broker
/// did not say, because the connection could not be made or was closed without an answer.
struct ConnectFailed {
  std::optional<int> code = {};
  std::string words = {};    ///< the library's, for people
  bool closed_bare = false;  ///< TCP worked, and the broker closed without a CONNACK
};
/// The connection is over. Everything unacknowledged is unknown.
struct Lost {
  std::string words;
  std::optional<int> reason = {};     ///< of an MQTT 5 DISCONNECT
  std::string server_reference = {};  ///< where it sends us, for reasons 156 and 157
};
/// QoS 0: written to the socket. QoS 1 and 2: acknowledged.
struct Delivered {
  MessageId id;
};
/// `reason` is that of an MQTT 5 acknowledgement: the broker has it and refuses it. Without, the link could not send
/// it.
struct PublishFailed {
  MessageId id;
  std::string words;
  std::optional<int> reason = {};
};
struct Incoming {
  Message message;
  bool retained = false;
  bool duplicate = false;
};
/// The answer to one filter; `granted` is 0 to 2, or none when it is refused.
struct Subscribed {
  std::string filter;
  std::optional<int> granted;
  int code = 0;  ///< the SUBACK's
};

/// The hosts behind a service in the order to try them; none, and why not.
struct LookedUp {
  std::vector<BrokerUrl> hosts;
  std::string words = {};
};
/// The broker that was probed takes TCP connections.
struct Reachable {};

}  // namespace link_event

using LinkEvent = std::variant<link_event::Connected, link_event::ConnectFailed, link_event::Lost,
                               link_event::Delivered, link_event::PublishFailed, link_event::Incoming,
                               link_event::Subscribed, link_event::LookedUp, link_event::Reachable>;

/// A connection to a broker. No call waits; events come later, from the loop, never from within a call. Those of an
/// attempt that has been given up are not delivered. Loop only.
class Link {
 public:
  using Handler = std::function<void(LinkEvent)>;
  virtual ~Link() = default;
  /// To be set before the first connect.
  virtual void on_event(Handler handler) = 0;
  /// Looks up the hosts behind a service; ends in exactly one LookedUp, unless it is given up by abandon().
  virtual void look_up(const BrokerUrl& service) = 0;
  /// Tries whether a broker takes connections, beside the connection that stands. Reachable follows, or nothing.
  virtual void probe(const BrokerUrl& broker) = 0;
  /// One attempt; gives up what was before without a word. Ends in exactly one Connected or ConnectFailed, unless it is
  /// given up.
  virtual void connect(const ConnectRequest& request) = 0;
  /// Drops the connection or the attempt at once; nothing more is heard of it.
  virtual void abandon() = 0;
  /// Sends DISCONNECT and closes; Lost follows.
  virtual void disconnect() = 0;
  /// Ends in exactly one Delivered or PublishFailed, unless the connection is lost first.
  virtual void publish(MessageId id, const Message& message) = 0;
  virtual void subscribe(const std::vector<Subscription>& subscriptions) = 0;
  virtual void unsubscribe(const std::vector<std::string>& filters) = 0;
  /// Incoming messages that found their lane full, since the start.
  [[nodiscard]] virtual std::uint64_t incoming_dropped() const = 0;
};

}  // namespace b2m
