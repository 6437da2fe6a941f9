// Which broker and which protocol version to try next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/model.hpp"

namespace b2m {

/// Walks the list of brokers in order, for a service the hosts behind it, and for `automatic` the versions from 5 down
/// to 3.1 at each. What worked is kept for the broker it worked with. Every round begins with the first broker: the
/// list is an order of preference. Pure. Loop only.
class AttemptPlan {
 public:
  AttemptPlan(std::vector<BrokerUrl> brokers, MqttProtocol protocol);

  /// The service whose hosts are to be looked up before the next attempt, if one is.
  [[nodiscard]] const BrokerUrl* unknown_service() const;
  /// The hosts behind it; an empty list leaves those found before.
  void found(std::vector<BrokerUrl> hosts);

  /// The host to connect to; a service that could not be looked up stands for itself.
  [[nodiscard]] const BrokerUrl& broker() const { return current().url; }
  [[nodiscard]] MqttProtocol protocol() const { return current().protocol; }
  /// The broker in use is not the first of the list.
  [[nodiscard]] bool second_best() const noexcept { return at_ != 0 && !redirected_; }
  /// The first of the list as configured.
  [[nodiscard]] const BrokerUrl& first() const { return entries_.front().url; }

  void succeeded();
  /// What follows a failed attempt: at once with a lower version, at once with the next broker, or after a pause with
  /// the first.
  enum class Next : std::uint8_t { lower_version, next_broker, pause };
  /// `code` and `closed_bare` as in link_event::ConnectFailed.
  Next failed(std::optional<int> code, bool closed_bare);
  /// None of the hosts of this service can be learnt.
  Next lookup_failed();
  /// A connection has ended: the next round begins.
  void lost();
  /// A connection has ended at once, and nothing was taken in it: another broker is tried before it comes to this one
  /// again.
  void lost_at_once() { next_host(); }
  /// The broker has sent us elsewhere: one round begins there.
  void redirect(BrokerUrl target);

 private:
  struct Host {
    BrokerUrl url;
    MqttProtocol protocol;
    bool proven = false;  ///< this version has worked here
    int bare_closes = 0;  ///< since it worked
  };
  struct Entry {
    BrokerUrl url;
    std::vector<Host> hosts;  ///< one, or those behind a service
    std::size_t at = 0;
    bool looked_up = false;  ///< in this round
  };
  [[nodiscard]] Host host(BrokerUrl url) const;
  [[nodiscard]] const Host& current() const;
  Host& current();
  Next next_host();
  Next next_entry();

  std::vector<Entry> entries_;
  std::optional<Host> redirected_;
  std::size_t at_ = 0;
  bool automatic_;
  MqttProtocol first_protocol_;
};

}  // namespace b2m
