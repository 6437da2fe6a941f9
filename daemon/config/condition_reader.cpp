#include "daemon/config/condition_reader.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/config/channel_names.hpp"
#include "daemon/config/keys.hpp"
#include "daemon/config/suggest.hpp"

namespace b2m {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// "07:00"; none for what is no time of day.
std::optional<minutes> parse_time_of_day(std::string_view text) {
  const auto digit = [&](std::size_t at) { return text[at] >= '0' && text[at] <= '9'; };
  if (text.size() != 5 || text[2] != ':' || !digit(0) || !digit(1) || !digit(3) || !digit(4)) return std::nullopt;
  const auto number = [&](std::size_t at) { return (text[at] - '0') * 10 + (text[at + 1] - '0'); };
  if (number(0) > 23 || number(3) > 59) return std::nullopt;
  return hours(number(0)) + minutes(number(3));
}

template <class Configs>
auto* find(const Configs& configs, std::string_view id) {
  const auto at = std::find_if(configs.begin(), configs.end(), [&](const auto& config) { return config.id == id; });
  return at == configs.end() ? nullptr : &*at;
}

}  // namespace

bool has_event(const Condition& condition) {
  return condition.kind == ConditionKind::event ||
         std::any_of(condition.parts.begin(), condition.parts.end(), has_event);
}

Condition ConditionReader::read(const ObjectReader& reader) {
  std::vector<Condition> parts;
  read_when(reader, parts);
  read_between(reader, parts);
  read_parts(reader, "all", ConditionKind::all, parts);
  read_parts(reader, "any", ConditionKind::any, parts);
  const bool nothing =
      !reader.given("when") && !reader.given("between") && !reader.given("all") && !reader.given("any");
  if (nothing)
    diagnostics_.error(reader.object().place, reader.pointer(), "there is no condition",
                       "write \"when\", \"between\", \"all\" or \"any\"");
  Condition condition{.kind = ConditionKind::all};
  if (parts.size() == 1) {
    condition = std::move(parts.front());
  } else {
    condition.parts = std::move(parts);
  }
  if (reader.valid("for")) {
    condition.lasting = reader.options().duration("for");
    if (has_event(condition)) reader.error("for", "an event is over at once and lasts for no time");
  }
  return condition;
}

void ConditionReader::read_when(const ObjectReader& reader, std::vector<Condition>& parts) {
  if (!reader.given("when")) {
    for (const std::string_view key : {"above", "below", "hysteresis", "is"})
      if (reader.given(key)) reader.error(key, "says something of \"when\", which is missing");
    return;
  }
  if (!reader.valid("when")) return;
  const auto& text = reader.options().text("when");
  const auto point = text.find('.');
  Condition condition{.kind = ConditionKind::threshold, .source = text.substr(0, point)};
  if (point != std::string::npos) condition.channel = text.substr(point + 1);
  if (!read_question(reader, condition)) return;
  if (const auto* sensor = find(config_.sensors, condition.source)) {
    check_sensor(reader, *sensor, condition);
  } else if (const auto* actuator = find(config_.actuators, condition.source)) {
    check_actuator(reader, *actuator, condition);
  } else {
    report_unknown(reader, condition.source);
  }
  parts.push_back(std::move(condition));
}

/// What is asked about `when`: above and below, or is.
bool ConditionReader::read_question(const ObjectReader& reader, Condition& condition) {
  const bool numbers = reader.given("above") || reader.given("below");
  if (numbers && reader.given("is"))
    return reader.error("is", "there are numbers, too", "ask one thing at a time"), false;
  if (!numbers) {
    if (reader.given("hysteresis")) reader.error("hysteresis", "needs \"above\" or \"below\"");
    if (!reader.given("is")) reader.error("when", "nothing is said of it", "write \"above\", \"below\" or \"is\"");
    return reader.valid("is") && read_is(reader, condition);
  }
  if (reader.valid("above")) condition.above = reader.options().number("above");
  if (reader.valid("below")) condition.below = reader.options().number("below");
  condition.hysteresis = reader.options().number("hysteresis");
  if (condition.above && condition.below && *condition.above >= *condition.below)
    reader.error("above", fmt::format("is not less than \"below\" ({}): no number is between them", *condition.below),
                 "for one or the other, write two conditions in \"any\"");
  return condition.above || condition.below;
}

bool ConditionReader::read_is(const ObjectReader& reader, Condition& condition) {
  const auto word = lower(reader.options().text("is"));
  condition.kind = word == "on"      ? ConditionKind::is_on
                   : word == "off"   ? ConditionKind::is_off
                   : word == "stale" ? ConditionKind::stale
                                     : ConditionKind::event;
  condition.event = word;
  return true;
}

void ConditionReader::read_between(const ObjectReader& reader, std::vector<Condition>& parts) {
  if (!reader.valid("between")) return;
  const auto& texts = reader.options().list("between");
  Condition condition{.kind = ConditionKind::between};
  if (texts.size() != 2) return reader.error("between", "two times of day are expected: [\"07:00\", \"22:00\"]");
  for (std::size_t i = 0; i < 2; ++i) {
    const auto time = parse_time_of_day(texts[i]);
    if (!time)
      return reader.error("between", fmt::format("{} is not a time of day", in_quotes(texts[i])),
                          "write \"07:00\"; midnight is \"00:00\"");
    (i == 0 ? condition.from : condition.to) = *time;
  }
  if (condition.from == condition.to) return reader.error("between", "both times are the same");
  parts.push_back(std::move(condition));
}

