#include "daemon/cli/status_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

#include "daemon/mqtt/payload.hpp"

namespace b2m {
namespace {

using nlohmann::json;
using std::chrono::seconds;

// ECMA-48: select graphic rendition.
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view dim = "\x1b[2m";
constexpr std::string_view plain = "\x1b[0m";

template <class Value>
const Value* find(const dbus::Dict<Value>& dict, std::string_view key) {
  const auto at = std::find_if(dict.begin(), dict.end(), [&](const auto& entry) { return entry.first == key; });
  return at == dict.end() ? nullptr : &at->second;
}

std::string to_text(const dbus::Value& value) {
  if (const auto* on = std::get_if<bool>(&value)) return *on ? "ON" : "OFF";
  return fmt::format("{}", std::get<double>(value));
}

std::string with_unit(std::string text, std::string_view unit) {
  if (!unit.empty()) text.append(" ").append(unit);
  return text;
}

/// Code points, which is what the units and bars take in columns. Of valid UTF-8.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; }));
}

std::string cut(std::string_view text, std::size_t width) {
  if (width == 0 || columns(text) <= width) return std::string(text);
  std::size_t end = 0;
  for (std::size_t count = 0; count < width; ++count) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) ++end;
  }
  return std::string(text.substr(0, end));
}

/// A line of cells, all of one look.
struct Row {
  std::vector<std::string> cells;
  std::string_view look = {};
};

/// Columns as wide as their widest cell; a row of one cell is a heading and as wide as it likes.
std::vector<std::string> lay_out(const std::vector<Row>& rows, const TableStyle& style) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    if (row.cells.size() < 2) continue;
    widths.resize(std::max(widths.size(), row.cells.size()));
    for (std::size_t i = 0; i < row.cells.size(); ++i) widths[i] = std::max(widths[i], columns(row.cells[i]));
  }
  std::vector<std::string> lines;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      line += row.cells[i];
      if (i + 1 < row.cells.size()) line.append(widths[i] - columns(row.cells[i]) + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    line = cut(line, style.width);
    if (style.colour && !row.look.empty()) line = fmt::format("{}{}{}", row.look, line, plain);
    lines.push_back(std::move(line));
  }
  return lines;
}

void add_gateway(std::vector<Row>& rows, const dbus::Snapshot& snapshot, const Moment& now) {
  const auto& gateway = snapshot.gateway;
  if (!snapshot.running) rows.push_back({{"the daemon is not running; below is what was known last"}, red});
  rows.push_back({{fmt::format("board2mqtt {}  {} on {}, up {}", gateway.version, gateway.name, gateway.board,
                               short_age(now.wall - gateway.started))},
                  bold});
  const auto link_age = gateway.link_since == WallTime{} ? "" : " for " + short_age(now.wall - gateway.link_since);
  if (gateway.connected) {
    rows.push_back({{fmt::format("broker     {}, connected{}", gateway.broker, link_age)}, green});
  } else {
    rows.push_back({{fmt::format("broker     {}, not connected{}{}", gateway.broker, link_age,
                                 gateway.link_error.empty() ? "" : ": " + gateway.link_error)},
                    red});
  }
  std::string dropped;
  for (const auto& [reason, count] : gateway.dropped) dropped += fmt::format(", {} dropped ({})", count, reason);
  rows.push_back({{fmt::format("queue      {} waiting, {} published{}", gateway.queued, gateway.published, dropped)},
                  dropped.empty() ? std::string_view() : red});
  if (!gateway.clock_synchronised) rows.push_back({{"clock      not synchronised"}, red});
}

void add_channels(std::vector<Row>& rows, const dbus::SensorStatus& sensor, const Moment& now,
                  const ChannelHistory* history) {
  bool first = true;
  for (const auto& [channel, unit] : sensor.units) {
    const auto* value = find(sensor.readings, channel);
    const auto* error = find(sensor.errors, channel);
    const auto* time = find(sensor.times_monotonic, channel);
    rows.push_back({{first ? sensor.id : "", channel, value == nullptr ? "-" : with_unit(to_text(*value), unit),
                     time == nullptr ? "" : short_age(now.monotonic - *time),
                     history == nullptr ? "" : history->sparkline(sensor.id, channel), error == nullptr ? "" : *error},
                    error == nullptr ? std::string_view() : red});
    first = false;
  }
}

