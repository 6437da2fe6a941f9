// Paho runs its callbacks on threads of its own with a lock held that all its calls share. A callback here therefore
// copies, pushes into a mailbox and returns; every call into Paho is made by the worker, one after the other, so that
// the loop never waits for that lock. Each attempt has a client of its own: nothing of an earlier connection is ever
// sent again behind the outbox's back.
#include "daemon/mqtt/paho_link.hpp"

#include <fmt/format.h>
#include <mqtt/async_client.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "daemon/config/broker_url.hpp"
#include "daemon/log/log.hpp"
#include "daemon/loop/mailbox.hpp"
#include "daemon/loop/worker.hpp"
#include "daemon/mqtt/nudge.hpp"
#include "daemon/mqtt/probe.hpp"
#include "daemon/mqtt/service_lookup.hpp"
#include "daemon/mqtt/socket_tuning.hpp"
#include "daemon/mqtt/tls_diagnosis.hpp"

namespace b2m {
namespace {

constexpr int paho_max_inflight =
    65535;  // below what is queued, Paho sends one window a second; the window is the outbox's
constexpr int paho_max_buffered = 65535;  // counts messages on their way even while connected; its default is 100
constexpr std::size_t max_calls =
    100'000;  // calls that wait for the worker: more than there can be messages on their way
constexpr std::size_t max_events = 200'000;                // at most one for each call
constexpr std::size_t kept_payload = 64 * 1024 + 1;        // of an incoming message: enough to see that it is too long
constexpr std::int32_t max_incoming_packet = 1024 * 1024;  // what an MQTT 5 broker is asked not to exceed
constexpr const char* nudge_filter = "board2mqtt/nudge";   // never subscribed

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

int paho_version(MqttProtocol protocol) {
  switch (protocol) {
    case MqttProtocol::v3_1: return MQTTVERSION_3_1;
    case MqttProtocol::v3_1_1: return MQTTVERSION_3_1_1;
    case MqttProtocol::v5:
    case MqttProtocol::automatic: return MQTTVERSION_5;
  }
  return MQTTVERSION_5;
}

std::string paho_url(const BrokerUrl& url) {
  const char* scheme = "tcp";
  switch (url.scheme) {
    case BrokerScheme::mqtt: break;
    case BrokerScheme::mqtts: scheme = "ssl"; break;
    case BrokerScheme::ws: scheme = "ws"; break;
    case BrokerScheme::wss: scheme = "wss"; break;
    case BrokerScheme::mqtt_srv:  // never asked for: a host of it is
    case BrokerScheme::mqtts_srv: break;
  }
  const bool bare_ipv6 = url.host.find(':') != std::string::npos && url.host.front() != '[';
  const bool websocket = url.scheme == BrokerScheme::ws || url.scheme == BrokerScheme::wss;
  return fmt::format("{}://{}{}{}:{}{}", scheme, bare_ipv6 ? "[" : "", url.host, bare_ipv6 ? "]" : "", url.port,
                     websocket ? url.path : std::string());
}

mqtt::message_ptr to_paho(const Message& message, MqttProtocol protocol) {
  auto result = mqtt::make_message(message.topic, message.payload, message.qos, message.retain);
  if (protocol != MqttProtocol::v5) return result;
  mqtt::properties properties;
  if (!message.response_topic.empty()) properties.add({mqtt::property::RESPONSE_TOPIC, message.response_topic});
  if (!message.correlation_data.empty()) properties.add({mqtt::property::CORRELATION_DATA, message.correlation_data});
  if (message.expiry) {
    properties.add({mqtt::property::MESSAGE_EXPIRY_INTERVAL, static_cast<std::int32_t>(message.expiry->count())});
  }
  result->set_properties(std::move(properties));
  return result;
}

Message from_paho(const mqtt::message& message) {
  const auto& payload = message.get_payload_ref();
  Message result{message.get_topic(), {}, message.get_qos(), message.is_retained()};
  if (!payload.empty()) result.payload.assign(payload.data(), std::min(payload.size(), kept_payload));
  const auto& properties = message.get_properties();
  if (properties.contains(mqtt::property::RESPONSE_TOPIC))
    result.response_topic = mqtt::get<std::string>(properties, mqtt::property::RESPONSE_TOPIC);
  if (properties.contains(mqtt::property::CORRELATION_DATA))
    result.correlation_data = mqtt::get<std::string>(properties, mqtt::property::CORRELATION_DATA);
  if (properties.contains(mqtt::property::MESSAGE_EXPIRY_INTERVAL))
    result.expiry = std::chrono::seconds(mqtt::get<std::uint32_t>(properties, mqtt::property::MESSAGE_EXPIRY_INTERVAL));
  return result;
}

BrokerLimits limits_from(const mqtt::properties& properties) {
  BrokerLimits limits;
  using mqtt::property;
  if (properties.contains(property::MAXIMUM_QOS))
    limits.maximum_qos = mqtt::get<std::uint8_t>(properties, property::MAXIMUM_QOS);
  if (properties.contains(property::RETAIN_AVAILABLE))
    limits.retain_available = mqtt::get<std::uint8_t>(properties, property::RETAIN_AVAILABLE) != 0;
  if (properties.contains(property::RECEIVE_MAXIMUM))
    limits.receive_maximum = mqtt::get<std::uint16_t>(properties, property::RECEIVE_MAXIMUM);
  if (properties.contains(property::MAXIMUM_PACKET_SIZE))
    limits.maximum_packet = mqtt::get<std::uint32_t>(properties, property::MAXIMUM_PACKET_SIZE);
  // Paho C++ 1.2 misspells the name of this one, 1.5 does not; Paho C keeps the old name.
  constexpr auto assigned_id = property::code(MQTTPROPERTY_CODE_ASSIGNED_CLIENT_IDENTIFER);
  if (properties.contains(assigned_id)) limits.assigned_client_id = mqtt::get<std::string>(properties, assigned_id);
  if (properties.contains(property::SERVER_KEEP_ALIVE))
    limits.keepalive = std::chrono::seconds(mqtt::get<std::uint16_t>(properties, property::SERVER_KEEP_ALIVE));
  const auto available = [&](property::code code) {
    return !properties.contains(code) || mqtt::get<std::uint8_t>(properties, code) != 0;
  };
  limits.wildcards_available = available(property::WILDCARD_SUBSCRIPTION_AVAILABLE);
  limits.shared_available = available(property::SHARED_SUBSCRIPTION_AVAILABLE);
  return limits;
}

/// Without an error handler: 1.2.0 of the library calls it through an object that is gone.
mqtt::ssl_options tls_options(const TlsConfig& tls) {
  mqtt::ssl_options options;
  if (tls.ca.empty()) {
    options.ca_path("/etc/ssl/certs");
  } else {
    options.set_trust_store(tls.ca);
  }
  if (!tls.cert.empty()) options.set_key_store(tls.cert);
  if (!tls.key.empty()) options.set_private_key(tls.key);
  if (!tls.key_password.empty()) options.set_private_key_password(tls.key_password);
  if (!tls.ciphers.empty()) options.set_enabled_cipher_suites(tls.ciphers);
  if (!tls.alpn.empty()) options.set_alpn_protos(tls.alpn);
  options.set_enable_server_cert_auth(tls.verify);
  options.set_verify(tls.verify);  // the host's name
  return options;
}

mqtt::will_options will_options(const ConnectRequest& request) {
  const auto& will = *request.will;
  mqtt::will_options options(will.topic, will.payload.data(), will.payload.size(), will.qos, will.retain);
  if (request.protocol == MqttProtocol::v5 && request.will_delay.count() > 0) {
    mqtt::properties properties;
    properties.add({mqtt::property::WILL_DELAY_INTERVAL,
                    static_cast<std::int32_t>(static_cast<std::uint32_t>(request.will_delay.count()))});
    options.set_properties(std::move(properties));
  }
  return options;
}

mqtt::connect_options connect_options(const ConnectRequest& request) {
  mqtt::connect_options options;
  options.set_mqtt_version(paho_version(request.protocol));
  options.set_keep_alive_interval(request.keepalive);
  options.set_connect_timeout(std::chrono::ceil<std::chrono::seconds>(request.deadline));
  options.set_max_inflight(paho_max_inflight);
  options.set_automatic_reconnect(false);
  if (!request.username.empty()) options.set_user_name(request.username);
  if (!request.password.empty()) options.set_password(request.password);
  if (request.will) options.set_will(will_options(request));
  if (request.protocol != MqttProtocol::v5) {
    options.set_clean_session(request.clean);
    return options;
  }
  options.set_clean_start(request.clean);
  mqtt::properties properties;
  properties.add({mqtt::property::MAXIMUM_PACKET_SIZE, max_incoming_packet});
  if (!request.clean) {
    constexpr std::int64_t for_ever = 0xffffffff;
    const auto expiry = request.session_expiry.count() > 0
                            ? std::min<std::int64_t>(request.session_expiry.count(), for_ever)
                            : for_ever;
    properties.add(
        {mqtt::property::SESSION_EXPIRY_INTERVAL, static_cast<std::int32_t>(static_cast<std::uint32_t>(expiry))});
  }
  options.set_properties(std::move(properties));
  return options;
}

/// What the token of a failed action knows. The words are only in the exception it would throw.
struct Failure {
  int code = 0;    ///< the C library's, or the CONNACK code of MQTT 3
  int reason = 0;  ///< of MQTT 5; 0 for none
  std::string words;
};

Failure failure_of(const mqtt::token& token) {
  Failure failure{token.get_return_code(), token.get_reason_code(), {}};
  if (failure.reason == mqtt::MQTTPP_V3_CODE) failure.reason = 0;
  try {
    const_cast<mqtt::token&>(token).try_wait();  // complete: does not wait
  } catch (const mqtt::exception& error) {
    failure.words = error.get_message().empty() ? error.what() : error.get_message();
  }
  return failure;
}

/// Paho's words for a connection that ended while it waited for the CONNACK. The second are also those of a TCP
/// connection that was refused a moment after it was begun.
bool may_be_closed_bare(std::string_view words) {
  return words.find("socket error") != std::string_view::npos ||
         words.find("connect completion failure") != std::string_view::npos;
}

std::string closed_words(std::string_view words) {
  return fmt::format("closed without an answer to CONNECT (a refused login, a port that expects TLS, or no broker): {}",
                     words);
}

/// Paho's words, or none of its own, where TCP or the resolver has failed and the reason is not in them.
bool hides_the_reason(std::string_view words) {
  return words.find("connect failure") != std::string_view::npos ||
         words.find("connect completion failure") != std::string_view::npos || words.starts_with("MQTT error [-1]");
}

/// One attempt and the connection that comes of it. Its functions are for the worker, but for the overridden ones,
/// which Paho calls on its threads.
class Client final : mqtt::iaction_listener {
 public:
  Client(const ConnectRequest& request, std::uint64_t attempt, Notes notes, Messages messages,
         std::function<void()> on_connack, std::function<void()> on_doubt)
      : request_(request),
        attempt_(attempt),
        notes_(std::move(notes)),
        messages_(std::move(messages)),
        on_connack_(std::move(on_connack)),
        on_doubt_(std::move(on_doubt)),
        publish_listener_(*this),
        paho_(paho_url(request.broker), request.client_id, create_options(request), nullptr) {
    paho_.set_message_callback([this](mqtt::const_message_ptr message) { on_arrived(message); });
    paho_.set_connection_lost_handler([this](const std::string& cause) { on_lost(cause); });
    paho_.set_disconnected_handler([this](const mqtt::properties& properties, mqtt::ReasonCode reason) {
      guarded([&] { on_told_to_leave(properties, reason); });
    });
  }

