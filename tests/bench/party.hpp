// A client for benchmarks: the gateway's own loop, session and Paho; and how what was measured is printed.
#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

#include "daemon/mqtt/paho_link.hpp"
#include "daemon/mqtt/session.hpp"

namespace b2m {

inline std::int64_t now_ns() { return SteadyClock::now().time_since_epoch().count(); }

/// Connected to a broker on the loopback interface once start() returns.
struct Party {
  EventLoop loop;
  PahoLink link{loop};
  Session session;
  Party(const std::string& id, std::uint16_t port) : session(loop, link, config(id, port), OutboxConfig{20'000}) {}
  static MqttConfig config(const std::string& id, std::uint16_t port) {
    MqttConfig config;
    config.brokers = {{.host = "127.0.0.1", .port = port}};
    config.client_id = id;
    config.will = {id + "/status", "offline"};
    config.birth = {id + "/status", "online"};
    return config;
  }
  void start() {
    session.start();
    while (!session.status().connected || session.status().inflight != 0) loop.run_once(std::chrono::milliseconds(10));
  }
};

inline void report(const char* what, std::vector<std::int64_t> ns) {
  if (ns.empty()) return;
  std::sort(ns.begin(), ns.end());
  const auto at = [&](double share) {
    return static_cast<double>(ns[static_cast<std::size_t>(share * static_cast<double>(ns.size() - 1))]) / 1e6;
  };
  const auto later_than = [&](std::chrono::nanoseconds limit) {
    return std::count_if(ns.begin(), ns.end(), [limit](std::int64_t value) { return value > limit.count(); });
  };
  fmt::print("{}: {} samples, p50 {:.2f} ms, p99 {:.2f} ms, max {:.2f} ms, {} over 20 ms, {} over 100 ms\n", what,
             ns.size(), at(0.5), at(0.99), at(1), later_than(std::chrono::milliseconds(20)),
             later_than(std::chrono::milliseconds(100)));
}

}  // namespace b2m
