// From the name of a service to the hosts that offer it: DNS SRV, RFC 2782.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "daemon/config/model.hpp"

namespace b2m {

struct ServiceRecord {
  std::uint16_t priority = 0;  ///< the lowest is tried first
  std::uint16_t weight = 0;    ///< share among those of one priority
  std::uint16_t port = 0;
  std::string target = {};
  friend bool operator==(const ServiceRecord&, const ServiceRecord&) = default;
};

/// What was found, or why not in words.
template <class T>
using Found = tl::expected<T, std::string>;

/// The SRV records of an answer as it came from the network; at most 32, what is no host name is left out. Pure.
[[nodiscard]] Found<std::vector<ServiceRecord>> parse_service_answer(std::span<const std::uint8_t> answer);

/// In the order to try them: by priority, within one at random by weight. `random(n)` gives 0 to n. Pure.
[[nodiscard]] std::vector<ServiceRecord> in_order(std::vector<ServiceRecord> records,
                                                  const std::function<std::uint32_t(std::uint32_t)>& random);

/// A resolver's IPv4 address and port, in place of those of /etc/resolv.conf.
struct NameServer {
  std::string address;
  std::uint16_t port = 53;
};

/// The brokers behind "mqtt+srv://domain" (_mqtt._tcp.domain) or "mqtts+srv://domain" (_secure-mqtt._tcp.domain), in
/// the order to try them. Behind the latter only hosts of the domain itself count: whoever can forge an answer could
/// else name a host of their own, which has a certificate of its own. Waits for the network, some seconds at most. Any
/// thread but the loop.
[[nodiscard]] Found<std::vector<BrokerUrl>> look_up_service(const BrokerUrl& service,
                                                            const std::optional<NameServer>& server = {});

}  // namespace b2m
