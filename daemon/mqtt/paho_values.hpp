// The values of the session in Paho's types, and back. Pure.
#pragma once

#include <mqtt/async_client.h>

#include <string>

#include "daemon/config/broker_url.hpp"
#include "daemon/mqtt/link.hpp"

namespace b2m {

/// Of which only one is tried at a time; MqttProtocol::automatic is the session's affair.
int paho_version(MqttProtocol protocol);
std::string paho_url(const BrokerUrl& url);

mqtt::message_ptr to_paho(const Message& message, MqttProtocol protocol);
/// The payload is cut where it is longer than any command may be.
Message from_paho(const mqtt::message& message);

/// Of the properties of an MQTT 5 CONNACK.
BrokerLimits limits_from(const mqtt::properties& properties);

/// Without those of TLS.
mqtt::connect_options connect_options(const ConnectRequest& request);
/// Without an error handler: 1.2.0 of the library calls it through an object that is gone.
mqtt::ssl_options tls_options(const TlsConfig& tls);

/// What the token of a failed action knows. The words are only in the exception it would throw.
struct PahoFailure {
  int code = 0;    ///< the C library's, or the CONNACK code of MQTT 3
  int reason = 0;  ///< of MQTT 5; 0 for none
  std::string words;
};

PahoFailure failure_of(const mqtt::token& token);

}  // namespace b2m