  void connect() {
    auto options = connect_options(request_);
    if (is_encrypted(request_.broker)) options.set_ssl(tls_options(request_.tls));
    // Copied on purpose: Paho C++ 1.2 leaves the C library a pointer to the properties of the object that was moved
    // from, which are empty. To those of a copied one it is still right.
    paho_.connect(options, context(Action::connect), *this);
  }

  /// After the CONNACK: what Paho cannot do for its socket, and then the news.
  void announce() {
    const auto tuned = tune_sockets(request_.broker.port);
    note(Ready{connected_, tuned.near});
  }

  /// After a failure whose reason is not known yet: that of TLS, or of what is below MQTT.
  void tell_failure() {
    const bool encrypted = is_encrypted(request_.broker);
    const auto wrong = encrypted ? diagnose_tls(request_.broker, request_.tls) : why_unreachable(request_.broker);
    if (!wrong.empty()) failed_.words = wrong;
    failed_.closed_bare = wrong.empty() && may_be_closed_bare(failed_.words);
    if (failed_.closed_bare && !encrypted) failed_.words = closed_words(failed_.words);
    note(LinkEvent(failed_));
  }

  void publish(MessageId id, const Message& message) {
    // The number travels as the context pointer; it is never read through.
    paho_.publish(to_paho(message, request_.protocol), reinterpret_cast<void*>(static_cast<std::uintptr_t>(id)),
                  publish_listener_);
  }

