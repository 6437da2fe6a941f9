// The address of a broker.
#pragma once

#include <string>
#include <string_view>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// "mqtts://[fe80::1]:8883", "wss://host/mqtt", "mqtt+srv://example.org". Pure.
[[nodiscard]] Checked<BrokerUrl> parse_broker_url(std::string_view text);

/// The URL with its port. Pure.
[[nodiscard]] std::string to_string(const BrokerUrl& url);

/// It names a service, behind which DNS has hosts and ports. Pure.
[[nodiscard]] bool is_service(const BrokerUrl& url) noexcept;
/// TLS is spoken with it. Pure.
[[nodiscard]] bool is_encrypted(const BrokerUrl& url) noexcept;

}  // namespace b2m
