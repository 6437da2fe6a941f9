// Which broker and which protocol version to try next.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/config/model.hpp"

namespace b2m {

/// Walks the list of brokers in order and, for `automatic`, the versions from 5 down to 3.1 at each. What worked is
/// kept for the broker it worked with. Pure. Loop only.
class AttemptPlan {
 public:
  AttemptPlan(std::vector<BrokerUrl> brokers, MqttProtocol protocol);

  [[nodiscard]] const BrokerUrl& broker() const { return brokers_.at(current_).url; }
  [[nodiscard]] MqttProtocol protocol() const { return brokers_.at(current_).protocol; }

  void succeeded();
  /// What follows a failed attempt: at once with a lower version, at once with the next broker, or after a pause with
  /// the first.
  enum class Next : std::uint8_t { lower_version, next_broker, pause };
  /// `code` and `closed_bare` as in link_event::ConnectFailed.
  Next failed(std::optional<int> code, bool closed_bare);

 private:
  struct Broker {
    BrokerUrl url;
    MqttProtocol protocol;
    bool proven = false;  ///< this version has worked here
    int bare_closes = 0;  ///< since it worked
  };
  std::vector<Broker> brokers_;
  std::size_t current_ = 0;
  std::size_t tried_ = 0;  ///< brokers since the last pause
  bool automatic_;
};

}  // namespace b2m
