// Whether a broker can be reached, without being its client.
#pragma once

#include <optional>
#include <string>

#include "daemon/config/model.hpp"
#include "daemon/mqtt/service_lookup.hpp"

namespace b2m {

/// A TCP connection to the broker, or to one of a service, can be made. Waits for the network: name resolution, and
/// three seconds for each address. Any thread but the loop.
[[nodiscard]] bool takes_connections(const BrokerUrl& broker, const std::optional<NameServer>& server = {});

/// A blocking TCP socket that is connected to the broker, which is no service; the caller closes it. Why there is none,
/// for people: "connection refused: nothing listens on port 1883". Waits and threads as above.
[[nodiscard]] Found<int> connected_socket(const BrokerUrl& broker);

/// Why connected_socket() gives none; empty when it gives one.
[[nodiscard]] std::string why_unreachable(const BrokerUrl& broker);

}  // namespace b2m
