// Trying brokers once, for `check --connect`.
#pragma once

#include <string>

#include "daemon/config/model.hpp"

namespace b2m {

struct BrokerTrial {
  bool reached = false;
  std::string words = {};  ///< what was found, or why not
};

/// Connects to one broker as the daemon would, but for the client id, which is extended by "-check" so that a running
/// daemon is not thrown out, and says nothing there. Waits for the network, at most ten seconds for each protocol
/// version that has to be tried. Needs a thread without an event loop of its own.
[[nodiscard]] BrokerTrial try_broker(MqttConfig mqtt, const BrokerUrl& broker);

}  // namespace b2m
