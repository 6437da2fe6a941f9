#include "daemon/mqtt/probe.hpp"

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>
#include <vector>

#include "daemon/config/broker_url.hpp"

namespace b2m {
namespace {

constexpr int patience_ms = 3000;

bool becomes_connected(int fd, const addrinfo& address) {
  if (connect(fd, address.ai_addr, address.ai_addrlen) == 0) return true;
  if (errno != EINPROGRESS) return false;
  pollfd waiting{fd, POLLOUT, 0};
  int error = 0;
  socklen_t size = sizeof error;
  return poll(&waiting, 1, patience_ms) == 1 && getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

int connect_to(const addrinfo& address) {
  const int fd = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -1;
  if (becomes_connected(fd, address) && fcntl(fd, F_SETFL, 0) == 0) return fd;
  close(fd);
  return -1;
}

bool host_takes_connections(const BrokerUrl& broker) {
  const int fd = connected_socket(broker);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

}  // namespace

int connected_socket(const BrokerUrl& broker) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  if (getaddrinfo(broker.host.c_str(), std::to_string(broker.port).c_str(), &hints, &found) != 0) return -1;
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> addresses(found, freeaddrinfo);
  for (const auto* address = found; address != nullptr; address = address->ai_next)
    if (const int fd = connect_to(*address); fd >= 0) return fd;
  return -1;
}

bool takes_connections(const BrokerUrl& broker, const std::optional<NameServer>& server) {
  if (!is_service(broker)) return host_takes_connections(broker);
  const auto hosts = look_up_service(broker, server);
  return hosts && std::any_of(hosts->begin(), hosts->end(), host_takes_connections);
}

}  // namespace b2m