  /// One packet for each filter: the C++ library 1.2.0 crashes when it is given options for several at once.
  void subscribe(const std::vector<Subscription>& subscriptions) {
    for (const auto& [filter, qos, no_local] : subscriptions)
      paho_.subscribe(filter, qos, context(Action::subscribe), *this, mqtt::subscribe_options(no_local));
  }

  void unsubscribe(const std::vector<std::string>& filters) {
    paho_.unsubscribe(std::make_shared<mqtt::string_collection>(filters), context(Action::unsubscribe), *this);
  }

  void disconnect() { paho_.disconnect(0, context(Action::disconnect), *this); }

  void tell_publish_failed(MessageId id, const std::string& words) {
    note(LinkEvent(link_event::PublishFailed{id, words, {}}));
  }
  void tell_connect_failed(const std::string& words) { note(LinkEvent(link_event::ConnectFailed{.words = words})); }

 private:
  enum class Action : std::uintptr_t { connect = 1, subscribe, unsubscribe, disconnect };
  static void* context(Action action) { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(action)); }
  static Action action_of(const mqtt::token& token) {
    return static_cast<Action>(reinterpret_cast<std::uintptr_t>(token.get_user_context()));
  }

  /// OpenSSL has started itself on first use since 1.1. Paho would have it read all algorithms and error texts for
  /// every client, encrypted or not, which keeps more than a megabyte of libcrypto in memory.
  static void leave_openssl_alone() {
    static std::once_flag once;
    std::call_once(once, [] {
      MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
      options.do_openssl_init = 0;
      MQTTAsync_global_init(&options);
    });
  }

