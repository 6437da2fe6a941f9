// Payloads in JSON: readings, events, outcomes.
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "daemon/mqtt/payload_formats.hpp"

namespace b2m {
namespace {

using Buffer = fmt::memory_buffer;

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

/// Says that the time before it cannot be trusted.
void append_remark(Buffer& out, std::vector<TimeSpot>& spots) {
  constexpr std::string_view remark = ",\"clock\":\"unsynchronised\"";
  spots.push_back(
      {TimeSpot::Kind::remark, static_cast<std::uint32_t>(out.size()), static_cast<std::uint32_t>(remark.size())});
  append(out, remark);
}

}  // namespace

Encoded encode_json(const PayloadSource& source) {
  const auto& measurement = source.measurement;
  Buffer out;
  Encoded encoded;
  out.push_back('{');
  for (const auto& reading : source.readings) {
    const auto& channel = source.channels[reading.channel];
    append_key(out, channel.key);
    append_json_value(out, channel.quantity, reading);
    out.push_back(',');
  }
  append_errors(out, source.channels, source.readings);
  append(out, "\"time\":\"");
  append_time(out, measurement.moment, TimeSpot::Kind::time, encoded.spots);
  out.push_back('"');
  if (!measurement.moment.synchronised) append_remark(out, encoded.spots);
  if (measurement.simulated) append(out, ",\"simulated\":true");
  out.push_back('}');
  encoded.payload = fmt::to_string(out);
  return encoded;
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

}  // namespace b2m
