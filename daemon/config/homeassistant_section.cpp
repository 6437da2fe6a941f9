#include "daemon/config/homeassistant_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "daemon/config/keys.hpp"
#include "daemon/config/suggest.hpp"
#include "daemon/config/topic_rules.hpp"

namespace b2m {
namespace {

/// Where a key of a device stands: in its entry, or under `defaults`.
struct Spot {
  Place place;
  std::string pointer;
};

Spot spot_of(const ObjectReader& top, std::string_view section, const std::string& id, std::string_view key) {
  const auto* entry = object_or_empty(top, section).find(id);
  const auto* written = entry == nullptr ? nullptr : entry->value.find(key);
  if (written != nullptr) return {written->value.place, child_pointer(child_pointer(top.pointer(section), id), key)};
  if (const auto* everywhere = object_or_empty(top, "defaults").find(key))
    return {everywhere->value.place, child_pointer("/defaults", key)};
  return {entry == nullptr ? top.place(section) : entry->place, child_pointer(top.pointer(section), id)};
}

void warn_of_payloads(const ObjectReader& top, const Config& config, Diagnostics& diagnostics) {
  for (const auto& sensor : config.sensors) {
    const auto& driver = *sensor.driver.driver;
    if (!sensor.payload || !driver.payload_option.empty()) continue;
    if (sensor.payload->kind == PayloadKind::json || sensor.payload->kind == PayloadKind::value) continue;
    auto spot = spot_of(top, "sensors", sensor.id, "payload");
    diagnostics.warning(
        spot.place, std::move(spot.pointer),
        fmt::format("Home Assistant cannot read this payload; the channels of {} are not shown there", sensor.id),
        "it reads \"json\" and \"value\"");
  }
}

/// It publishes commands, and nothing can be published on a filter.
void warn_of_filters(const ObjectReader& top, const Config& config, Diagnostics& diagnostics) {
  for (const auto& actuator : config.actuators) {
    if (actuator.command_topic.empty() || actuator.has_plain_command_topic()) continue;
    auto spot = spot_of(top, "actuators", actuator.id, "command_topic");
    diagnostics.warning(
        spot.place, std::move(spot.pointer),
        fmt::format("Home Assistant cannot publish on {}; it shows the state of {} and does not command it",
                    in_quotes(actuator.command_topic), actuator.id),
        "a plain topic can be commanded");
  }
}

void warn_of_presence(const ObjectReader& top, const Config& config, Diagnostics& diagnostics) {
  if (config.mqtt.tells_presence()) return;
  diagnostics.warning(top.place("mqtt"), "/mqtt",
                      "Home Assistant cannot tell whether the gateway is there: it wants the birth and the will on one "
                      "topic, with different payloads",
                      "leave \"topic\" and \"payload\" of both out");
}

Checked<> check_light(const std::string& id, const ObjectReader& top, const Config& config) {
  const auto at = std::find_if(config.actuators.begin(), config.actuators.end(),
                               [&](const ActuatorConfig& actuator) { return actuator.id == id; });
  if (at == config.actuators.end()) {
    std::vector<std::string_view> ids;
    for (const auto& entry : object_or_empty(top, "actuators").members) ids.push_back(entry.key);
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) return {};  // wrong itself
    return refuse(fmt::format("there is no actuator {}", in_quotes(id)), did_you_mean(id, ids));
  }
  const auto& output = at->output();
  const bool percent = output.kind == ActuatorKind::range && output.range == Range{0, 100} && output.unit == "%";
  if (output.kind != ActuatorKind::on_off && !percent)
    return refuse(fmt::format("{} is neither switched nor dimmed in percent", id));
  return {};
}

}  // namespace

void read_homeassistant(const ObjectReader& top, LoadContext& context, Config& config) {
  if (!top.valid("homeassistant")) return;
  const ObjectReader reader(*top.nested("homeassistant"), "/homeassistant", keys::homeassistant(), context.diagnostics);
  HomeAssistantConfig section;
  section.prefix = fill_text(reader, "prefix", context.placeholders, check_base);
  auto placeholders = context.placeholders;
  placeholders["prefix"] = section.prefix.empty() ? "homeassistant" : section.prefix;
  section.status_topic = fill_text(reader, "status_topic", placeholders, check_topic);
  if (reader.valid("lights")) section.lights = reader.options().list("lights");
  for (const auto& id : section.lights)
    if (const auto checked = check_light(id, top, config); !checked)
      reader.error("lights", checked.error().message, checked.error().hint);
  warn_of_payloads(top, config, context.diagnostics);
  warn_of_filters(top, config, context.diagnostics);
  warn_of_presence(top, config, context.diagnostics);
  config.homeassistant = std::move(section);
}

}  // namespace b2m