void add_sensors(std::vector<Row>& rows, const dbus::Snapshot& snapshot, const Moment& now,
                 const ChannelHistory* history) {
  if (snapshot.sensors.empty()) return;
  rows.push_back({{""}});
  rows.push_back({{"SENSOR", "CHANNEL", "VALUE", "AGE", history == nullptr ? "" : "COURSE", "ERROR"}, dim});
  for (const auto& [id, sensor] : snapshot.sensors) {
    if (sensor.units.empty()) {
      rows.push_back({{id, "", "-", "", "", sensor.error.empty() ? sensor.state : sensor.error},
                      sensor.error.empty() ? std::string_view() : red});
    } else {
      add_channels(rows, sensor, now, history);
    }
  }
}

void add_actuators(std::vector<Row>& rows, const dbus::Snapshot& snapshot, const Moment& now) {
  if (snapshot.actuators.empty()) return;
  rows.push_back({{""}});
  rows.push_back({{"ACTUATOR", "BY", "STATE", "AGE", "", "ERROR"}, dim});
  for (const auto& [id, actuator] : snapshot.actuators) {
    const bool known = actuator.since_monotonic != SteadyTime{};
    rows.push_back({{id, actuator.cause, actuator.output.empty() ? "-" : with_unit(actuator.output, actuator.unit),
                     known ? short_age(now.monotonic - actuator.since_monotonic) : "", "", actuator.error},
                    actuator.error.empty() ? std::string_view() : red});
  }
}

void add_rules(std::vector<Row>& rows, const dbus::Snapshot& snapshot) {
  if (snapshot.gateway.rules.empty()) return;
  rows.push_back({{""}});
  rows.push_back({{"RULE", "STATE", "WHY"}, dim});
  for (const auto& rule : snapshot.gateway.rules) rows.push_back({{rule.name, rule.state, rule.why}});
}

json to_json(const dbus::Value& value) {
  if (const auto* on = std::get_if<bool>(&value)) return *on;
  return std::get<double>(value);
}

}  // namespace

std::string short_age(std::chrono::nanoseconds age) {
  const auto count = std::max<std::int64_t>(0, std::chrono::duration_cast<seconds>(age).count());
  if (count < 60) return fmt::format("{}s", count);
  if (count < 3600) return fmt::format("{}min", count / 60);
  if (count < 48 * 3600) return fmt::format("{}h", count / 3600);
  return fmt::format("{}d", count / 86400);
}

// ---- the course of a channel ----

void ChannelHistory::take(const dbus::SensorStatus& sensor) {
  for (const auto& [channel, time] : sensor.times_monotonic) {
    auto& course = courses_[{sensor.id, channel}];
    if (time == course.last) continue;
    course.last = time;
    std::optional<double> number;
    if (const auto* value = find(sensor.readings, channel))
      number = std::visit([](auto held) { return static_cast<double>(held); }, *value);
    course.values.push_back(number);
    if (course.values.size() > length) course.values.pop_front();
  }
}

