#include "daemon/mqtt/payload.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>

#include "daemon/mqtt/topics.hpp"

namespace b2m {
namespace {

using Buffer = fmt::memory_buffer;

void append(Buffer& out, std::string_view text) { out.append(text.data(), text.data() + text.size()); }

void append_time(Buffer& out, WallTime time) {
  using namespace std::chrono;
  const auto seconds = floor<std::chrono::seconds>(time);
  const auto ms = duration_cast<milliseconds>(time - seconds).count();
  fmt::format_to(std::back_inserter(out), "{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(WallClock::to_time_t(seconds)),
                 ms);
}

bool is_plain(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; }

void append_key(Buffer& out, std::string_view key) {
  // Keys of drivers are plain; those a kernel driver tells may hold anything, and what is not UTF-8 is replaced.
  const bool plain = std::all_of(key.begin(), key.end(), is_plain);
  if (plain) {
    fmt::format_to(std::back_inserter(out), "\"{}\":", key);
  } else {
    append(out, nlohmann::json(key).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    out.push_back(':');
  }
}

/// A value that can be told: a number that is finite in SI and as published.
const double* number_of(const Reading& reading) {
  constexpr double largest =
      1e15;  // beyond the scale of any quantity; keeps a broken driver from writing hundreds of digits
  return reading.value && std::abs(*reading.value) <= largest ? &*reading.value : nullptr;
}

std::string_view error_word(const Reading& reading) {
  return name(reading.value ? Errc::out_of_range : reading.value.error().code);
}

void append_json_value(Buffer& out, Quantity quantity, const Reading& reading) {
  const double* number = number_of(reading);
  if (number == nullptr) return append(out, "null");
  const bool quote = quantity == Quantity::state;
  if (quote) out.push_back('"');
  append_value(out, quantity, *number);
  if (quote) out.push_back('"');
}

void append_errors(Buffer& out, std::span<const Channel> channels, std::span<const Reading> readings) {
  bool first = true;
  for (const auto& reading : readings) {
    if (number_of(reading) != nullptr) continue;
    append(out, first ? "\"errors\":{" : ",");
    first = false;
    append_key(out, channels[reading.channel].key);
    fmt::format_to(std::back_inserter(out), "\"{}\"", error_word(reading));
  }
  if (!first) append(out, "},");
}

/// A time that may be corrected later when the clock cannot be trusted yet.
void append_time_spot(Buffer& out, const Moment& moment, std::vector<TimeSpot>& spots) {
  const auto at = out.size();
  append_time(out, moment.wall);
  if (!moment.synchronised)
    spots.push_back(
        {TimeSpot::Kind::time, static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(out.size() - at)});
}

/// Says that the time before it cannot be trusted.
void append_remark(Buffer& out, std::vector<TimeSpot>& spots) {
  constexpr std::string_view remark = ",\"clock\":\"unsynchronised\"";
  spots.push_back(
      {TimeSpot::Kind::remark, static_cast<std::uint32_t>(out.size()), static_cast<std::uint32_t>(remark.size())});
  append(out, remark);
}

Encoded encode_json(std::span<const Channel> channels, const Measurement& measurement,
                    std::span<const Reading> readings) {
  Buffer out;
  Encoded encoded;
  out.push_back('{');
  for (const auto& reading : readings) {
    const auto& channel = channels[reading.channel];
    append_key(out, channel.key);
    append_json_value(out, channel.quantity, reading);
    out.push_back(',');
  }
  append_errors(out, channels, readings);
  append(out, "\"time\":\"");
  append_time_spot(out, measurement.moment, encoded.spots);
  out.push_back('"');
  if (!measurement.moment.synchronised) append_remark(out, encoded.spots);
  if (measurement.simulated) append(out, ",\"simulated\":true");
  out.push_back('}');
  encoded.payload = fmt::to_string(out);
  return encoded;
}

/// Fills in the pieces of a template. The order of `readings` does not matter.
class TextEncoder {
 public:
  TextEncoder(std::string_view sensor, std::span<const Channel> channels, const Measurement& measurement,
              std::span<const Reading> readings, const PayloadContext& context)
      : sensor_(sensor), channels_(channels), measurement_(measurement), readings_(readings), context_(context) {}

  Encoded encode(std::span<const TemplatePiece> pieces) {
    for (const auto& piece : pieces) {
      append(out_, piece.literal);
      if (piece.field.empty()) continue;
      if (const auto dropped = append_field(piece); !dropped.empty()) return {.dropped = dropped};
    }
    return {.payload = fmt::to_string(out_), .spots = std::move(spots_)};
  }

 private:
  /// The reason for which the text cannot be sent, or nothing. A channel's key wins over the words below.
  std::string_view append_field(const TemplatePiece& piece) {
    const auto channel =
        std::find_if(channels_.begin(), channels_.end(), [&](const auto& row) { return row.key == piece.field; });
    if (channel != channels_.end())
      return append_channel(static_cast<std::size_t>(channel - channels_.begin()), piece.digits);
    if (piece.field == "value" || piece.field == "channel" || piece.field == "unit") return append_only_channel(piece);
    if (const auto word = context_word(piece.field)) {
      append(out_, *word);
    } else if (piece.field == "time") {
      append_time_spot(out_, measurement_.moment, spots_);
    } else if (piece.field == "sequence") {
      fmt::format_to(std::back_inserter(out_), "{}", measurement_.sequence);
    } else if (piece.field == "run") {
      fmt::format_to(std::back_inserter(out_), "{}", context_.run_ms);
    } else {
      return "unknown_field";  // a channel that a dynamic sensor does not have
    }
    return {};
  }

  std::string_view append_channel(std::size_t channel, std::optional<int> digits) {
    const auto reading =
        std::find_if(readings_.begin(), readings_.end(), [&](const auto& row) { return row.channel == channel; });
    if (reading == readings_.end()) return "held_back";
    const double* number = number_of(*reading);
    if (number == nullptr) return "failed_channel";
    append_value(out_, channels_[channel].quantity, *number, digits);
    return {};
  }

  /// {value}, {channel} and {unit} speak of the channel of a message that carries one.
  std::string_view append_only_channel(const TemplatePiece& piece) {
    if (readings_.empty()) return "held_back";
    const auto index = readings_.front().channel;
    if (piece.field == "value") return append_channel(index, piece.digits);
    append(out_,
           piece.field == "channel" ? std::string_view(channels_[index].key) : info(channels_[index].quantity).unit);
    return {};
  }

  [[nodiscard]] std::optional<std::string_view> context_word(std::string_view field) const {
    if (field == "sensor") return sensor_;
    if (field == "name") return context_.name;
    if (field == "hostname") return context_.hostname;
    if (field == "machine_id") return context_.machine_id;
    if (field == "base") return context_.base;
    return std::nullopt;
  }

  std::string_view sensor_;
  std::span<const Channel> channels_;
  const Measurement& measurement_;
  std::span<const Reading> readings_;
  const PayloadContext& context_;
  Buffer out_;
  std::vector<TimeSpot> spots_;
};

Encoded encode_value(std::span<const Channel> channels, std::span<const Reading> readings) {
  if (readings.empty()) return {.dropped = "held_back"};
  const auto& reading = readings.front();
  const double* number = number_of(reading);
  if (number == nullptr) return {.dropped = "failed_channel"};
  return {.payload = format_value(channels[reading.channel].quantity, *number)};
}

const ChannelConfig* find_channel(const SensorConfig& sensor, std::string_view key) {
  const auto found = std::find_if(sensor.channels.begin(), sensor.channels.end(),
                                  [key](const auto& channel) { return channel.key == key; });
  return found == sensor.channels.end() ? nullptr : &*found;
}

}  // namespace

Encoded encode(const PayloadFormat& format, std::string_view sensor, std::span<const Channel> channels,
               const Measurement& measurement, std::span<const Reading> readings, const PayloadContext& context) {
  switch (format.kind) {
    case PayloadKind::json: return encode_json(channels, measurement, readings);
    case PayloadKind::value: return encode_value(channels, readings);
    case PayloadKind::text: return TextEncoder(sensor, channels, measurement, readings, context).encode(format.pieces);
  }
  return {.dropped = "unknown_format"};
}

void correct_time(std::string& payload, std::span<const TimeSpot> spots, WallTime time) {
  const auto text = format_time(time);
  for (auto spot = spots.rbegin(); spot != spots.rend(); ++spot)  // from the end, so that the places before stay
    if (spot->at <= payload.size())
      payload.replace(spot->at, spot->length, spot->kind == TimeSpot::Kind::time ? text : std::string());
}

std::string format_time(WallTime time) {
  Buffer out;
  append_time(out, time);
  return fmt::to_string(out);
}

std::string format_state(const ActuatorState& state) {
  if (const auto* on = std::get_if<bool>(&state)) return *on ? "ON" : "OFF";
  if (const auto* number = std::get_if<double>(&state)) {
    constexpr int decimals = 6;
    Buffer out;
    append_number(out, std::isfinite(*number) ? *number : 0, decimals, true);
    return fmt::to_string(out);
  }
  return std::get<std::string>(state);
}

std::string format_event(std::string_view event, const Moment& moment) {
  nlohmann::ordered_json json{{"event_type", event}, {"time", format_time(moment.wall)}};
  if (!moment.synchronised) json["clock"] = "unsynchronised";
  return json.dump();
}

std::string format_outcome(const Outcome& outcome, const Moment& moment) {
  nlohmann::ordered_json answer;
  if (!outcome.id.empty()) answer["id"] = outcome.id;
  answer["status"] = outcome.refusal ? "refused" : "ok";
  if (outcome.refusal) {
    answer["error"] = outcome.refusal->error;
    answer["message"] = outcome.refusal->message;
  }
  if (outcome.state) {
    // 40 rather than 40.0: as on the state topic.
    const auto* number = std::get_if<double>(&*outcome.state);
    const auto text = format_state(*outcome.state);
    answer["state"] = number != nullptr ? nlohmann::ordered_json::parse(text) : nlohmann::ordered_json(text);
  }
  answer["time"] = format_time(moment.wall);
  if (!moment.synchronised) answer["clock"] = "unsynchronised";
  return answer.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
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
  const auto enabled = std::count_if(channels.begin(), channels.end(), [&](const Channel& row) {
    const auto* config = find_channel(sensor, row.key);
    return config == nullptr || !config->disabled;
  });
  return {.kind = enabled > 1 ? PayloadKind::json : PayloadKind::value};
}

}  // namespace b2m
