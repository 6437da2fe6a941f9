#include "daemon/app/reloader.hpp"

#include <fmt/format.h>
#include <systemd/sd-daemon.h>

#include <chrono>
#include <utility>

#include "daemon/app/make_board.hpp"
#include "daemon/log/log.hpp"

namespace b2m {
namespace {

std::vector<std::string> lines_of(const Diagnostics& diagnostics) {
  std::vector<std::string> lines;
  for (const auto& diagnostic : diagnostics.all()) lines.push_back(to_string(diagnostic));
  if (diagnostics.unlisted() != 0) lines.push_back(fmt::format("and {} more", diagnostics.unlisted()));
  return lines;
}

/// sd_notify(3): a service says since when it reloads on CLOCK_MONOTONIC, and is ready again when it has.
void tell_reloading() {
  const auto now = std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now().time_since_epoch());
  sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%lld\nSTATUS=loading the configuration again",
             static_cast<long long>(now.count()));
}

void tell_ready(const Config& config, bool accepted) {
  sd_notifyf(0, "READY=1\nSTATUS=%s%s", inventory(config).c_str(),
             accepted ? "" : "; the new configuration was refused, this is the one before");
}

}  // namespace

std::string inventory(const Config& config) {
  const auto plural = [](std::size_t count) { return count == 1 ? "" : "s"; };
  return fmt::format("{} sensor{}, {} actuator{}", config.sensors.size(), plural(config.sensors.size()),
                     config.actuators.size(), plural(config.actuators.size()));
}

ReloadReport Reloader::reload() {
  if (gateway_.stopping()) return {.diagnostics = {"error: the daemon is stopping"}};
  tell_reloading();
  auto report = load_and_change();
  gateway_.tell(report);
  tell_ready(gateway_.config(), report.accepted);
  return report;
}

ReloadReport Reloader::load_and_change() {
  auto loaded = load_();
  ReloadReport report{.accepted = loaded.config.has_value(), .diagnostics = lines_of(loaded.diagnostics)};
  if (loaded.config) {
    equip(*board_, *loaded.config);
    for (auto& late : gateway_.change(std::move(*loaded.config))) report.diagnostics.push_back(std::move(late));
  }
  for (const auto& line : report.diagnostics)
    log::write(report.accepted ? log::Level::warning : log::Level::error, {.error = "configuration"}, line);
  if (report.accepted) {
    log::notice({.message_id = log::id_reloaded}, "the configuration was loaded again: {}",
                inventory(gateway_.config()));
  } else {
    log::error({.error = "configuration", .message_id = log::id_reload_refused},
               "the new configuration is refused; the one before stays in use");
  }
  return report;
}

}  // namespace b2m
