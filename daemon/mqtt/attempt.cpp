#include "daemon/mqtt/attempt.hpp"

#include <utility>

#include "daemon/mqtt/connack.hpp"

namespace b2m {

constexpr int patience = 3;  ///< bare closes before a version that has worked is doubted

AttemptPlan::AttemptPlan(std::vector<BrokerUrl> brokers, MqttProtocol protocol)
    : automatic_(protocol == MqttProtocol::automatic) {
  if (brokers.empty()) brokers.push_back({.host = "localhost"});
  for (auto& url : brokers) brokers_.push_back({std::move(url), automatic_ ? MqttProtocol::v5 : protocol});
}

void AttemptPlan::succeeded() {
  brokers_.at(current_).proven = true;
  brokers_.at(current_).bare_closes = 0;
  tried_ = 0;
}

AttemptPlan::Next AttemptPlan::failed(std::optional<int> code, bool closed_bare) {
  auto& broker = brokers_.at(current_);
  // A bare close may also be a broker that is starting, or a refused login. A version that has worked is therefore
  // given up only when it is closed again and again, or when the broker says so: brokers do get replaced.
  if (closed_bare && ++broker.bare_closes >= patience) broker.proven = false;
  const bool version_refused = code ? is_refused_version(*code) : closed_bare && !broker.proven;
  if (automatic_ && version_refused && broker.protocol != MqttProtocol::v3_1) {
    broker.protocol = broker.protocol == MqttProtocol::v5 ? MqttProtocol::v3_1_1 : MqttProtocol::v3_1;
    broker.proven = false;
    return Next::lower_version;
  }
  if (automatic_ && !broker.proven) broker.protocol = MqttProtocol::v5;  // none worked: begin again from the top
  current_ = (current_ + 1) % brokers_.size();
  if (++tried_ < brokers_.size()) return Next::next_broker;
  tried_ = 0;
  return Next::pause;
}

}  // namespace b2m
