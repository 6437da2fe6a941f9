#include "daemon/mqtt/socket_tuning.hpp"

#include <arpa/inet.h>
#include <dirent.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <charconv>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>

namespace b2m {
namespace {

struct Peer {
  std::uint16_t port;
  bool near;
};

/// Loopback, RFC 1918, link-local.
bool is_near(std::uint32_t ipv4) {
  return (ipv4 >> 24U) == 127 || (ipv4 >> 24U) == 10 || (ipv4 >> 20U) == 0xac1 || (ipv4 >> 16U) == 0xc0a8 ||
         (ipv4 >> 16U) == 0xa9fe;
}

bool is_near(const in6_addr& ipv6) {
  if (IN6_IS_ADDR_V4MAPPED(&ipv6)) {
    std::uint32_t embedded = 0;
    std::memcpy(&embedded, &ipv6.s6_addr[12], sizeof embedded);
    return is_near(ntohl(embedded));
  }
  return IN6_IS_ADDR_LOOPBACK(&ipv6) || IN6_IS_ADDR_LINKLOCAL(&ipv6) || (ipv6.s6_addr[0] & 0xfeU) == 0xfc;  // RFC 4193
}

/// The peer of a connected TCP socket; none for any other descriptor.
std::optional<Peer> tcp_peer(int fd) {
  int type = 0;
  socklen_t size = sizeof type;
  if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) != 0 || type != SOCK_STREAM) return std::nullopt;
  sockaddr_storage address{};
  size = sizeof address;
  void* const raw = &address;
  if (getpeername(fd, static_cast<sockaddr*>(raw), &size) != 0) return std::nullopt;
  if (address.ss_family == AF_INET) {
    const auto* ipv4 = static_cast<const sockaddr_in*>(raw);
    return Peer{ntohs(ipv4->sin_port), is_near(ntohl(ipv4->sin_addr.s_addr))};
  }
  if (address.ss_family != AF_INET6) return std::nullopt;
  const auto* ipv6 = static_cast<const sockaddr_in6*>(raw);
  return Peer{ntohs(ipv6->sin6_port), is_near(ipv6->sin6_addr)};
}

}  // namespace

TunedSockets tune_sockets(std::uint16_t port) {
  TunedSockets tuned;
  const auto close_directory = [](DIR* directory) { closedir(directory); };
  const std::unique_ptr<DIR, decltype(close_directory)> directory(opendir("/proc/self/fd"), close_directory);
  if (!directory) return tuned;
  while (const dirent* entry = readdir(directory.get())) {
    const std::string_view name(entry->d_name);
    int fd = -1;
    if (std::from_chars(name.data(), name.data() + name.size(), fd).ec != std::errc()) continue;
    const auto peer = tcp_peer(fd);
    if (!peer || peer->port != port) continue;
    const int on = 1;
    if (setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) continue;
    ++tuned.count;
    tuned.near = tuned.near || peer->near;
  }
  return tuned;
}

}  // namespace b2m
