// Conditions of rules: {"when": "climate.temperature", "above": 30}.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/load_context.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// Whether a condition, or a part of it, is an event. Pure.
[[nodiscard]] bool has_event(const Condition& condition);

/// Lives during one load().
class ConditionReader {
 public:
  /// `top` and `config`, with its sensors and actuators, outlive it.
  ConditionReader(const ObjectReader& top, Diagnostics& diagnostics, const Config& config)
      : diagnostics_(diagnostics),
        config_(config),
        sensors_(object_or_empty(top, "sensors")),
        actuators_(object_or_empty(top, "actuators")) {}

  /// The condition of a rule or of an entry of all and any. What is wrong is reported.
  [[nodiscard]] Condition read(const ObjectReader& reader);

 private:
  void read_when(const ObjectReader& reader, std::vector<Condition>& parts);
  void read_between(const ObjectReader& reader, std::vector<Condition>& parts);
  void read_parts(const ObjectReader& reader, std::string_view key, ConditionKind kind, std::vector<Condition>& parts);
  bool read_question(const ObjectReader& reader, Condition& condition);
  bool read_is(const ObjectReader& reader, Condition& condition);
  void check_sensor(const ObjectReader& reader, const SensorConfig& sensor, Condition& condition);
  void check_event(const ObjectReader& reader, const SensorConfig& sensor, const Condition& condition);
  void check_channel(const ObjectReader& reader, const SensorConfig& sensor, const Condition& condition);
  void check_quantity(const ObjectReader& reader, const Condition& condition, const ChannelSpec& channel);
  void check_actuator(const ObjectReader& reader, const ActuatorConfig& actuator, const Condition& condition);
  void report_unknown(const ObjectReader& reader, std::string_view id) const;

  Diagnostics& diagnostics_;
  const Config& config_;
  const Node& sensors_;
  const Node& actuators_;
};

}  // namespace b2m
