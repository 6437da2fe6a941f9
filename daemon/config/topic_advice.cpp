#include "daemon/config/topic_advice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

namespace b2m {
namespace {

/// Every topic to publish on and every filter, each once, in the order of the configuration.
std::vector<std::string_view> topics_of(const Config& config) {
  std::vector<std::string_view> topics;
  const auto add = [&](std::string_view topic) {
    if (!topic.empty() && std::find(topics.begin(), topics.end(), topic) == topics.end()) topics.push_back(topic);
  };
  add(config.mqtt.base_topic);
  add(config.mqtt.will.topic);
  add(config.mqtt.birth.topic);
  for (const auto& sensor : config.sensors) {
    add(sensor.topic);
    for (const auto& channel : sensor.channels) add(channel.topic);
  }
  for (const auto& actuator : config.actuators) {
    add(actuator.topic);
    add(actuator.command_topic);
    add(actuator.result_topic);
  }
  return topics;
}

}  // namespace

void warn_of_dots(const Config& config, const Place& place, Diagnostics& diagnostics) {
  auto topics = topics_of(config);
  std::erase_if(topics, [](std::string_view topic) { return topic.find('.') == std::string_view::npos; });
  if (topics.empty()) return;
  const auto others = topics.size() > 1 ? fmt::format(" and {} more", topics.size() - 1) : std::string();
  diagnostics.warning(place, "/mqtt",
                      fmt::format("{}{} {} a dot, which RabbitMQ turns into a slash", in_quotes(topics.front()), others,
                                  topics.size() > 1 ? "have" : "has"),
                      "with RabbitMQ use topics without dots; other brokers take them to the letter");
}

}  // namespace b2m
