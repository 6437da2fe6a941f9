// The configuration as the daemon uses it: checked, complete, every placeholder but {channel} filled in. Values only.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/flow/filter.hpp"
#include "daemon/flow/rule.hpp"
#include "drivers/api/driver.hpp"

namespace b2m {

enum class MqttProtocol : std::uint8_t { automatic, v5, v3_1_1, v3_1 };

enum class BrokerScheme : std::uint8_t { mqtt, mqtts, ws, wss };

struct BrokerUrl {
  BrokerScheme scheme = BrokerScheme::mqtt;
  std::string host;
  std::uint16_t port = 1883;  ///< 1883, 8883, 80, 443 by scheme when the URL has none
  std::string path = {};      ///< of a websocket, "/mqtt"
  friend bool operator==(const BrokerUrl&, const BrokerUrl&) = default;
};

struct TlsConfig {
  std::string ca = {};  ///< PEM file; empty: the system's
  std::string cert = {};
  std::string key = {};
  std::string key_password = {};
  bool verify = true;
  std::string min_version = "1.2";
  std::string ciphers = {};
  std::vector<std::string> alpn = {};
  friend bool operator==(const TlsConfig&, const TlsConfig&) = default;
};

/// A will or birth message.
struct PresenceMessage {
  std::string topic;
  std::string payload;
  int qos = 1;
  bool retain = true;
  friend bool operator==(const PresenceMessage&, const PresenceMessage&) = default;
};

struct MqttConfig {
  std::vector<BrokerUrl> brokers;
  MqttProtocol protocol = MqttProtocol::automatic;
  std::string client_id;
  std::string username = {};
  std::string password = {};  ///< from `password` or the content of `password_file`
  TlsConfig tls = {};
  std::chrono::seconds keepalive{60};
  bool clean_session = true;
  std::chrono::seconds session_expiry{0};
  int qos = 1;
  bool retain = false;
  bool no_retain = false;  ///< never set the retain flag, for brokers that refuse it
  int max_inflight = 100;
  std::string base_topic;
  PresenceMessage will;
  PresenceMessage birth;
  std::chrono::nanoseconds reconnect_min = std::chrono::seconds(1);
  std::chrono::nanoseconds reconnect_max = std::chrono::seconds(60);
  friend bool operator==(const MqttConfig&, const MqttConfig&) = default;
};

struct OutboxConfig {
  std::size_t memory = 1000;  ///< messages
  friend bool operator==(const OutboxConfig&, const OutboxConfig&) = default;
};

enum class PayloadKind : std::uint8_t { json, value, text };

/// A piece of a payload template: literal text, or a field with an optional number of digits.
struct TemplatePiece {
  std::string literal = {};
  std::string field =
      {};  ///< a channel's key, or time, sequence, run, name, sensor, hostname …; empty for literal text
  std::optional<int> digits = {};
  friend bool operator==(const TemplatePiece&, const TemplatePiece&) = default;
};

struct PayloadFormat {
  PayloadKind kind = PayloadKind::json;
  std::vector<TemplatePiece> pieces = {};  ///< of PayloadKind::text
  friend bool operator==(const PayloadFormat&, const PayloadFormat&) = default;
};

/// What sensors and actuators have in common.
struct DeviceConfig {
  std::string id;
  DriverRef driver;
  Options options;   ///< the driver's and its bus's, with fallbacks
  Lines lines = {};  ///< the resolved options of type line: `line`, `trigger_line` …
  int qos = 1;
};

struct ChannelConfig {
  std::string key;
  std::string topic = {};  ///< empty: the sensor's
  std::string name = {};
  bool disabled = false;
  std::vector<FilterSpec> filters = {};
};

struct SensorConfig : DeviceConfig {
  std::chrono::nanoseconds every = std::chrono::seconds(10);  ///< of polled sensors
  std::string topic;                                          ///< may hold {channel}: one message for each channel
  std::optional<PayloadFormat> payload = {};  ///< none: json for several channels, value for one or a {channel} topic
  bool retain = false;
  std::vector<ChannelConfig> channels = {};
  std::vector<FilterSpec> filters = {};  ///< for every channel, before its own
  std::chrono::nanoseconds expire_after{0};
  std::string availability_topic;
};

enum class InitialState : std::uint8_t { off, on, keep, restore };
enum class ExitState : std::uint8_t { keep, off, on };

/// What an actuator does once the broker has been away for `after`.
struct BrokerLost {
  std::chrono::nanoseconds after{0};
  bool on = false;
  friend bool operator==(const BrokerLost&, const BrokerLost&) = default;
};

/// Answers to commands as plain payloads.
struct AckPayloads {
  std::string ok;
  std::string refused;
  friend bool operator==(const AckPayloads&, const AckPayloads&) = default;
};

struct ActuatorConfig : DeviceConfig {
  std::string topic;          ///< of its state
  std::string command_topic;  ///< a filter; also with set_on_ms and set_off_ms in place of a last level "set"
  std::string result_topic;
  std::optional<AckPayloads> ack = {};  ///< none: the answers are JSON
  InitialState initial = InitialState::off;
  ExitState on_exit = ExitState::keep;
  std::optional<BrokerLost> on_broker_lost = {};
  std::chrono::nanoseconds max_on{0};  ///< 0: no limit; of the two below, too
  std::chrono::nanoseconds min_on{0};
  std::chrono::nanoseconds min_off{0};
  std::vector<std::string> interlock = {};  ///< ids of actuators
  bool accept_retained = false;
  std::chrono::nanoseconds max_command_age{0};  ///< 0: any

  /// What its driver takes; on and off where a test has no driver.
  [[nodiscard]] const OutputSpec& output() const noexcept {
    static constexpr OutputSpec on_off;
    return driver.driver == nullptr ? on_off : driver.driver->output;
  }
};

struct Config {
  std::string name;
  std::string board;  ///< of the board's table, "walnutpi-1b"
  std::string machine_id;
  std::string hostname;
  MqttConfig mqtt;
  OutboxConfig outbox;
  std::vector<SensorConfig> sensors;
  std::vector<ActuatorConfig> actuators;
  std::vector<RuleConfig> rules;
};

}  // namespace b2m