  static mqtt::create_options create_options(const ConnectRequest& request) {
    leave_openssl_alone();
    mqtt::create_options options(paho_version(request.protocol));
    options.set_send_while_disconnected(false);
    options.set_max_buffered_messages(paho_max_buffered);
    return options;
  }

  /// Tells a publication's end; a listener of its own, since the number takes the place of the action.
  struct PublishListener final : mqtt::iaction_listener {
    explicit PublishListener(Client& owner) : client(owner) {}
    static MessageId id_of(const mqtt::token& token) {
      return static_cast<MessageId>(reinterpret_cast<std::uintptr_t>(token.get_user_context()));
    }
    void on_success(const mqtt::token& token) override {
      client.guarded([&] { client.note(LinkEvent(link_event::Delivered{id_of(token)})); });
    }
    void on_failure(const mqtt::token& token) override {
      client.guarded([&] {
        const auto failure = failure_of(token);
        // Without a reason the connection is at an end, and the end is told as such.
        if (failure.reason < MQTTREASONCODE_UNSPECIFIED_ERROR) return;
        client.note(LinkEvent(link_event::PublishFailed{id_of(token), failure.words, failure.reason}));
      });
    }
    Client& client;
  };

  void on_success(const mqtt::token& token) override {
    guarded([&] {
      switch (action_of(token)) {
        case Action::connect: return on_connected(token);
        case Action::subscribe: return on_subscribed(token, {});
        case Action::unsubscribe: return note(Answered());
        case Action::disconnect: return note(LinkEvent(link_event::Lost{"disconnected"}));
      }
    });
  }

  void on_failure(const mqtt::token& token) override {
    guarded([&] {
      switch (action_of(token)) {
        case Action::connect: return on_connect_failed(failure_of(token));
        case Action::subscribe: return on_subscribed(token, failure_of(token));
        case Action::unsubscribe: return;
        case Action::disconnect: return note(LinkEvent(link_event::Lost{"disconnected"}));
      }
    });
  }

  void on_connected(const mqtt::token& token) {
    const auto response = token.get_connect_response();
    connected_.session_present = response.is_session_present();
    if (request_.protocol == MqttProtocol::v5) connected_.limits = limits_from(response.get_properties());
    on_connack_();
  }

