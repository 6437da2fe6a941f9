// What the MQTT library does not let one set on its socket.
#pragma once

#include <cstdint>

namespace b2m {

struct TunedSockets {
  int count = 0;      ///< sockets whose peer is the broker's port
  bool near = false;  ///< the peer is this machine or in its private network
};

/// Finds this process's TCP connections to `port` and switches Nagle's algorithm off. Without, a small message waits
/// for the acknowledgement of the one before: 40 ms and more a command. Any thread.
TunedSockets tune_sockets(std::uint16_t port);

}  // namespace b2m
