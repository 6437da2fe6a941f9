#include "daemon/mqtt/router.hpp"

#include <algorithm>

#include "daemon/mqtt/topics.hpp"

namespace b2m {

Router::Router(std::span<const ActuatorConfig> actuators, std::span<const SensorConfig> sensors) {
  constexpr std::string_view set_level = "/set";
  for (std::size_t i = 0; i < actuators.size(); ++i) {
    const std::string& filter = actuators[i].command_topic;
    if (filter.empty()) continue;
    const int qos = actuators[i].qos;
    entries_.push_back({filter, {Route::To::actuator, i, CommandForm::set}, qos});
    if (filter.size() <= set_level.size() ||
        filter.compare(filter.size() - set_level.size(), set_level.size(), set_level) != 0)
      continue;
    entries_.push_back({filter + "_on_ms", {Route::To::actuator, i, CommandForm::set_on_ms}, qos});
    entries_.push_back({filter + "_off_ms", {Route::To::actuator, i, CommandForm::set_off_ms}, qos});
  }
  for (std::size_t i = 0; i < sensors.size(); ++i)
    if (!sensors[i].command_topic.empty())
      entries_.push_back({sensors[i].command_topic, {Route::To::sensor, i}, sensors[i].qos});
}

std::optional<Route> Router::route(std::string_view topic) const {
  for (const auto& entry : entries_)
    if (topic_matches(bare_filter(entry.filter), topic)) return entry.route;
  return std::nullopt;
}

std::vector<Subscription> Router::subscriptions() const {
  std::vector<Subscription> result;
  for (const auto& entry : entries_) {
    const auto same =
        std::find_if(result.begin(), result.end(), [&](const auto& known) { return known.filter == entry.filter; });
    if (same != result.end()) {
      same->qos = std::max(same->qos, entry.qos);
    } else {
      result.push_back({entry.filter, entry.qos, !is_shared(entry.filter)});
    }
  }
  return result;
}

}  // namespace b2m
