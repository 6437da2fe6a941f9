// MQTT discovery of Home Assistant: the one message from which it makes a device with everything that the gateway
// tells and takes. Source: Home Assistant, "MQTT", device discovery payload (home-assistant.io/integrations/mqtt).
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "daemon/config/model.hpp"
#include "drivers/api/channel.hpp"

namespace b2m {

/// A sensor with the channels it has.
struct SensorView {
  const SensorConfig& config;
  std::span<const Channel> channels;
  bool known = true;  ///< false: only the device knows them, and it has not been read
};

/// By their keys, what the components of a device are: "sensor", "switch" …
using DiscoveryComponents = std::map<std::string, std::string, std::less<>>;

struct Discovery {
  std::string payload;
  DiscoveryComponents components;  ///< without those that were removed
};

struct DiscoverySource {
  const Config& config;  ///< with `homeassistant`
  std::string_view version = {};
  std::string_view board = {};  ///< its name for people
  std::span<const SensorView> sensors = {};
};

/// "homeassistant/device/NAME_MACHINE/config"; empty when nothing is told. Pure.
[[nodiscard]] std::string discovery_topic(const Config& config);

/// What is true now, and what is to be removed because it is no more. Channels that are disabled, and payloads that
/// Home Assistant cannot read, are left out. Pure.
[[nodiscard]] Discovery discover(const DiscoverySource& source, const DiscoveryComponents& removed = {});

/// The components that an earlier message has told of; none when it is too large or no such message. Pure.
[[nodiscard]] std::optional<DiscoveryComponents> parse_discovery(const std::string& payload);

/// Whether the component is, or was, a channel of this sensor. Pure.
[[nodiscard]] bool is_channel_of(std::string_view component, std::string_view sensor);

}  // namespace b2m