  void on_connect_failed(const Failure& failure) {
    link_event::ConnectFailed event;
    if (failure.reason >= MQTTREASONCODE_UNSPECIFIED_ERROR) {
      event.code = failure.reason;
    } else if (failure.code > 0) {
      event.code = failure.code;
    }
    event.words = failure.words;
    if (!event.code && (is_encrypted(request_.broker) || hides_the_reason(failure.words))) {
      failed_ = std::move(event);
      return on_doubt_();
    }
    event.closed_bare = !event.code && may_be_closed_bare(failure.words);
    if (event.closed_bare) event.words = closed_words(failure.words);
    note(LinkEvent(std::move(event)));
  }

  void on_subscribed(const mqtt::token& token, const Failure& failure) {
    const auto filters = token.get_topics();
    if (!filters || filters->empty()) return;
    link_event::Subscribed event{(*filters)[0], {}, failure.reason != 0 ? failure.reason : failure.code};
    if (event.code < 0) return;  // the connection is at an end, which is told as such
    if (event.code == 0) {
      const auto codes = token.get_subscribe_response().get_reason_codes();
      event.code = codes.empty() ? MQTTREASONCODE_UNSPECIFIED_ERROR : static_cast<int>(codes[0]);
    }
    if (event.code <= 2) event.granted = event.code;
    note(LinkEvent(std::move(event)));
  }

  void on_arrived(const mqtt::const_message_ptr& message) {
    guarded([&] {
      if (message)
        messages_.try_push(
            {attempt_, link_event::Incoming{from_paho(*message), message->is_retained(), message->is_duplicate()}});
    });
  }

  void on_lost(const std::string& cause) {
    guarded([&] {
      link_event::Lost event{cause.empty() ? "closed by the broker or the network" : cause};
      note(LinkEvent(std::move(event)));
    });
  }

  /// A DISCONNECT of the broker: Paho C 1.3.12 calls nothing else then, on_lost() least of all.
  void on_told_to_leave(const mqtt::properties& properties, int reason) {
    link_event::Lost event{"the broker has closed the connection"};
    if (reason >= MQTTREASONCODE_UNSPECIFIED_ERROR) event.reason = reason;
    if (properties.contains(mqtt::property::SERVER_REFERENCE))
      event.server_reference = mqtt::get<std::string>(properties, mqtt::property::SERVER_REFERENCE);
    note(LinkEvent(std::move(event)));
  }

  void note(Note what) { notes_.try_push({attempt_, std::move(what)}); }

  /// Nothing thrown may reach the C library.
  template <class F>
  void guarded(const F& callback) noexcept {
    try {
      callback();
    } catch (const std::exception& error) {
      log::write(log::Level::error, {}, error.what());
    } catch (...) {
      log::write(log::Level::error, {}, "mqtt: unknown exception in a callback");
    }
  }

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

/// What the worker owns.
struct Desk {
  std::unique_ptr<Client> client;
  std::atomic<std::uint64_t> attempt = 0;  ///< the latest; calls for earlier ones are void
};

class Call final : public Job {
 public:
  explicit Call(std::function<void()> call) : call_(std::move(call)) {}
  std::optional<std::chrono::microseconds> step() override {
    call_();
    return std::nullopt;
  }

 private:
  std::function<void()> call_;
};

}  // namespace

class PahoLink::Impl {
 public:
  Impl(EventLoop& loop, Settings settings)
      : settings_(settings),
        notes_(loop, max_events, [this](StampedNote note) { on_note(std::move(note)); }),
        messages_(loop, settings.incoming, [this](Stamped message) { on_incoming(std::move(message)); }),
        nudge_timer_(loop, [this] { on_nudge_timer(); }) {}

  ~Impl() {
    nudge_timer_.cancel();
    ++desk_->attempt;
    const auto closed = std::make_shared<std::promise<void>>();
    const auto close = [desk = desk_, closed] {
      desk->client.reset();
      closed->set_value();
    };
    const bool posted = worker_->post(std::make_shared<Call>(close), Worker::Lane::command);
    // A Paho that hangs in name resolution is left behind with all it uses.
    if (!posted || closed->get_future().wait_for(settings_.stop_grace) != std::future_status::ready)
      log::warning({}, "mqtt: the MQTT library hangs and is left behind");
  }