std::string ChannelHistory::sparkline(const std::string& sensor, const std::string& channel) const {
  static constexpr std::array<std::string_view, 8> bars{"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  const auto course = courses_.find({sensor, channel});
  if (course == courses_.end()) return {};
  std::optional<double> low;
  std::optional<double> high;
  for (const auto& value : course->second.values) {
    if (!value) continue;
    low = std::min(low.value_or(*value), *value);
    high = std::max(high.value_or(*value), *value);
  }
  std::string line;
  for (const auto& value : course->second.values) {
    if (!value) {
      line += ' ';
      continue;
    }
    const double share = *high > *low ? (*value - *low) / (*high - *low) : 0;
    line += bars.at(static_cast<std::size_t>(share * static_cast<double>(bars.size() - 1) + 0.5));
  }
  return line;
}

// ---- the table ----

std::vector<std::string> status_table(const dbus::Snapshot& snapshot, const Moment& now, const TableStyle& style,
                                      const ChannelHistory* history) {
  std::vector<Row> rows;
  add_gateway(rows, snapshot, now);
  add_sensors(rows, snapshot, now, history);
  add_actuators(rows, snapshot, now);
  auto lines = lay_out(rows, style);
  std::vector<Row> rules;  // whose columns are of other widths
  add_rules(rules, snapshot);
  const auto below = lay_out(rules, style);
  lines.insert(lines.end(), below.begin(), below.end());
  return lines;
}

std::string change_line(const dbus::SensorStatus& sensor) {
  auto line = sensor.id;
  for (const auto& [channel, unit] : sensor.units) {
    const auto* value = find(sensor.readings, channel);
    const auto* error = find(sensor.errors, channel);
    if (value != nullptr) line += fmt::format("  {} {}", channel, with_unit(to_text(*value), unit));
    if (error != nullptr) line += fmt::format("  {} - ({})", channel, *error);
  }
  if (sensor.units.empty() && !sensor.error.empty()) line += "  " + sensor.error;
  return line;
}

std::string change_line(const dbus::ActuatorStatus& actuator) {
  if (!actuator.error.empty()) return fmt::format("{}  - ({})", actuator.id, actuator.error);
  return fmt::format("{}  {}  by {}", actuator.id, with_unit(actuator.output, actuator.unit), actuator.cause);
}

std::string change_line(const dbus::GatewayStatus& gateway) {
  return fmt::format("{}  {}, {} waiting, {} published", gateway.broker,
                     gateway.connected ? "connected" : "not connected", gateway.queued, gateway.published);
}

// ---- JSON ----

json to_json(const dbus::GatewayStatus& gateway) {
  json object{{"version", gateway.version},
              {"name", gateway.name},
              {"board", gateway.board},
              {"started", format_time(gateway.started)},
              {"link", {{"connected", gateway.connected}, {"broker", gateway.broker}}},
              {"queue", gateway.queued},
              {"published", gateway.published},
              {"dropped", json::object()},
              {"clock", gateway.clock_synchronised ? "synchronised" : "unsynchronised"},
              {"rules", json::object()}};
  if (gateway.link_since != WallTime{}) object["link"]["since"] = format_time(gateway.link_since);
  if (!gateway.link_error.empty()) object["link"]["last_error"] = gateway.link_error;
  for (const auto& [reason, count] : gateway.dropped) object["dropped"][reason] = count;
  for (const auto& rule : gateway.rules) {
    object["rules"][rule.name] = {{"state", rule.state}, {"fired", rule.fired}};
    if (!rule.why.empty()) object["rules"][rule.name]["why"] = rule.why;
  }
  return object;
}

json to_json(const dbus::SensorStatus& sensor) {
  json object{{"driver", sensor.driver}, {"state", sensor.state},   {"online", sensor.online},
              {"good", sensor.good},     {"failed", sensor.failed}, {"channels", json::object()}};
  if (!sensor.error.empty()) object["error"] = sensor.error;
  for (const auto& [channel, unit] : sensor.units) {
    auto& entry = object["channels"][channel];
    entry = json::object();
    const auto* value = find(sensor.readings, channel);
    entry["value"] = value == nullptr ? json() : to_json(*value);
    if (!unit.empty()) entry["unit"] = unit;
    if (const auto* error = find(sensor.errors, channel)) entry["error"] = *error;
    if (const auto* time = find(sensor.times, channel)) entry["time"] = format_time(*time);
  }
  return object;
}

json to_json(const dbus::ActuatorStatus& actuator) {
  json object{{"driver", actuator.driver}, {"state", actuator.state}};
  if (!actuator.output.empty()) object.update({{"output", actuator.output}, {"cause", actuator.cause}});
  if (!actuator.unit.empty()) object["unit"] = actuator.unit;
  if (actuator.since != WallTime{}) object["since"] = format_time(actuator.since);
  if (!actuator.error.empty()) object["error"] = actuator.error;
  return object;
}

json to_json(const dbus::Snapshot& snapshot) {
  auto object = to_json(snapshot.gateway);
  object["running"] = snapshot.running;
  object["sensors"] = json::object();
  object["actuators"] = json::object();
  for (const auto& [id, sensor] : snapshot.sensors) object["sensors"][id] = to_json(sensor);
  for (const auto& [id, actuator] : snapshot.actuators) object["actuators"][id] = to_json(actuator);
  return object;
}

}  // namespace b2m
