#include "daemon/mqtt/paho_values.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

namespace b2m {
namespace {

constexpr int paho_max_inflight =
    65535;  // below what is queued, Paho sends one window a second; the window is the outbox's
constexpr std::size_t kept_payload = 64 * 1024 + 1;        // of an incoming message: enough to see that it is too long
constexpr std::int32_t max_incoming_packet = 1024 * 1024;  // what an MQTT 5 broker is asked not to exceed

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

}  // namespace

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
  if (message.content_type == ContentType::senml_json)
    properties.add({mqtt::property::CONTENT_TYPE, "application/senml+json"});
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

PahoFailure failure_of(const mqtt::token& token) {
  PahoFailure failure{token.get_return_code(), token.get_reason_code(), {}};
  if (failure.reason == mqtt::MQTTPP_V3_CODE) failure.reason = 0;
  try {
    const_cast<mqtt::token&>(token).try_wait();  // complete: does not wait
  } catch (const mqtt::exception& error) {
    failure.words = error.get_message().empty() ? error.what() : error.get_message();
  }
  return failure;
}

}  // namespace b2m
