#include "daemon/config/input_references.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include "daemon/config/suggest.hpp"

namespace b2m {
namespace {

constexpr std::string_view spelling = "write the id of a sensor, a point and one of its channels: \"adc.ain0\"";

/// Converters that count as long as they are not told their reference measure volts with it.
Quantity quantity_of(const SensorConfig& sensor, const ChannelSpec& channel) {
  return channel.quantity == Quantity::count && sensor.options.has("reference_v") ? Quantity::voltage
                                                                                  : channel.quantity;
}

std::string kind_text(Quantity quantity) {
  std::string text{info(quantity).key};
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

/// The channels of a sensor that measure what is wanted.
std::vector<std::string_view> suitable_channels(const SensorConfig& sensor, Quantity quantity) {
  std::vector<std::string_view> keys;
  for (const auto& channel : sensor.driver.channels())
    if (quantity_of(sensor, channel) == quantity) keys.push_back(channel.key);
  return keys;
}

Checked<> check_channel(const SensorConfig& source, std::string_view key, Quantity wanted) {
  if (source.driver.driver->dynamic_channels) return {};  // shows at the first reading
  const auto channels = source.driver.channels();
  const auto at = std::find_if(channels.begin(), channels.end(), [&](const auto& c) { return c.key == key; });
  const auto suitable = suitable_channels(source, wanted);
  const auto its = suitable.empty() ? fmt::format("a {} measures no {}", source.driver.name(), kind_text(wanted))
                                    : fmt::format("it has {}", fmt::join(suitable, ", "));
  if (at == channels.end()) {
    auto hint = did_you_mean(key, suitable);
    return refuse(fmt::format("{} has no channel {}", source.id, in_quotes(key)), hint.empty() ? its : hint);
  }
  if (quantity_of(source, *at) == wanted) return {};
  const bool counts = at->quantity == Quantity::count && wanted == Quantity::voltage;
  return refuse(fmt::format("{}.{} is a {}, not a {}", source.id, key, kind_text(at->quantity), kind_text(wanted)),
                counts ? fmt::format("give {} its \"reference_v\", and it measures volts", source.id) : its);
}

Checked<> check_source(const SensorConfig& sensor, const SensorConfig& source) {
  if (&sensor == &source) return refuse("a sensor cannot be computed from itself", std::string(spelling));
  if (source.driver.driver->make_computed != nullptr)
    return refuse(fmt::format("{} is computed itself", source.id), "name the sensor that measures");
  if (source.driver.driver->make_sensor == nullptr)
    return refuse(fmt::format("{} is told by edges and measures no such thing", source.id),
                  "name a sensor that is polled");
  return {};
}

}  // namespace

void InputReferences::note(const ObjectReader& reader, const SensorConfig& sensor, std::size_t index) {
  const auto inputs = sensor.driver.driver->inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto key = inputs[i].option;
    if (reader.valid(key))
      references_.push_back({index, i, reader.options().text(key), reader.place(key), reader.pointer(key)});
  }
}

Checked<> InputReferences::resolve_one(const Reference& reference, Config& config, std::span<const std::string> ids) {
  const auto& text = reference.text;
  const auto point = text.find('.');
  if (point == 0 || point == std::string::npos || point + 1 == text.size())
    return refuse(fmt::format("{} names no channel", in_quotes(text)), std::string(spelling));
  auto& sensor = config.sensors[reference.sensor];
  const auto id = text.substr(0, point);
  const auto key = text.substr(point + 1);
  const auto source =
      std::find_if(config.sensors.begin(), config.sensors.end(), [&](const auto& s) { return s.id == id; });
  if (source == config.sensors.end()) {
    if (std::find(ids.begin(), ids.end(), id) != ids.end()) return {};  // what is wrong with it has been reported
    const std::vector<std::string_view> known(ids.begin(), ids.end());
    return refuse(fmt::format("there is no sensor {}", in_quotes(id)), did_you_mean(id, known));
  }
  const auto& inputs = sensor.driver.driver->inputs;
  B2M_TRY(check_source(sensor, *source));
  B2M_TRY(check_channel(*source, key, inputs[reference.input].quantity));
  if (!sensor.source.sensor.empty() && sensor.source.sensor != id)
    return refuse(fmt::format("{} is measured at another time than {}", id, sensor.source.sensor),
                  fmt::format("name a channel of {}", sensor.source.sensor));
  sensor.source.sensor = id;
  sensor.source.channels.resize(inputs.size());
  sensor.source.channels[reference.input] = key;
  return {};
}

void InputReferences::resolve(Config& config, std::span<const std::string> ids, Diagnostics& diagnostics) const {
  for (const auto& reference : references_) {
    const auto resolved = resolve_one(reference, config, ids);
    if (!resolved)
      diagnostics.error(reference.place, reference.pointer, resolved.error().message, resolved.error().hint);
  }
}

}  // namespace b2m
