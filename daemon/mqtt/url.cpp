#include "daemon/mqtt/url.hpp"

#include <fmt/format.h>

namespace b2m {
namespace {

std::string_view scheme_name(BrokerScheme scheme) noexcept {
  switch (scheme) {
    case BrokerScheme::mqtt:
      return "mqtt";
    case BrokerScheme::mqtts:
      return "mqtts";
    case BrokerScheme::ws:
      return "ws";
    case BrokerScheme::wss:
      return "wss";
  }
  return "mqtt";
}

}  // namespace

std::string to_string(const BrokerUrl& url) {
  const bool ipv6 = url.host.find(':') != std::string::npos && url.host.front() != '[';
  return fmt::format("{}://{}{}{}:{}{}", scheme_name(url.scheme), ipv6 ? "[" : "", url.host, ipv6 ? "]" : "", url.port,
                     url.path);
}

std::string_view to_string(MqttProtocol protocol) noexcept {
  switch (protocol) {
    case MqttProtocol::automatic:
      return "auto";
    case MqttProtocol::v5:
      return "5";
    case MqttProtocol::v3_1_1:
      return "3.1.1";
    case MqttProtocol::v3_1:
      return "3.1";
  }
  return "auto";
}

}  // namespace b2m
