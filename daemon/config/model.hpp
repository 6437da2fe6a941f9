// The configuration as the daemon uses it: checked, complete, every placeholder but {channel} filled in. Values only:
// a reload compares them.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/flow/derivation.hpp"
#include "daemon/flow/filter.hpp"
#include "daemon/flow/rule.hpp"
#include "drivers/api/driver.hpp"

namespace b2m {

enum class MqttProtocol : std::uint8_t { automatic, v5, v3_1_1, v3_1 };

/// The two last are names of services: the hosts and ports behind them come from DNS (RFC 2782).
enum class BrokerScheme : std::uint8_t { mqtt, mqtts, ws, wss, mqtt_srv, mqtts_srv };

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

enum class SignMethod : std::uint8_t { hmac_sha256, hmac_sha1, hmac_md5 };

/// A login that is computed from a device's secret, as Alibaba Cloud asks for it.
struct AliyunLogin {
  std::string product_key;
  std::string device_name;
  std::string device_secret;
  SignMethod method = SignMethod::hmac_sha256;
  std::string timestamp = {};  ///< milliseconds; empty: none is sent
  friend bool operator==(const AliyunLogin&, const AliyunLogin&) = default;
};

struct MqttConfig {
  std::vector<BrokerUrl> brokers;
  MqttProtocol protocol = MqttProtocol::automatic;
  std::string client_id;
  std::string username = {};
  std::string password = {};  ///< from `password` or the content of `password_file`
  TlsConfig tls = {};
  std::optional<AliyunLogin> login = {};  ///< in place of user name and password
  std::chrono::seconds keepalive{60};
  bool clean_session = true;
  std::chrono::seconds session_expiry{0};
  int qos = 1;
  bool retain = false;
  bool no_retain = false;  ///< never set the retain flag, for brokers that refuse it
  int max_inflight = 100;
  int rate_limit = 0;                      ///< messages a minute; 0: none
  std::chrono::seconds message_expiry{0};  ///< of readings, MQTT 5; 0: never
  std::string base_topic;
  PresenceMessage will;
  std::chrono::seconds will_delay{0};  ///< MQTT 5
  PresenceMessage birth;
  std::chrono::nanoseconds reconnect_min = std::chrono::seconds(1);
  std::chrono::nanoseconds reconnect_max = std::chrono::seconds(60);

  /// Whether one topic says at any time that the gateway is there, or that it is not.
  [[nodiscard]] bool tells_presence() const noexcept {
    return !will.topic.empty() && will.topic == birth.topic && will.payload != birth.payload;
  }
  friend bool operator==(const MqttConfig&, const MqttConfig&) = default;
};

/// What becomes of the readings that waited while the broker was away.
enum class ReplayMode : std::uint8_t {
  ordered,     ///< each topic's readings in the order of measurement
  live_first,  ///< new readings at once, those that waited beside them on `replay_topic`
};

struct OutboxConfig {
  std::size_t memory = 1000;              ///< messages
  std::uint64_t disk_bytes = 64'000'000;  ///< of all files of the state directory; 0: nothing is kept on disk
  std::chrono::nanoseconds sync = std::chrono::seconds(1);  ///< between two commits to the disk
  std::chrono::nanoseconds max_age{0};                      ///< older readings are dropped; 0: never
  ReplayMode replay = ReplayMode::ordered;
  std::string replay_topic = "{topic}/history";  ///< of live_first; holds {topic}
  double replay_rate = 0;                        ///< messages a second of what waited; 0: no limit
  friend bool operator==(const OutboxConfig&, const OutboxConfig&) = default;
};

enum class PayloadKind : std::uint8_t { json, value, text, senml, influx };

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
  friend bool operator==(const DeviceConfig&, const DeviceConfig&) = default;
};

struct ChannelConfig {
  std::string key;
  std::string topic = {};  ///< empty: the sensor's
  std::string name = {};
  bool disabled = false;
  std::vector<FilterSpec> filters = {};
  friend bool operator==(const ChannelConfig&, const ChannelConfig&) = default;
};

/// Where the inputs of a computed sensor come from: the sensor, and one of its channels for each of DriverInfo::inputs,
/// empty for one that is not configured.
struct SourceConfig {
  std::string sensor = {};
  std::vector<std::string> channels = {};
  friend bool operator==(const SourceConfig&, const SourceConfig&) = default;
};

