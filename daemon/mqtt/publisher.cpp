#include "daemon/mqtt/publisher.hpp"

#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "daemon/log/log.hpp"
#include "daemon/mqtt/topics.hpp"

namespace b2m {
namespace {

constexpr int info_qos = 1;

std::string dump(const nlohmann::json& json) {
  return json.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string presence_word(bool online) { return online ? "online" : "offline"; }

/// The readings that share a topic.
struct Group {
  std::string topic;
  PayloadFormat format;
  std::vector<Reading> readings = {};
};

/// In the order in which their first channel comes.
std::vector<Group> group_by_topic(const SensorConfig& sensor, std::span<const Channel> channels,
                                  const Measurement& measurement) {
  std::vector<Group> groups;
  for (const auto& reading : measurement.readings) {
    if (reading.channel >= channels.size()) continue;
    const auto& key = channels[reading.channel].key;
    auto topic = channel_topic(sensor, key);
    auto format = payload_format(sensor, channels, key);
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& row) { return row.topic == topic; });
    // A bare value has room for one channel.
    if (group == groups.end() || format.kind == PayloadKind::value)
      group = groups.insert(groups.end(), {std::move(topic), std::move(format)});
    group->readings.push_back(reading);
  }
  return groups;
}

}  // namespace

Publisher::Publisher(MessageSink& sink, std::string base_topic, PayloadContext context)
    : sink_(sink), base_(std::move(base_topic)), context_(std::move(context)) {}

void Publisher::change(std::string base_topic, PayloadContext context) {
  base_ = std::move(base_topic);
  context_ = std::move(context);
}

void Publisher::publish_group(const SensorConfig& sensor, std::span<const Channel> channels,
                              const Measurement& measurement, std::span<const Reading> readings,
                              const std::string& topic, const PayloadFormat& format) {
  auto encoded = encode(format, sensor.id, channels, measurement, readings, context_);
  if (!encoded.dropped.empty()) return sink_.count_dropped(std::string(encoded.dropped));
  log::debug({.device = sensor.id}, "reading for {}: {}", topic, encoded.payload);
  const auto& moment = measurement.moment;
  Message message{topic, std::move(encoded.payload), sensor.qos, sensor.retain};
  if (format.kind == PayloadKind::senml) message.content_type = ContentType::senml_json;
  sink_.publish_reading({.message = std::move(message),
                         .taken = {.wall = moment.wall,
                                   .monotonic = moment.monotonic,
                                   .synchronised = moment.synchronised,
                                   .spots = std::move(encoded.spots)}});
}

void Publisher::measurement(const SensorConfig& sensor, std::span<const Channel> channels,
                            const Measurement& measurement) {
  if (channels.empty() && sensor.payload)
    return publish_group(sensor, channels, measurement, {}, sensor.topic, *sensor.payload);
  for (const auto& group : group_by_topic(sensor, channels, measurement))
    publish_group(sensor, channels, measurement, group.readings, group.topic, group.format);
}

void Publisher::availability(const SensorConfig& sensor, bool online) {
  if (sensor.availability_topic.empty()) return;
  sink_.publish_state({sensor.availability_topic, presence_word(online), info_qos, true});
}

void Publisher::event(const SensorConfig& sensor, std::string_view event, const Moment& moment) {
  if (sensor.event_topic.empty()) return;
  auto payload = sensor.event_payload == PayloadKind::value ? std::string(event) : format_event(event, moment);
  sink_.publish_event({sensor.event_topic, std::move(payload), sensor.qos, false});
}

void Publisher::actuator_state(const ActuatorConfig& actuator, const ActuatorState& state) {
  sink_.publish_state({actuator.topic, format_state(state), actuator.qos, true});
}

void Publisher::actuator_availability(const ActuatorConfig& actuator, bool online) {
  sink_.publish_state({actuator_availability_topic(base_, actuator.id), presence_word(online), info_qos, true});
}

void Publisher::outcome(const ActuatorConfig& actuator, const Outcome& outcome, const Moment& moment,
                        const ReplyTo& reply) {
  if (actuator.ack)
    return answer(actuator.result_topic, actuator.qos, outcome.refusal ? actuator.ack->refused : actuator.ack->ok,
                  reply);
  answer(actuator.result_topic, actuator.qos, format_outcome(outcome, moment), reply);
}

void Publisher::outcome(const SensorConfig& sensor, const Outcome& outcome, const Moment& moment,
                        const ReplyTo& reply) {
  answer(sensor.result_topic, sensor.qos, format_outcome(outcome, moment), reply);
}

void Publisher::answer(const std::string& result_topic, int qos, std::string payload, const ReplyTo& reply) {
  const auto& topic = reply.response_topic.empty() ? result_topic : reply.response_topic;
  if (topic.empty()) return;
  Message message{topic, std::move(payload), qos, false};
  if (!reply.response_topic.empty()) message.correlation_data = reply.correlation_data;
  sink_.publish_event(std::move(message));
}

void Publisher::health(const HealthReport& report) {
  sink_.publish_state({base_ + "/health", dump(to_json(report)), info_qos, true});
}

void Publisher::info(const nlohmann::json& info) { sink_.publish_state({base_ + "/info", dump(info), info_qos, true}); }

void Publisher::config_status(const nlohmann::json& status) {
  sink_.publish_state({base_ + "/status/config", dump(status), info_qos, true});
}

void Publisher::response(std::string_view what, const nlohmann::json& answer, const ReplyTo& reply) {
  Message message{reply.response_topic, dump(answer), info_qos, false};
  if (message.topic.empty()) {
    message.topic = response_topic(what);
  } else {
    message.correlation_data = reply.correlation_data;
  }
  sink_.publish_event(std::move(message));
}

}  // namespace b2m