void ConditionReader::read_parts(const ObjectReader& reader, std::string_view key, ConditionKind kind,
                                 std::vector<Condition>& parts) {
  const auto* list = reader.nested(key);
  if (list == nullptr) return;
  if (list->items.empty()) reader.error(key, "the list is empty");
  Condition condition{.kind = kind};
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const auto pointer = fmt::format("{}/{}", reader.pointer(key), i);
    if (!expect_object(list->items[i], pointer, diagnostics_)) continue;
    condition.parts.push_back(read(ObjectReader(list->items[i], pointer, keys::condition(), diagnostics_)));
  }
  parts.push_back(std::move(condition));
}

void ConditionReader::check_sensor(const ObjectReader& reader, const SensorConfig& sensor, Condition& condition) {
  if (condition.kind == ConditionKind::event) return check_event(reader, sensor, condition);
  if (condition.channel.empty() && condition.kind == ConditionKind::stale) return;
  const auto channels = channels_of(sensor);
  const bool only_one = channels.size() == 1 && !sensor.driver.driver->dynamic_channels;
  if (condition.channel.empty() && only_one) condition.channel = channels.front().key;
  if (condition.channel.empty())
    return reader.error("when", fmt::format("{} has several channels", sensor.id),
                        channels.empty() || sensor.driver.driver->dynamic_channels
                            ? fmt::format("write {}.channel", sensor.id)
                            : fmt::format("write \"{}.{}\"", sensor.id, channels.front().key));
  check_channel(reader, sensor, condition);
}

void ConditionReader::check_event(const ObjectReader& reader, const SensorConfig& sensor, const Condition& condition) {
  const auto events = sensor.driver.driver->events;
  if (std::find(events.begin(), events.end(), condition.event) == events.end()) {
    auto hint = did_you_mean(condition.event, events);
    if (hint.empty())
      hint = events.empty() ? "it can be \"ON\", \"OFF\" or \"stale\""
                            : fmt::format("it can be {}", fmt::join(events, ", "));
    return reader.error("is", fmt::format("{} is nothing that {} can be", in_quotes(condition.event), sensor.id),
                        std::move(hint));
  }
  if (!condition.channel.empty())
    reader.error("when", fmt::format("the events of {} belong to no channel", sensor.id),
                 fmt::format("write \"{}\"", sensor.id));
}

void ConditionReader::check_channel(const ObjectReader& reader, const SensorConfig& sensor,
                                    const Condition& condition) {
  for (const auto& channel : sensor.channels)
    if (channel.key == condition.channel && channel.disabled)
      reader.error("when", fmt::format("{} is disabled", in_quotes(reader.options().text("when"))));
  const auto channels = channels_of(sensor);
  const auto at = std::find_if(channels.begin(), channels.end(),
                               [&](const ChannelSpec& channel) { return channel.key == condition.channel; });
  if (at != channels.end()) return check_quantity(reader, condition, *at);
  if (sensor.driver.driver->dynamic_channels) return;
  const auto names = channel_names(sensor);
  auto hint = did_you_mean(condition.channel, names);
  if (hint.empty()) hint = fmt::format("it has {}", fmt::join(names, ", "));
  reader.error("when", fmt::format("{} has no channel {}", sensor.id, in_quotes(condition.channel)), std::move(hint));
}

void ConditionReader::check_quantity(const ObjectReader& reader, const Condition& condition,
                                     const ChannelSpec& channel) {
  const auto& quantity = info(channel.quantity);
  const bool state = channel.quantity == Quantity::state;
  const bool asks_state = condition.kind == ConditionKind::is_on || condition.kind == ConditionKind::is_off;
  if (state && condition.kind == ConditionKind::threshold)
    return reader.error("when", "is ON or OFF and no number", "write \"is\": \"ON\"");
  if (!state && asks_state)
    return reader.error("is",
                        fmt::format("{} is a number{}", reader.options().text("when"),
                                    quantity.unit.empty() ? "" : fmt::format(" in {}", quantity.unit)),
                        "write \"above\" or \"below\"");
  if (condition.above && *condition.above >= channel.range.high * quantity.scale)
    reader.warning("above", fmt::format("is never reached: it measures up to {:.6g} {}",
                                        channel.range.high * quantity.scale, quantity.unit));
  if (condition.below && *condition.below <= channel.range.low * quantity.scale)
    reader.warning("below", fmt::format("is never reached: it measures from {:.6g} {}",
                                        channel.range.low * quantity.scale, quantity.unit));
}

void ConditionReader::check_actuator(const ObjectReader& reader, const ActuatorConfig& actuator,
                                     const Condition& condition) {
  if (!condition.channel.empty())
    return reader.error("when", fmt::format("{} is an actuator and has no channels", actuator.id),
                        fmt::format("write \"{}\"", actuator.id));
  const auto kind = actuator.output().kind;
  if (kind == ActuatorKind::text) return reader.error("when", fmt::format("{} shows text", actuator.id));
  if (condition.kind == ConditionKind::event)
    return reader.error("is", fmt::format("{} is nothing that {} can be", in_quotes(condition.event), actuator.id),
                        "it can be \"ON\", \"OFF\" or \"stale\"");
  if (condition.kind == ConditionKind::threshold && kind == ActuatorKind::on_off)
    reader.error("when", fmt::format("{} is ON or OFF and no number", actuator.id), "write \"is\": \"ON\"");
}

void ConditionReader::report_unknown(const ObjectReader& reader, std::string_view id) const {
  std::vector<std::string_view> ids;
  for (const auto* section : {&sensors_, &actuators_})
    for (const auto& member : section->members) ids.push_back(member.key);
  if (std::find(ids.begin(), ids.end(), id) != ids.end()) return;  // it is there, and wrong itself
  reader.error("when", fmt::format("there is no sensor or actuator {}", in_quotes(id)), did_you_mean(id, ids));
}

}  // namespace b2m
