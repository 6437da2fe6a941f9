#include "daemon/app/health_reporter.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <string>

#include "daemon/app/version.hpp"
#include "daemon/flow/clock.hpp"

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

}  // namespace

HealthReporter::HealthReporter(EventLoop& loop, Devices& devices, const Session& session, Publisher& publisher)
    : devices_(devices), session_(session), publisher_(publisher), timer_(loop, [this] { start(); }) {}

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
  return report;
}

}  // namespace b2m
