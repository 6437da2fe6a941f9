#include "daemon/flow/display_runner.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace b2m {

DisplayRunner::DisplayRunner(EventLoop& loop, std::span<const ActuatorConfig> actuators, Show show)
    : show_(std::move(show)), timer_(loop, [this] { look(); }) {
  change(actuators, {});
}

void DisplayRunner::change(std::span<const ActuatorConfig> actuators, const std::set<std::string, std::less<>>& ended) {
  for (const auto& id : ended) displays_.erase(id);
  for (const auto& actuator : actuators)
    if (!actuator.text_lines.empty()) displays_.try_emplace(actuator.id, actuator.text_lines, actuator.refresh);
}

void DisplayRunner::forget(std::string_view sensor) {
  for (auto& [id, feed] : displays_) feed.lost(sensor);
}

void DisplayRunner::stop() {
  stopped_ = true;
  timer_.cancel();
}

void DisplayRunner::measured(const SensorConfig& sensor, std::span<const Channel> channels,
                             const Measurement& measurement) {
  if (displays_.empty()) return;
  const auto age = std::chrono::duration_cast<SteadyClock::duration>(sensor.expire_after);
  const auto until = age.count() == 0 ? SteadyTime::max() : measurement.moment.monotonic + age;
  for (const auto& reading : measurement.readings) {
    if (reading.channel >= channels.size()) continue;
    const auto& channel = channels[reading.channel];
    ShownValue value{.quantity = channel.quantity, .until = until};
    if (reading.value) value.si = *reading.value;
    const auto field = sensor.id + "." + channel.key;
    for (auto& [id, feed] : displays_) feed.reading(field, value);
  }
  look();
}

void DisplayRunner::online(const SensorConfig& sensor, bool online) {
  if (online || displays_.empty()) return;
  forget(sensor.id);
  look();
}

void DisplayRunner::look() {
  if (stopped_) return;
  const auto now = SteadyClock::now();
  std::optional<SteadyTime> next;
  for (auto& [id, feed] : displays_) {
    if (const auto text = feed.update(now)) show_(id, *text);
    if (const auto due = feed.due()) next = std::min(next.value_or(SteadyTime::max()), *due);
  }
  if (next) {
    timer_.arm(std::max(*next, now));
  } else {
    timer_.cancel();
  }
}

}  // namespace b2m
