// The gateway's report on itself, every minute and whenever it is asked for.
#pragma once

#include <chrono>

#include "daemon/app/devices.hpp"
#include "daemon/flow/rule_runner.hpp"
#include "daemon/mqtt/health.hpp"
#include "daemon/mqtt/publisher.hpp"

namespace b2m {

/// Loop only.
class HealthReporter {
 public:
  /// All outlive it.
  HealthReporter(EventLoop& loop, Devices& devices, const RuleRunner& rules, const Session& session,
                 Publisher& publisher);

  /// Publishes now and from then on every minute.
  void start();
  void publish();
  [[nodiscard]] HealthReport report();

 private:
  static constexpr std::chrono::seconds interval{60};

  Devices& devices_;
  const RuleRunner& rules_;
  const Session& session_;
  Publisher& publisher_;
  SteadyTime started_ = SteadyClock::now();
  Timer timer_;
};

}  // namespace b2m