  void connect(const ConnectRequest& request) {
    const auto attempt = begin_attempt();
    call([request, attempt, desk = desk_, worker = std::weak_ptr(worker_), notes = notes_.sender(),
          messages = messages_.sender()] {
      desk->client.reset();
      if (desk->attempt != attempt) return;
      // Called by Paho, which must not be kept waiting: the rest is done here, on the worker.
      const auto later = [attempt, desk, worker](void (Client::*what)()) {
        return [attempt, desk, worker, what] {
          const auto job = [attempt, desk, what] {
            if (desk->attempt == attempt && desk->client) (*desk->client.*what)();
          };
          if (const auto alive = worker.lock()) alive->post(std::make_shared<Call>(job), Worker::Lane::command);
        };
      };
      try {
        desk->client = std::make_unique<Client>(request, attempt, notes, messages, later(&Client::announce),
                                                later(&Client::tell_failure));
        desk->client->connect();
      } catch (const std::exception& error) {
        notes.try_push({attempt, Note(LinkEvent(link_event::ConnectFailed{.words = error.what()}))});
      }
    });
  }

  void look_up(const BrokerUrl& service) {
    const auto attempt = begin_attempt();
    call([service, attempt, server = settings_.name_server, desk = desk_, notes = notes_.sender()] {
      desk->client.reset();
      auto hosts = look_up_service(service, server);
      link_event::LookedUp event{hosts.value_or(std::vector<BrokerUrl>{}), hosts ? std::string() : hosts.error()};
      notes.try_push({attempt, Note(LinkEvent(std::move(event)))});
    });
  }

  void probe(const BrokerUrl& broker) {
    if (!prober_) prober_ = std::make_unique<Worker>("mqtt-probe", 1);
    // One at a time: when the one before still waits for the network, this one is not needed.
    prober_->post(
        std::make_shared<Call>([broker, server = settings_.name_server, attempt = attempt_, notes = notes_.sender()] {
          if (takes_connections(broker, server)) notes.try_push({attempt, Note(LinkEvent(link_event::Reachable()))});
        }),
        Worker::Lane::poll);
  }

  void abandon() {
    begin_attempt();
    call([desk = desk_] { desk->client.reset(); });
  }

  void disconnect() {
    const auto fallback = [notes = notes_.sender(), attempt = attempt_](const char* words) {
      notes.try_push({attempt, Note(LinkEvent(link_event::Lost{words}))});
    };
    call_client([](Client& client) { client.disconnect(); }, fallback);
  }

  void publish(MessageId id, const Message& message) {
    round_trip_[id] = message.qos > 0;
    nudge_.published(SteadyClock::now());
    arm_nudge();
    const auto failed = [notes = notes_.sender(), attempt = attempt_, id](const char* words) {
      notes.try_push({attempt, Note(LinkEvent(link_event::PublishFailed{id, words, {}}))});
    };
    call_client([id, message](Client& client) { client.publish(id, message); }, failed);
  }

  void subscribe(const std::vector<Subscription>& subscriptions) {
    if (subscriptions.empty()) return;
    const auto failed = [notes = notes_.sender(), attempt = attempt_](const char* words) {
      notes.try_push({attempt, Note(LinkEvent(link_event::Lost{words}))});
    };
    call_client([subscriptions](Client& client) { client.subscribe(subscriptions); }, failed);
  }

  void unsubscribe(const std::vector<std::string>& filters) {
    if (filters.empty()) return;
    call_client([filters](Client& client) { client.unsubscribe(filters); }, [](const char*) {});
  }

  void on_event(Handler handler) { handler_ = std::move(handler); }
  [[nodiscard]] std::uint64_t incoming_dropped() const { return messages_.dropped(); }

 private:
  std::uint64_t begin_attempt() {
    connected_ = false;
    early_.clear();
    round_trip_.clear();
    nudge_.disconnected();
    nudge_timer_.cancel();
    attempt_ = ++desk_->attempt;
    return attempt_;
  }

  void call(std::function<void()> what) {
    // Full only when Paho has hung for long: the attempt's deadline then leads to the next one.
    worker_->post(std::make_shared<Call>(std::move(what)), Worker::Lane::command);
  }

  /// `what` with the client of this attempt, if it is still there.
  template <class F, class G>
  void call_client(F what, G failed) {
    auto guarded = [what = std::move(what), failed, attempt = attempt_, desk = desk_] {
      if (desk->attempt != attempt || !desk->client) return;
      try {
        what(*desk->client);
      } catch (const std::exception& error) {
        failed(error.what());
      }
    };
    if (!worker_->post(std::make_shared<Call>(std::move(guarded)), Worker::Lane::command))
      failed("too many calls wait");
  }

