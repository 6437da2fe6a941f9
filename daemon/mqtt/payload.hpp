// From values to the bytes of messages.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/flow/command.hpp"
#include "daemon/flow/reading.hpp"
#include "daemon/mqtt/message.hpp"
#include "drivers/api/channel.hpp"
#include "drivers/api/value_text.hpp"

namespace b2m {

/// What templates may name beside channels and the time of the measurement.
struct PayloadContext {
  std::string name = {};  ///< the gateway's
  std::string hostname = {};
  std::string machine_id = {};
  std::string base = {};     ///< base topic
  std::uint64_t run_ms = 0;  ///< the start of the daemon, ms since 1970
};

/// A payload, or why the measurement cannot be told in this format (see encode()).
struct Encoded {
  std::string payload = {};
  std::string_view dropped = {};  ///< "failed_channel": a text or bare value needs a channel that was not measured, or
                                  ///< none was of those that SenML or a line would tell; "held_back": what a text needs
                                  ///< is held back by a filter. Empty: payload is valid.
  std::vector<TimeSpot> spots = {};  ///< what correct_time() changes; none while the clock is synchronised
};

/// Writes `readings`, which belong to `measurement`, in the format. Numbers are in published units (info(quantity)),
/// rounded to the quantity's decimals without trailing zeros; `state` channels are ON and OFF. In JSON a failed channel
/// is null and named in "errors". A bare value is that of the first of `readings`. A text whose channels are not all
/// there is not sent at all, because a text has no place for "unknown". SenML (RFC 8428) is in SI, with a record for
/// each channel that was measured; InfluxDB's line has a field for each. In both a state is true or false. Pure.
[[nodiscard]] Encoded encode(const PayloadFormat& format, std::string_view sensor, std::span<const Channel> channels,
                             const Measurement& measurement, std::span<const Reading> readings,
                             const PayloadContext& context);

/// Puts the true time into a payload that was encoded before the clock was synchronised. Pure.
void correct_time(std::string& payload, std::span<const TimeSpot> spots, WallTime time);
/// Puts the age of the measurement into a payload whose true time is still unknown, where the format has a place for it
/// (SenML), and keeps `spots` right, so that it can be done again when the payload is sent again. Pure.
void tell_age(std::string& payload, std::span<TimeSpot> spots, std::chrono::nanoseconds age);

/// "2026-11-21T03:04:05.678Z". Pure.
[[nodiscard]] std::string format_time(WallTime time);
/// "ON", "OFF", the number, or the text. Pure.
[[nodiscard]] std::string format_state(const ActuatorState& state);
/// {"event_type":"press","time":…}. Pure.
[[nodiscard]] std::string format_event(std::string_view event, const Moment& moment);
/// The answer to a command as JSON, see SPEC §6: {"id":…,"status":"ok","state":"ON","time":…}. Pure.
[[nodiscard]] std::string format_outcome(const Outcome& outcome, const Moment& moment);

/// What is configured for this channel alone; null when nothing is. Pure.
[[nodiscard]] const ChannelConfig* find_channel(const SensorConfig& sensor, std::string_view key);
/// Whether a channel is published at all. Pure.
[[nodiscard]] bool is_enabled(const SensorConfig& sensor, std::string_view channel);
/// Where a channel is published, with {channel} filled in. Pure.
[[nodiscard]] std::string channel_topic(const SensorConfig& sensor, std::string_view channel);
/// Whether a channel has a topic of its own, by its configuration or a {channel} in the sensor's. Pure.
[[nodiscard]] bool has_own_topic(const SensorConfig& sensor, std::string_view channel);
/// The format a channel is published in: as configured, else value for a topic that carries one channel, else json.
/// Pure.
[[nodiscard]] PayloadFormat payload_format(const SensorConfig& sensor, std::span<const Channel> channels,
                                           std::string_view channel);

}  // namespace b2m
