#include "daemon/mqtt/attempt.hpp"

#include <algorithm>
#include <utility>

#include "daemon/config/broker_url.hpp"
#include "daemon/mqtt/connack.hpp"

namespace b2m {

constexpr int patience = 3;  ///< bare closes before a version that has worked is doubted

AttemptPlan::AttemptPlan(std::vector<BrokerUrl> brokers, MqttProtocol protocol)
    : automatic_(protocol == MqttProtocol::automatic), first_protocol_(automatic_ ? MqttProtocol::v5 : protocol) {
  if (brokers.empty()) brokers.push_back({.host = "localhost"});
  for (auto& url : brokers) entries_.push_back({url, {host(url)}});
}

AttemptPlan::Host AttemptPlan::host(BrokerUrl url) const { return {std::move(url), first_protocol_}; }

const AttemptPlan::Host& AttemptPlan::current() const {
  if (redirected_) return *redirected_;
  const auto& entry = entries_.at(at_);
  return entry.hosts.at(entry.at);
}

AttemptPlan::Host& AttemptPlan::current() { return const_cast<Host&>(std::as_const(*this).current()); }

const BrokerUrl* AttemptPlan::unknown_service() const {
  const auto& entry = entries_.at(at_);
  return !redirected_ && is_service(entry.url) && !entry.looked_up ? &entry.url : nullptr;
}

void AttemptPlan::found(std::vector<BrokerUrl> urls) {
  auto& entry = entries_.at(at_);
  entry.looked_up = true;
  entry.at = 0;
  if (urls.empty()) return;
  std::vector<Host> hosts;
  for (auto& url : urls) {
    const auto known = std::find_if(entry.hosts.begin(), entry.hosts.end(),
                                    [&](const Host& candidate) { return candidate.url == url; });
    hosts.push_back(known != entry.hosts.end() ? *known : host(std::move(url)));
  }
  entry.hosts = std::move(hosts);
}

void AttemptPlan::succeeded() {
  current().proven = true;
  current().bare_closes = 0;
}

AttemptPlan::Next AttemptPlan::failed(std::optional<int> code, bool closed_bare) {
  auto& broker = current();
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
  return next_host();
}

AttemptPlan::Next AttemptPlan::next_host() {
  if (std::exchange(redirected_, std::nullopt)) {
    lost();
    return Next::next_broker;
  }
  auto& entry = entries_.at(at_);
  if (++entry.at < entry.hosts.size()) return Next::next_broker;
  return next_entry();
}

AttemptPlan::Next AttemptPlan::next_entry() {
  entries_.at(at_).at = 0;
  if (++at_ < entries_.size()) return Next::next_broker;
  lost();
  return Next::pause;
}

AttemptPlan::Next AttemptPlan::lookup_failed() {
  auto& entry = entries_.at(at_);
  // The hosts of an earlier answer are better than none.
  if (!is_service(entry.hosts.front().url)) {
    found({});
    return Next::next_broker;
  }
  return next_entry();
}

void AttemptPlan::lost() {
  redirected_.reset();
  at_ = 0;
  for (auto& entry : entries_) {
    entry.at = 0;
    entry.looked_up = false;
  }
}

void AttemptPlan::redirect(BrokerUrl target) {
  lost();
  redirected_ = host(std::move(target));
}

}  // namespace b2m
