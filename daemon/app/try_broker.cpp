#include "daemon/app/try_broker.hpp"

#include <fmt/format.h>

#include "daemon/mqtt/paho_link.hpp"
#include "daemon/mqtt/protocol.hpp"
#include "daemon/mqtt/session.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

/// "connected with MQTT 5: QoS up to 2, retained messages, …": what differs from broker to broker.
std::string found(const LinkStatus& status) {
  auto words = fmt::format("connected with MQTT {}", to_string(status.protocol));
  if (status.protocol != MqttProtocol::v5) return words + "; it tells nothing of its limits";
  const auto& limits = status.limits;
  words += fmt::format("; takes QoS up to {}, {} messages at a time", limits.maximum_qos, limits.receive_maximum);
  if (limits.maximum_packet != 0) words += fmt::format(", {} bytes each", limits.maximum_packet);
  if (!limits.retain_available) words += "; retains nothing";
  if (!limits.wildcards_available) words += "; no wildcard subscriptions";
  if (!limits.shared_available) words += "; no shared subscriptions";
  if (limits.keepalive) words += fmt::format("; asks for a keep alive of {} s", limits.keepalive->count());
  return words;
}

}  // namespace

BrokerTrial try_broker(MqttConfig mqtt, const BrokerUrl& broker) {
  mqtt.brokers = {broker};
  mqtt.client_id += "-check";
  mqtt.clean_session = true;
  mqtt.will.topic.clear();
  mqtt.birth.topic.clear();
  EventLoop loop;
  PahoLink link(loop);
  Session session(loop, link, mqtt, OutboxConfig{});
  session.start();
  while (!session.status().connected && session.status().failed_rounds == 0) loop.run_once(1s);
  const auto status = session.status();
  if (!status.connected) return {false, status.last_error};
  bool ended = false;
  session.stop([&] { ended = true; }, SteadyClock::now() + 2s);
  while (!ended) loop.run_once(1s);
  return {true, found(status)};
}

}  // namespace b2m
