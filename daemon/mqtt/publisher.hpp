// Turns values into messages and hands them to the sink: what goes where, how, at which QoS, retained or not.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "daemon/config/model.hpp"
#include "daemon/flow/command.hpp"
#include "daemon/flow/reading.hpp"
#include "daemon/mqtt/health.hpp"
#include "daemon/mqtt/message.hpp"
#include "daemon/mqtt/payload.hpp"
#include "drivers/api/channel.hpp"

namespace b2m {

/// Where an MQTT 5 request wants its answer; empty for none.
struct ReplyTo {
  std::string response_topic = {};
  std::string correlation_data = {};
};

/// Loop only.
class Publisher {
 public:
  /// `sink` outlives the publisher.
  Publisher(MessageSink& sink, std::string base_topic, PayloadContext context);

  /// Another configuration: where the gateway's own topics are, and what payloads are told of it.
  void change(std::string base_topic, PayloadContext context);

  /// One message for each topic the readings go to. A measurement without readings says nothing, except that of a
  /// sensor without channels, whose text is all there is.
  void measurement(const SensorConfig& sensor, std::span<const Channel> channels, const Measurement& measurement);
  void availability(const SensorConfig& sensor, bool online);
  /// Something that happened, as Home Assistant's `event` takes it; never retained, and of no use later: dropped and
  /// counted while there is no broker.
  void event(const SensorConfig& sensor, std::string_view event, const Moment& moment);
  void actuator_state(const ActuatorConfig& actuator, const ActuatorState& state);
  /// {base}/{actuator}/availability.
  void actuator_availability(const ActuatorConfig& actuator, bool online);
  /// To the reply's topic when there is one, else to the actuator's result topic.
  void outcome(const ActuatorConfig& actuator, const Outcome& outcome, const Moment& moment, const ReplyTo& reply = {});
  /// Of a command to set the sensor's total.
  void outcome(const SensorConfig& sensor, const Outcome& outcome, const Moment& moment, const ReplyTo& reply = {});
  void health(const HealthReport& report);
  void info(const nlohmann::json& info);
  /// {base}/status/config: what became of the newest attempt to load a configuration.
  void config_status(const nlohmann::json& status);
  /// The answer to {base}/request/{what}, as an event on {base}/response/{what} or the reply's topic.
  void response(std::string_view what, const nlohmann::json& answer, const ReplyTo& reply = {});
  /// Where response() goes without a reply's topic.
  [[nodiscard]] std::string response_topic(std::string_view what) const {
    return base_ + "/response/" + std::string(what);
  }

 private:
  void answer(const std::string& result_topic, int qos, std::string payload, const ReplyTo& reply);
  void publish_group(const SensorConfig& sensor, std::span<const Channel> channels, const Measurement& measurement,
                     std::span<const Reading> readings, const std::string& topic, const PayloadFormat& format);

  MessageSink& sink_;
  std::string base_;
  PayloadContext context_;
};

}  // namespace b2m