struct SensorConfig : DeviceConfig {
  std::chrono::nanoseconds every = std::chrono::seconds(10);  ///< of polled sensors
  SourceConfig source = {};                                   ///< of computed sensors
  std::vector<Derivation> derive = {};                        ///< channels that follow from the driver's
  double altitude_m = 0;                                      ///< above sea level, for what is derived
  std::string topic;                                          ///< may hold {channel}: one message for each channel
  std::optional<PayloadFormat> payload = {};  ///< none: json for several channels, value for one or a {channel} topic
  bool retain = false;
  std::vector<ChannelConfig> channels = {};
  std::vector<FilterSpec> filters = {};  ///< for every channel, before its own
  std::chrono::nanoseconds expire_after{0};
  std::string availability_topic;
  std::string event_topic = {};                   ///< of a sensor with events
  PayloadKind event_payload = PayloadKind::json;  ///< json or value
  std::string command_topic = {};                 ///< a filter; of a sensor whose total can be set, else empty
  std::string result_topic = {};
  friend bool operator==(const SensorConfig&, const SensorConfig&) = default;
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

/// When a group of actuators counts as on.
enum class GroupState : std::uint8_t { any, all };

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
  std::optional<OutputSpec> own_output = {};    ///< where its options, or the members of a group, decide
  /// Of a display: what it shows while no text is commanded; fields are a sensor's id, a point and a channel.
  std::vector<std::vector<TemplatePiece>> text_lines = {};
  std::chrono::nanoseconds refresh{0};    ///< of text_lines: the least time between two changes
  std::vector<std::string> members = {};  ///< of a group: ids of actuators
  GroupState group_state = GroupState::any;

  /// Whether its commands come on one topic, on which somebody can publish.
  [[nodiscard]] bool has_plain_command_topic() const noexcept {
    return !command_topic.empty() && command_topic.find_first_of("+#") == std::string::npos &&
           !command_topic.starts_with("$share/") && !command_topic.starts_with("$queue/") &&
           !command_topic.starts_with("$local/");
  }
  /// What it takes; on and off where a test has no driver.
  [[nodiscard]] const OutputSpec& output() const noexcept {
    static constexpr OutputSpec on_off;
    if (own_output) return *own_output;
    return driver.driver == nullptr ? on_off : driver.driver->output;
  }
  friend bool operator==(const ActuatorConfig&, const ActuatorConfig&) = default;
};

/// A GPIO expander, with the lines of it that devices use. Bit n is line n.
struct ExpanderConfig {
  std::string chip;  ///< "mcp23017@i2c-1:0x20", as in LineId
  DriverRef driver;
  std::string bus;
  std::uint8_t address = 0;
  std::uint16_t outputs = 0;
  std::uint16_t inputs = 0;
  std::uint16_t pull_ups = 0;
  std::optional<LineId> interrupt_line = {};  ///< the board's line that its interrupt output is wired to
  std::chrono::nanoseconds poll{0};           ///< of its inputs
  friend bool operator==(const ExpanderConfig&, const ExpanderConfig&) = default;
};

/// The device that Home Assistant finds by itself (MQTT discovery).
struct HomeAssistantConfig {
  std::string prefix = "homeassistant";               ///< of the topics on which it looks for devices
  std::string status_topic = "homeassistant/status";  ///< where it says "online" at its start
  std::vector<std::string> lights = {};               ///< ids of actuators
  friend bool operator==(const HomeAssistantConfig&, const HomeAssistantConfig&) = default;
};

struct Config {
  std::string name;
  std::string board;  ///< of the board's table, "walnutpi-1b"
  std::string machine_id;
  std::string hostname;
  MqttConfig mqtt;
  OutboxConfig outbox;
  std::optional<HomeAssistantConfig> homeassistant = {};  ///< none: nothing is told
  std::vector<SensorConfig> sensors;
  std::vector<ActuatorConfig> actuators;
  std::vector<ExpanderConfig> expanders = {};  ///< those on which some device has its line
  std::vector<RuleConfig> rules;
  friend bool operator==(const Config&, const Config&) = default;
};

}  // namespace b2m
