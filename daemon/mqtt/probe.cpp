#include "daemon/mqtt/probe.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config/broker_url.hpp"

namespace b2m {
namespace {

constexpr int patience_ms = 3000;

/// 0, or why not.
int connect_within_patience(int fd, const addrinfo& address) {
  if (connect(fd, address.ai_addr, address.ai_addrlen) == 0) return 0;
  if (errno != EINPROGRESS) return errno;
  pollfd waiting{fd, POLLOUT, 0};
  if (poll(&waiting, 1, patience_ms) != 1) return ETIMEDOUT;
  int error = 0;
  socklen_t size = sizeof error;
  return getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

tl::expected<int, int> connect_to(const addrinfo& address) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return tl::unexpected(errno);
  int error = connect_within_patience(fd, address);
  if (error == 0 && fcntl(fd, F_SETFL, 0) != 0) error = errno;
  if (error == 0) return fd;
  close(fd);
  return tl::unexpected(error);
}

std::string connect_words(int error, const BrokerUrl& broker) {
  switch (error) {
    case ECONNREFUSED: return fmt::format("connection refused: nothing listens on port {}", broker.port);
    case ETIMEDOUT:
      return fmt::format("{} does not answer: it is off, or a firewall drops what is for port {}", broker.host,
                         broker.port);
    case ENETUNREACH:
    case EHOSTUNREACH: return fmt::format("there is no way to {}: the network is down, or it is off", broker.host);
    default: return std::strerror(error);
  }
}

std::string lookup_words(int error, const BrokerUrl& broker) {
  switch (error) {
    case EAI_NONAME: return fmt::format("no host is called {}", broker.host);
    case EAI_AGAIN: return fmt::format("no name server answers for {}: is the network up?", broker.host);
    default: return fmt::format("{}: {}", broker.host, gai_strerror(error));
  }
}

bool host_takes_connections(const BrokerUrl& broker) { return why_unreachable(broker).empty(); }

}  // namespace

Found<int> connected_socket(const BrokerUrl& broker) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(broker.host.c_str(), std::to_string(broker.port).c_str(), &hints, &found);
  if (failed != 0) return tl::unexpected(lookup_words(failed, broker));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  int error = 0;
  for (const auto* address = found; address != nullptr; address = address->ai_next) {
    const auto fd = connect_to(*address);
    if (fd) return *fd;
    error = fd.error();
  }
  return tl::unexpected(connect_words(error, broker));
}

std::string why_unreachable(const BrokerUrl& broker) {
  const auto fd = connected_socket(broker);
  if (!fd) return fd.error();
  close(*fd);
  return {};
}

bool takes_connections(const BrokerUrl& broker, const std::optional<NameServer>& server) {
  if (!is_service(broker)) return host_takes_connections(broker);
  const auto hosts = look_up_service(broker, server);
  return hosts && std::any_of(hosts->begin(), hosts->end(), host_takes_connections);
}

}  // namespace b2m