  void emit(LinkEvent event) {
    if (handler_) handler_(std::move(event));
  }

  void on_note(StampedNote stamped) {
    if (stamped.attempt != attempt_) return;
    const auto now = SteadyClock::now();
    if (auto* ready = std::get_if<Ready>(&stamped.note)) return on_ready(*ready, now);
    if (std::holds_alternative<Answered>(stamped.note)) return nudge_.heard(now);
    auto& event = std::get<LinkEvent>(stamped.note);
    if (const auto* delivered = std::get_if<link_event::Delivered>(&event)) note_answer(delivered->id, now);
    if (const auto* failed = std::get_if<link_event::PublishFailed>(&event)) note_answer(failed->id, now);
    if (std::holds_alternative<link_event::Lost>(event)) nudge_.disconnected();
    emit(std::move(event));
  }

  void on_ready(const Ready& ready, SteadyTime now) {
    connected_ = true;
    nudge_.connected(ready.near, now);
    arm_nudge();
    const auto attempt = attempt_;
    emit(ready.event);
    // A broker may send before its CONNACK has made it through here.
    for (auto& message : std::exchange(early_, {}))
      if (attempt_ == attempt) emit(std::move(message));
  }

  void on_incoming(Stamped message) {
    if (message.attempt != attempt_) return;
    nudge_.heard(SteadyClock::now());
    if (connected_) return emit(std::move(message.event));
    if (early_.size() < settings_.incoming) early_.push_back(std::move(message.event));
  }

  void note_answer(MessageId id, SteadyTime now) {
    const auto found = round_trip_.find(id);
    if (found == round_trip_.end()) return;
    nudge_.answered(now, found->second);
    round_trip_.erase(found);
  }

  /// The timer only ever moves towards an earlier time; when it fires too early it looks again.
  void arm_nudge() {
    const auto due = nudge_.due();
    if (!due || (nudge_timer_.armed() && nudge_at_ <= *due)) return;
    nudge_at_ = *due;
    nudge_timer_.arm(*due);
  }

  void on_nudge_timer() {
    const auto now = SteadyClock::now();
    const auto due = nudge_.due();
    if (due && *due <= now) {
      unsubscribe({nudge_filter});
      nudge_.nudged(now);
    }
    arm_nudge();
  }

  const Settings settings_;
  Handler handler_;
  std::uint64_t attempt_ = 0;
  bool connected_ = false;
  std::vector<LinkEvent> early_;                    ///< incoming messages that overtook Connected
  std::unordered_map<MessageId, bool> round_trip_;  ///< what is on its way, and whether the broker answers it
  Nudge nudge_;
  SteadyTime nudge_at_{};
  std::shared_ptr<Desk> desk_ = std::make_shared<Desk>();
  std::shared_ptr<Worker> worker_ = std::make_shared<Worker>("mqtt", max_calls);
  std::unique_ptr<Worker> prober_;  ///< made when it is first needed
  Mailbox<StampedNote> notes_;
  Mailbox<Stamped> messages_;
  Timer nudge_timer_;
};

PahoLink::PahoLink(EventLoop& loop, Settings settings) : impl_(std::make_unique<Impl>(loop, settings)) {}
PahoLink::~PahoLink() = default;
void PahoLink::on_event(Handler handler) { impl_->on_event(std::move(handler)); }
void PahoLink::look_up(const BrokerUrl& service) { impl_->look_up(service); }
void PahoLink::probe(const BrokerUrl& broker) { impl_->probe(broker); }
void PahoLink::connect(const ConnectRequest& request) { impl_->connect(request); }
void PahoLink::abandon() { impl_->abandon(); }
void PahoLink::disconnect() { impl_->disconnect(); }
void PahoLink::publish(MessageId id, const Message& message) { impl_->publish(id, message); }
void PahoLink::subscribe(const std::vector<Subscription>& subscriptions) { impl_->subscribe(subscriptions); }
void PahoLink::unsubscribe(const std::vector<std::string>& filters) { impl_->unsubscribe(filters); }
std::uint64_t PahoLink::incoming_dropped() const { return impl_->incoming_dropped(); }

}  // namespace b2m
