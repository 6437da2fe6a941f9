#include "daemon/app/health_reporter.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "daemon/app/version.hpp"
#include "daemon/flow/clock.hpp"
#include "daemon/mqtt/payload.hpp"

namespace b2m {
namespace {

/// Resident memory of this process, from proc_pid_statm(5).
std::uint64_t resident_bytes() {
  std::ifstream statm("/proc/self/statm");
  std::uint64_t total_pages = 0;
  std::uint64_t resident_pages = 0;
  statm >> total_pages >> resident_pages;
  return resident_pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

template <class Device>
HealthReport::Sensor sensor_report(const Device& device) {
  const auto& error = device.last_error();
  return {.id = device.config().id,
          .state = std::string(name(device.state())),
          .good = device.counters().good,
          .failed = device.counters().failed,
          .error = error ? std::string(name(error->code)) : std::string()};
}

HealthReport::Actuator actuator_report(const Commanded& device) {
  const auto& error = device.last_error();
  HealthReport::Actuator report{.id = device.config().id,
                                .state = std::string(name(device.device_state())),
                                .error = error ? std::string(name(error->code)) : std::string()};
  if (device.state()) {
    report.output = format_state(*device.state());
    report.cause = std::string(name(device.cause()));
  }
  return report;
}

HealthReport::Rule rule_report(const Rules& rules, std::size_t index) {
  const auto& status = rules.status(index);
  const auto state = [&] {
    switch (status.branch) {
      case Rules::Branch::then: return "then";
      case Rules::Branch::otherwise: return "else";
      case Rules::Branch::undecided: break;
    }
    return "undecided";
  };
  return {rules.rules()[index].name, state(), status.why, status.fired};
}

}  // namespace

HealthReporter::HealthReporter(EventLoop& loop, Devices& devices, const RuleRunner& rules, const Session& session,
                               Publisher& publisher)
    : devices_(devices), rules_(rules), session_(session), publisher_(publisher), timer_(loop, [this] { start(); }) {}

void HealthReporter::start() {
  timer_.arm_after(interval);
  publish();
}

void HealthReporter::publish() { publisher_.health(report()); }

HealthReport HealthReporter::report() {
  HealthReport report{.time = WallClock::now(),
                      .uptime = std::chrono::duration_cast<std::chrono::seconds>(SteadyClock::now() - started_),
                      .version = std::string(version()),
                      .link = session_.status(),
                      .memory_bytes = resident_bytes(),
                      .clock_synchronised = clock_synchronised()};
  for (const auto& device : devices_.sensors()) {
    report.sensors.push_back(sensor_report(*device));
    report.loop_delay = std::max<std::chrono::nanoseconds>(report.loop_delay, device->take_delay());
  }
  for (const auto& device : devices_.edges()) {
    report.sensors.push_back(sensor_report(*device));
    report.sensors.back().lost_edges = device->lost_edges();
  }
  for (const auto& device : devices_.computed()) report.sensors.push_back(sensor_report(*device));
  for (const auto& device : devices_.actuators()) report.actuators.push_back(actuator_report(*device));
  for (std::size_t i = 0; i < rules_.rules().rules().size(); ++i)
    report.rules.push_back(rule_report(rules_.rules(), i));
  return report;
}

}  // namespace b2m
