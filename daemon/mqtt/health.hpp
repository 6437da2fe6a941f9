// What the gateway tells of its own well-being every minute.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "daemon/flow/reading.hpp"
#include "daemon/mqtt/session.hpp"

namespace b2m {

struct HealthReport {
  struct Sensor {
    std::string id;
    std::string state = {};  ///< of its device: "ready", "failing" …
    std::uint64_t good = 0;
    std::uint64_t failed = 0;
    std::string error = {};        ///< the present one; empty while it works
    std::uint64_t lost_edges = 0;  ///< that the kernel had to drop
  };
  struct Actuator {
    std::string id;
    std::string state = {};   ///< of its device
    std::string output = {};  ///< the state reached; empty before the first
    std::string cause = {};   ///< what made it so
    std::string error = {};
  };
  struct Rule {
    std::string name;
    std::string state;  ///< "then", "else", "undecided"
    std::string why = {};
    std::uint64_t fired = 0;
  };
  WallTime time = {};
  std::chrono::seconds uptime{0};
  std::string version = {};
  LinkStatus link = {};
  std::vector<Sensor> sensors = {};
  std::vector<Actuator> actuators = {};
  std::vector<Rule> rules = {};
  std::chrono::nanoseconds loop_delay{0};  ///< the longest since the last report
  std::uint64_t memory_bytes = 0;          ///< resident
  bool clock_synchronised = true;
};

/// As published on {base}/health. Pure.
[[nodiscard]] nlohmann::json to_json(const HealthReport& report);
[[nodiscard]] nlohmann::json to_json(const LinkStatus& link);

}  // namespace b2m
