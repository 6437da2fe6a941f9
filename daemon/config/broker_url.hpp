// The address of a broker.
#pragma once

#include <string>
#include <string_view>

#include "daemon/config/diagnostics.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// "mqtts://[fe80::1]:8883", "wss://host/mqtt". Pure.
[[nodiscard]] Checked<BrokerUrl> parse_broker_url(std::string_view text);

/// The URL with its port. Pure.
[[nodiscard]] std::string to_string(const BrokerUrl& url);

}  // namespace b2m
