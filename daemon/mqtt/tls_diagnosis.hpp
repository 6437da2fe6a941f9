// Why a TLS connection to a broker fails.
#pragma once

#include <string>

#include "daemon/config/model.hpp"

namespace b2m {

/// Does the handshake once more without the MQTT library, whose own report of TLS errors crashes (Eclipse Paho
/// C++ 1.2.0), and says what is wrong: "TLS: certificate has expired", or what is wrong with the connection below it.
/// Empty when nothing is.
/// Waits for the network, some ten seconds at most. Any thread but the loop.
[[nodiscard]] std::string diagnose_tls(const BrokerUrl& broker, const TlsConfig& tls);

}  // namespace b2m
