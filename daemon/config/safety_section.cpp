#include "daemon/config/safety_section.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/config/keys.hpp"
#include "daemon/config/suggest.hpp"

namespace b2m {
namespace {

using std::chrono::nanoseconds;

nanoseconds duration_or_none(const ObjectReader& reader, std::string_view key) {
  return reader.valid(key) ? reader.options().duration(key) : nanoseconds::zero();
}

InitialState initial_of(const std::string& text) {
  if (text == "on") return InitialState::on;
  if (text == "keep") return InitialState::keep;
  return text == "restore" ? InitialState::restore : InitialState::off;
}

ExitState exit_of(const std::string& text) {
  if (text == "on") return ExitState::on;
  return text == "off" ? ExitState::off : ExitState::keep;
}

std::optional<BrokerLost> read_broker_lost(const ObjectReader& actuator, Diagnostics& diagnostics) {
  const auto* node = actuator.nested("on_broker_lost");
  if (node == nullptr) return std::nullopt;
  const ObjectReader reader(*node, actuator.pointer("on_broker_lost"), keys::broker_lost(), diagnostics);
  return BrokerLost{reader.options().duration("after"), reader.options().text("state") == "on"};
}

std::optional<AckPayloads> read_ack(const ObjectReader& actuator, Diagnostics& diagnostics) {
  const auto* node = actuator.nested("ack");
  if (node == nullptr) return std::nullopt;
  const ObjectReader reader(*node, actuator.pointer("ack"), keys::ack(), diagnostics);
  return AckPayloads{reader.text_or("ok"), reader.text_or("refused")};
}

void check_times(const ObjectReader& reader, const ActuatorConfig& actuator) {
  if (actuator.max_on.count() != 0 && actuator.min_on > actuator.max_on)
    reader.error("min_on", fmt::format("is longer than max_on ({})", format_duration(actuator.max_on)),
                 "an output must be allowed to go off before it has to");
  if (actuator.driver.driver->output.kind != ActuatorKind::text) return;
  for (const std::string_view key : {"max_on", "min_on", "min_off", "interlock"})
    if (reader.given(key)) reader.error(key, fmt::format("a {} shows text and is never on", actuator.driver.name()));
  if (actuator.initial == InitialState::on)
    reader.error("initial", fmt::format("a {} shows text and is never on", actuator.driver.name()));
  if (actuator.on_exit == ExitState::on)
    reader.error("on_exit", fmt::format("a {} shows text and is never on", actuator.driver.name()));
  if (actuator.on_broker_lost && actuator.on_broker_lost->on)
    reader.error("on_broker_lost", fmt::format("a {} shows text and is never on", actuator.driver.name()));
}

const ActuatorConfig* find(const Config& config, std::string_view id) {
  const auto at = std::find_if(config.actuators.begin(), config.actuators.end(),
                               [&](const ActuatorConfig& actuator) { return actuator.id == id; });
  return at == config.actuators.end() ? nullptr : &*at;
}

/// Everything that can be on at the same time by configuration alone.
void check_pair(const ActuatorConfig& actuator, const ActuatorConfig& partner, const Place& place,
                const std::string& pointer, Diagnostics& diagnostics) {
  if (actuator.initial == InitialState::on && partner.initial == InitialState::on)
    diagnostics.error(place, pointer, fmt::format("{} has \"initial\": \"on\", too", partner.id),
                      "only one of them can be on at the start");
  if (actuator.on_exit == ExitState::on && partner.on_exit == ExitState::on)
    diagnostics.error(place, pointer, fmt::format("{} has \"on_exit\": \"on\", too", partner.id),
                      "only one of them can be on at the end");
  if (actuator.on_broker_lost && actuator.on_broker_lost->on && partner.on_broker_lost && partner.on_broker_lost->on)
    diagnostics.error(place, pointer, fmt::format("{} goes on when the broker is lost, too", partner.id),
                      "only one of them can be on then");
}

}  // namespace

void read_safety(const ObjectReader& reader, LoadContext& context, ActuatorConfig& actuator) {
  actuator.ack = read_ack(reader, context.diagnostics);
  actuator.max_command_age = duration_or_none(reader, "max_command_age");
  actuator.accept_retained = reader.options().flag("accept_retained");
  if (actuator.driver.driver->group) return;  // its members have limits
  actuator.initial = initial_of(reader.options().text("initial"));
  actuator.on_exit = exit_of(reader.options().text("on_exit"));
  actuator.on_broker_lost = read_broker_lost(reader, context.diagnostics);
  actuator.max_on = duration_or_none(reader, "max_on");
  actuator.min_on = duration_or_none(reader, "min_on");
  actuator.min_off = duration_or_none(reader, "min_off");
  if (reader.valid("interlock")) actuator.interlock = reader.options().list("interlock");
  check_times(reader, actuator);
}

void check_interlocks(const Node& actuators, const Config& config, Diagnostics& diagnostics) {
  std::vector<std::string_view> ids;
  for (const auto& member : actuators.members) ids.push_back(member.key);
  for (const auto& actuator : config.actuators) {
    const auto* entry = actuators.find(actuator.id);
    const auto* written = entry == nullptr ? nullptr : entry->value.find("interlock");
    const auto place = written == nullptr ? Place() : written->value.place;
    const auto pointer = child_pointer(child_pointer("/actuators", actuator.id), "interlock");
    for (const auto& partner : actuator.interlock) {
      if (partner == actuator.id) {
        diagnostics.error(place, pointer, "an actuator cannot be interlocked with itself");
      } else if (std::find(ids.begin(), ids.end(), partner) == ids.end()) {
        diagnostics.error(place, pointer, fmt::format("there is no actuator {}", in_quotes(partner)),
                          did_you_mean(partner, ids));
      } else if (const auto* other = find(config, partner); other != nullptr && other->driver.driver->group) {
        diagnostics.error(place, pointer, fmt::format("{} is a group", partner), "name its members");
      } else if (other != nullptr) {
        check_pair(actuator, *other, place, pointer, diagnostics);
      }
    }
  }
}

}  // namespace b2m
