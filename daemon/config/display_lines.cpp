#include "daemon/config/display_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/config/channel_names.hpp"
#include "daemon/config/suggest.hpp"

namespace b2m {
namespace {

constexpr std::string_view spelling =
    "write the id of a sensor, a point and one of its channels: {climate.temperature}";

Checked<> check_channel(const SensorConfig& sensor, std::string_view key) {
  const auto disabled = std::any_of(sensor.channels.begin(), sensor.channels.end(),
                                    [&](const auto& channel) { return channel.key == key && channel.disabled; });
  if (disabled) return refuse(fmt::format("{}.{} is disabled", sensor.id, key));
  const auto known = channel_names(sensor);
  if (sensor.driver.driver->dynamic_channels || std::find(known.begin(), known.end(), key) != known.end()) return {};
  auto hint = did_you_mean(key, known);
  if (hint.empty() && !known.empty()) hint = fmt::format("it has {}", fmt::join(known, ", "));
  return refuse(fmt::format("{} has no channel {}", sensor.id, in_quotes(key)), std::move(hint));
}

/// A field as DisplayFeed knows it, "climate.temperature", also where a sensor's one channel was left out.
Checked<std::string> resolve_field(std::string_view field, const Config& config, std::span<const std::string> ids) {
  const auto point = field.find('.');
  const auto id = field.substr(0, point);
  const auto sensor =
      std::find_if(config.sensors.begin(), config.sensors.end(), [&](const auto& s) { return s.id == id; });
  if (sensor == config.sensors.end()) {
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) return std::string(field);  // it is there, and wrong itself
    std::vector<std::string_view> known;
    for (const auto& other : config.sensors) known.push_back(other.id);
    auto hint = did_you_mean(id, known);
    return refuse(fmt::format("there is no sensor {}", in_quotes(id)), hint.empty() ? std::string(spelling) : hint);
  }
  if (point == std::string_view::npos) {
    const auto known = channel_names(*sensor);
    if (known.size() == 1 && !sensor->driver.driver->dynamic_channels) return fmt::format("{}.{}", id, known.front());
    return refuse(fmt::format("{{{}}} names no channel", field), std::string(spelling));
  }
  B2M_TRY(check_channel(*sensor, field.substr(point + 1)));
  return std::string(field);
}

Checked<std::vector<TemplatePiece>> parse_line(const std::string& line, const Config& config,
                                               std::span<const std::string> ids, const Placeholders& constants) {
  auto pieces = split_template(line);
  if (!pieces) return tl::unexpected(std::move(pieces).error());
  for (auto& piece : *pieces) {
    if (piece.field.empty()) continue;
    if (const auto constant = constants.find(piece.field); constant != constants.end()) {
      piece = {.literal = constant->second};
      continue;
    }
    B2M_ASSIGN(piece.field, resolve_field(piece.field, config, ids));
  }
  return std::move(*pieces);
}

}  // namespace

void read_display_lines(const ObjectReader& reader, const Config& config, std::span<const std::string> ids,
                        const Placeholders& constants, ActuatorConfig& actuator) {
  actuator.refresh = reader.options().duration("refresh");
  if (!reader.valid("lines")) {
    if (reader.given("refresh") && !reader.given("lines"))
      reader.error("refresh", "there are no \"lines\" to show anew");
    return;
  }
  const auto& lines = reader.options().list("lines");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    auto line = parse_line(lines[i], config, ids, constants);
    if (!line) {
      reader.error("lines", fmt::format("line {}: {}", i + 1, line.error().message), line.error().hint);
    } else {
      actuator.text_lines.push_back(std::move(*line));
    }
  }
}

}  // namespace b2m
