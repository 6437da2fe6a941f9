#include "daemon/config/broker_url.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace b2m {
namespace {

struct Scheme {
  std::string_view name;
  BrokerScheme scheme;
  std::uint16_t port;
  bool websocket;
};

constexpr std::array schemes{
    Scheme{"mqtt", BrokerScheme::mqtt, 1883, false},
    Scheme{"mqtts", BrokerScheme::mqtts, 8883, false},
    Scheme{"ws", BrokerScheme::ws, 80, true},
    Scheme{"wss", BrokerScheme::wss, 443, true},
    Scheme{"mqtt+srv", BrokerScheme::mqtt_srv, 0, false},
    Scheme{"mqtts+srv", BrokerScheme::mqtts_srv, 0, false},
};

/// What other programs call the schemes.
constexpr std::array<std::pair<std::string_view, std::string_view>, 7> other_names{{
    {"tcp", "mqtt"},
    {"ssl", "mqtts"},
    {"tls", "mqtts"},
    {"tcps", "mqtts"},
    {"http", "ws"},
    {"https", "wss"},
    {"mqtt+ssl", "mqtts"},
}};

Checked<Scheme> parse_scheme(std::string_view name, std::string_view rest) {
  const auto at = std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& s) { return s.name == name; });
  if (at != schemes.end()) return *at;
  const auto other =
      std::find_if(other_names.begin(), other_names.end(), [&](const auto& o) { return o.first == name; });
  return refuse(
      fmt::format("{} is not a scheme for a broker (mqtt, mqtts, ws, wss, mqtt+srv, mqtts+srv)", in_quotes(name)),
      other != other_names.end() ? fmt::format("write \"{}://{}\"", other->second, rest) : std::string{});
}

bool is_host(std::string_view host, bool ipv6) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [&](char c) {
    const bool word =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    return word || (ipv6 && (c == ':' || c == '%'));
  });
}

bool is_ipv4(std::string_view host) { return host.find_first_not_of("0123456789.") == std::string_view::npos; }

Checked<std::uint16_t> parse_port(std::string_view text) {
  unsigned port = 0;
  const auto [end, ec] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (ec != std::errc{} || end != text.data() + text.size() || port < 1 || port > 65535)
    return refuse(fmt::format("{} is not a port (1 to 65535)", in_quotes(text)));
  return static_cast<std::uint16_t>(port);
}

}  // namespace

Checked<BrokerUrl> parse_broker_url(std::string_view text) {
  const auto colon = text.find("://");
  if (colon == std::string_view::npos)
    return refuse(fmt::format("{} is not the URL of a broker", in_quotes(text)),
                  fmt::format("write \"mqtt://{}\"", text));
  const auto rest = text.substr(colon + 3);
  const auto scheme = parse_scheme(text.substr(0, colon), rest);
  if (!scheme) return tl::unexpected(scheme.error());

  const auto slash = std::min(rest.find('/'), rest.size());
  auto authority = rest.substr(0, slash);
  BrokerUrl url{scheme->scheme, {}, scheme->port, std::string(rest.substr(slash))};
  if (authority.find('@') != std::string_view::npos)
    return refuse("a URL is no place for a password", "use \"username\" and \"password_file\"");
  const bool ipv6 = authority.starts_with('[');
  const auto host_end = ipv6 ? authority.find(']') : std::min(authority.find(':'), authority.size());
  if (host_end == std::string_view::npos) return refuse("a ] is missing after the address");
  url.host = authority.substr(ipv6 ? 1 : 0, host_end - (ipv6 ? 1 : 0));
  if (!is_host(url.host, ipv6))
    return refuse(fmt::format("{} is not the name or address of a host", in_quotes(url.host)));
  authority.remove_prefix(host_end + (ipv6 ? 1 : 0));
  if (!authority.empty()) {
    if (scheme->port == 0)
      return refuse("the port of a service comes from DNS", fmt::format("write \"{}://{}\"", scheme->name, url.host));
    if (authority.front() != ':') return refuse(fmt::format("{} does not belong after the host", in_quotes(authority)));
    const auto port = parse_port(authority.substr(1));
    if (!port) return tl::unexpected(port.error());
    url.port = *port;
  }
  if (scheme->port == 0 && (ipv6 || is_ipv4(url.host)))
    return refuse("a service is looked up below a domain, not below an address", "write \"mqtt://…\"");
  if (url.path == "/" && !scheme->websocket) url.path.clear();
  if (!url.path.empty() && !scheme->websocket) return refuse("a path belongs to ws:// and wss:// only");
  if (url.path.empty() && scheme->websocket) url.path = "/mqtt";
  return url;
}

std::string to_string(const BrokerUrl& url) {
  const auto at = std::find_if(schemes.begin(), schemes.end(), [&](const Scheme& s) { return s.scheme == url.scheme; });
  const bool ipv6 = url.host.find(':') != std::string::npos;
  if (at->port == 0) return fmt::format("{}://{}", at->name, url.host);
  return fmt::format("{}://{}{}{}:{}{}", at->name, ipv6 ? "[" : "", url.host, ipv6 ? "]" : "", url.port, url.path);
}

bool is_service(const BrokerUrl& url) noexcept {
  return url.scheme == BrokerScheme::mqtt_srv || url.scheme == BrokerScheme::mqtts_srv;
}

bool is_encrypted(const BrokerUrl& url) noexcept {
  return url.scheme == BrokerScheme::mqtts || url.scheme == BrokerScheme::wss || url.scheme == BrokerScheme::mqtts_srv;
}

}  // namespace b2m
