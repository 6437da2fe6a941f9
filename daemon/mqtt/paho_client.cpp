#include "daemon/mqtt/paho_client.hpp"

#include <fmt/format.h>

#include <memory>
#include <mutex>
#include <string_view>
#include <utility>

#include "daemon/log/log.hpp"
#include "daemon/mqtt/probe.hpp"
#include "daemon/mqtt/socket_tuning.hpp"
#include "daemon/mqtt/tls_diagnosis.hpp"

namespace b2m {
namespace {

constexpr int paho_max_buffered = 65535;  // counts messages on their way even while connected; its default is 100

/// What a token is of; it travels as the context pointer.
enum class Action : std::uintptr_t { connect = 1, subscribe, unsubscribe, disconnect };

void* context(Action action) { return reinterpret_cast<void*>(static_cast<std::uintptr_t>(action)); }

Action action_of(const mqtt::token& token) {
  return static_cast<Action>(reinterpret_cast<std::uintptr_t>(token.get_user_context()));
}

MessageId id_of(const mqtt::token& token) {
  return static_cast<MessageId>(reinterpret_cast<std::uintptr_t>(token.get_user_context()));
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

/// OpenSSL has started itself on first use since 1.1. Paho would have it read all algorithms and error texts for
/// every client, encrypted or not, which keeps more than a megabyte of libcrypto in memory.
void leave_openssl_alone() {
  static std::once_flag once;
  std::call_once(once, [] {
    MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
    options.do_openssl_init = 0;
    MQTTAsync_global_init(&options);
  });
}

mqtt::create_options create_options(const ConnectRequest& request) {
  leave_openssl_alone();
  mqtt::create_options options(paho_version(request.protocol));
  options.set_send_while_disconnected(false);
  options.set_max_buffered_messages(paho_max_buffered);
  return options;
}

}  // namespace

/// Nothing thrown may reach the C library.
template <class F>
void PahoClient::guarded(const F& callback) noexcept {
  try {
    callback();
  } catch (const std::exception& error) {
    log::write(log::Level::error, {}, error.what());
  } catch (...) {
    log::write(log::Level::error, {}, "mqtt: unknown exception in a callback");
  }
}

PahoClient::PahoClient(const ConnectRequest& request, std::uint64_t attempt, Notes notes, Messages messages,
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

void PahoClient::connect() {
  auto options = connect_options(request_);
  if (is_encrypted(request_.broker)) options.set_ssl(tls_options(request_.tls));
  // Copied on purpose: Paho C++ 1.2 leaves the C library a pointer to the properties of the object that was moved
  // from, which are empty. To those of a copied one it is still right.
  paho_.connect(options, context(Action::connect), *this);
}

void PahoClient::announce() {
  const auto tuned = tune_sockets(request_.broker.port);
  note(Ready{connected_, tuned.near});
}

void PahoClient::tell_failure() {
  const bool encrypted = is_encrypted(request_.broker);
  const auto wrong = encrypted ? diagnose_tls(request_.broker, request_.tls) : why_unreachable(request_.broker);
  if (!wrong.empty()) failed_.words = wrong;
  failed_.closed_bare = wrong.empty() && may_be_closed_bare(failed_.words);
  if (failed_.closed_bare && !encrypted) failed_.words = closed_words(failed_.words);
  note(LinkEvent(failed_));
}

void PahoClient::publish(MessageId id, const Message& message) {
  // The number travels as the context pointer; it is never read through.
  paho_.publish(to_paho(message, request_.protocol), reinterpret_cast<void*>(static_cast<std::uintptr_t>(id)),
                publish_listener_);
}

/// One packet for each filter: the C++ library 1.2.0 crashes when it is given options for several at once.
void PahoClient::subscribe(const std::vector<Subscription>& subscriptions) {
  for (const auto& wanted : subscriptions)
    paho_.subscribe(wanted.filter, wanted.qos, context(Action::subscribe), *this,
                    mqtt::subscribe_options(wanted.no_local));
}

void PahoClient::unsubscribe(const std::vector<std::string>& filters) {
  paho_.unsubscribe(std::make_shared<mqtt::string_collection>(filters), context(Action::unsubscribe), *this);
}

void PahoClient::disconnect() { paho_.disconnect(0, context(Action::disconnect), *this); }

void PahoClient::PublishListener::on_success(const mqtt::token& token) {
  client.guarded([&] { client.note(LinkEvent(link_event::Delivered{id_of(token)})); });
}

void PahoClient::PublishListener::on_failure(const mqtt::token& token) {
  client.guarded([&] {
    const auto failure = failure_of(token);
    // Without a reason the connection is at an end, and the end is told as such.
    if (failure.reason < MQTTREASONCODE_UNSPECIFIED_ERROR) return;
    client.note(LinkEvent(link_event::PublishFailed{id_of(token), failure.words, failure.reason}));
  });
}

void PahoClient::on_success(const mqtt::token& token) {
  guarded([&] {
    switch (action_of(token)) {
      case Action::connect: return on_connected(token);
      case Action::subscribe: return on_subscribed(token, {});
      case Action::unsubscribe: return note(Answered());
      case Action::disconnect: return note(LinkEvent(link_event::Lost{"disconnected"}));
    }
  });
}

void PahoClient::on_failure(const mqtt::token& token) {
  guarded([&] {
    switch (action_of(token)) {
      case Action::connect: return on_connect_failed(failure_of(token));
      case Action::subscribe: return on_subscribed(token, failure_of(token));
      case Action::unsubscribe: return;
      case Action::disconnect: return note(LinkEvent(link_event::Lost{"disconnected"}));
    }
  });
}

void PahoClient::on_connected(const mqtt::token& token) {
  const auto response = token.get_connect_response();
  connected_.session_present = response.is_session_present();
  if (request_.protocol == MqttProtocol::v5) connected_.limits = limits_from(response.get_properties());
  on_connack_();
}

void PahoClient::on_connect_failed(const PahoFailure& failure) {
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

void PahoClient::on_subscribed(const mqtt::token& token, const PahoFailure& failure) {
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

void PahoClient::on_arrived(const mqtt::const_message_ptr& message) {
  guarded([&] {
    if (message)
      messages_.try_push(
          {attempt_, link_event::Incoming{from_paho(*message), message->is_retained(), message->is_duplicate()}});
  });
}

void PahoClient::on_lost(const std::string& cause) {
  guarded([&] {
    link_event::Lost event{cause.empty() ? "closed by the broker or the network" : cause};
    note(LinkEvent(std::move(event)));
  });
}

/// A DISCONNECT of the broker: Paho C 1.3.12 calls nothing else then, on_lost() least of all.
void PahoClient::on_told_to_leave(const mqtt::properties& properties, int reason) {
  link_event::Lost event{"the broker has closed the connection"};
  if (reason >= MQTTREASONCODE_UNSPECIFIED_ERROR) event.reason = reason;
  if (properties.contains(mqtt::property::SERVER_REFERENCE))
    event.server_reference = mqtt::get<std::string>(properties, mqtt::property::SERVER_REFERENCE);
  note(LinkEvent(std::move(event)));
}

}  // namespace b2m
