#include "daemon/mqtt/payload.hpp"

#include <algorithm>
#include <cmath>

#include "daemon/mqtt/payload_formats.hpp"
#include "daemon/mqtt/topics.hpp"

namespace b2m {
Encoded encode(const PayloadFormat& format, std::string_view sensor, std::span<const Channel> channels,
               const Measurement& measurement, std::span<const Reading> readings, const PayloadContext& context) {
  const PayloadSource source{sensor, channels, measurement, readings, context};
  switch (format.kind) {
    case PayloadKind::json: return encode_json(source);
    case PayloadKind::value: return encode_value(source);
    case PayloadKind::text: return encode_text(source, format.pieces);
    case PayloadKind::senml: return encode_senml(source);
    case PayloadKind::influx: return encode_influx(source);
  }
  return {.dropped = "unknown_format"};
}

const double* number_of(const Reading& reading) {
  constexpr double largest =
      1e15;  // beyond the scale of any quantity; keeps a broken driver from writing hundreds of digits
  return reading.value && std::abs(*reading.value) <= largest ? &*reading.value : nullptr;
}

std::string_view nothing_to_tell(std::span<const Reading> readings) {
  return readings.empty() ? "held_back" : "failed_channel";
}

void append(fmt::memory_buffer& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

std::string format_state(const ActuatorState& state) {
  if (const auto* on = std::get_if<bool>(&state)) return *on ? "ON" : "OFF";
  if (const auto* number = std::get_if<double>(&state)) {
    constexpr int decimals = 6;
    fmt::memory_buffer out;
    append_number(out, std::isfinite(*number) ? *number : 0, decimals, true);
    return fmt::to_string(out);
  }
  return std::get<std::string>(state);
}

const ChannelConfig* find_channel(const SensorConfig& sensor, std::string_view key) {
  const auto found = std::find_if(sensor.channels.begin(), sensor.channels.end(),
                                  [key](const auto& channel) { return channel.key == key; });
  return found == sensor.channels.end() ? nullptr : &*found;
}

bool is_enabled(const SensorConfig& sensor, std::string_view channel) {
  const auto* config = find_channel(sensor, channel);
  return config == nullptr || !config->disabled;
}

std::string channel_topic(const SensorConfig& sensor, std::string_view channel) {
  const auto* config = find_channel(sensor, channel);
  return with_channel(config != nullptr && !config->topic.empty() ? config->topic : sensor.topic, channel);
}

bool has_own_topic(const SensorConfig& sensor, std::string_view channel) {
  const auto* config = find_channel(sensor, channel);
  return has_channel(sensor.topic) || (config != nullptr && !config->topic.empty());
}

PayloadFormat payload_format(const SensorConfig& sensor, std::span<const Channel> channels, std::string_view channel) {
  if (sensor.payload) return *sensor.payload;
  if (has_own_topic(sensor, channel)) return {.kind = PayloadKind::value};
  const auto enabled =
      std::count_if(channels.begin(), channels.end(), [&](const Channel& row) { return is_enabled(sensor, row.key); });
  return {.kind = enabled > 1 ? PayloadKind::json : PayloadKind::value};
}

}  // namespace b2m
