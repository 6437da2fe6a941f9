#include "daemon/config/keys.hpp"

#include <algorithm>
#include <array>

#include "daemon/flow/derivation.hpp"
#include "drivers/api/registry.hpp"

namespace b2m::keys {
namespace {

using T = OptionType;

constexpr std::array<std::string_view, 4> protocols{"auto", "5", "3.1.1", "3.1"};
// What the MQTT library lets be chosen: newer ones are negotiated, and a stricter floor is the system's (openssl.cnf).
constexpr std::array<std::string_view, 1> tls_versions{"1.2"};
constexpr std::array<std::string_view, 1> providers{"aliyun"};
constexpr std::array<std::string_view, 3> sign_methods{"hmacsha256", "hmacsha1", "hmacmd5"};
constexpr std::array<std::string_view, 2> replay_modes{"ordered", "live_first"};
constexpr std::array<std::string_view, 4> initial_states{"off", "on", "keep", "restore"};
constexpr std::array<std::string_view, 3> exit_states{"keep", "off", "on"};
constexpr std::array<std::string_view, 2> switch_states{"off", "on"};
constexpr std::array<std::string_view, 3> unknown_policies{"else", "keep", "then"};

constexpr std::array<std::string_view, 2> event_payloads{"json", "value"};

constexpr double hour = 3600;
constexpr double day = 24 * hour;

// clang-format off
constexpr std::array top_rows{
    OptionSpec{.key = "name", .type = T::text, .summary = "name of the gateway; default: the host name"},
    OptionSpec{.key = "board", .type = T::text, .summary = "board, as `board2mqtt boards` lists them", .fallback = "auto"},
    OptionSpec{.key = "mqtt", .type = T::object, .summary = "the broker and how to talk to it"},
    OptionSpec{.key = "outbox", .type = T::object, .summary = "where readings wait while the broker is away"},
    OptionSpec{.key = "homeassistant", .type = T::object, .summary = "shows the board in Home Assistant, by MQTT discovery; {} is enough"},
    OptionSpec{.key = "defaults", .type = T::object, .summary = "keys for every sensor and actuator that can have them"},
    OptionSpec{.key = "sensors", .type = T::object, .summary = "what is read, by id"},
    OptionSpec{.key = "actuators", .type = T::object, .summary = "what is driven, by id"},
    OptionSpec{.key = "rules", .type = T::list, .summary = "what drives what, also without a broker"},
};

constexpr std::array mqtt_rows{
    OptionSpec{.key = "broker", .type = T::text_list, .summary = "URL, or list of URLs tried in order: mqtt://, mqtts://, ws://, wss://, mqtt+srv://, mqtts+srv://",
               .fallback = "mqtt://localhost:1883"},
    OptionSpec{.key = "protocol", .type = T::choice, .summary = "MQTT version; auto starts at 5 and steps down when refused",
               .fallback = "auto", .choices = protocols},
    OptionSpec{.key = "client_id", .type = T::text, .summary = "client id; at most 23 characters are sent under 3.1",
               .fallback = "{name}-{machine_id}"},
    OptionSpec{.key = "username", .type = T::text, .summary = "user name for the broker"},
    OptionSpec{.key = "password", .type = T::text, .summary = "password, in a file that not everybody may read"},
    OptionSpec{.key = "password_file", .type = T::text, .summary = "file with the password; may be the name of a systemd credential"},
    OptionSpec{.key = "tls", .type = T::object, .summary = "certificates for mqtts:// and wss://"},
    OptionSpec{.key = "login", .type = T::object, .summary = "a login computed from a device's secret, in place of username and password"},
    OptionSpec{.key = "keepalive", .type = T::duration, .summary = "longest silence on the connection; 0s: no limit",
               .fallback = "60s", .min = 0, .max = 65535},
    OptionSpec{.key = "clean_session", .type = T::boolean,
               .summary = "false keeps subscriptions and queued commands; needs a fixed client_id", .fallback = "true"},
    OptionSpec{.key = "session_expiry", .type = T::duration,
               .summary = "how long the broker keeps them under MQTT 5; default: 7d when clean_session is false", .min = 1, .max = 49710 * day},
    OptionSpec{.key = "qos", .type = T::integer, .summary = "quality of service of readings", .fallback = "1", .min = 0, .max = 2},
    OptionSpec{.key = "retain", .type = T::boolean, .summary = "whether the broker keeps the last reading", .fallback = "false"},
    OptionSpec{.key = "no_retain", .type = T::boolean, .summary = "retain nothing at all, for brokers that refuse it", .fallback = "false"},
    OptionSpec{.key = "max_inflight", .type = T::integer, .summary = "unacknowledged messages at a time", .fallback = "100", .min = 1, .max = 65535},
    OptionSpec{.key = "rate_limit", .type = T::integer, .summary = "messages a minute, for brokers that count them; default: no limit",
               .min = 1, .max = 60'000},
    OptionSpec{.key = "message_expiry", .type = T::duration,
               .summary = "how long an MQTT 5 broker keeps a reading that it cannot deliver; default: for ever", .min = 1, .max = 49710 * day},
    OptionSpec{.key = "base_topic", .type = T::text, .summary = "what {base} stands for", .fallback = "board2mqtt/{name}"},
    OptionSpec{.key = "will", .type = T::object, .summary = "message the broker sends when the gateway is lost"},
    OptionSpec{.key = "birth", .type = T::object, .summary = "message after each connect"},
    OptionSpec{.key = "reconnect", .type = T::object, .summary = "growing pauses between attempts"},
};

constexpr std::array tls_rows{
    OptionSpec{.key = "ca", .type = T::text, .summary = "PEM file of the authorities to trust; default: the system's"},
    OptionSpec{.key = "cert", .type = T::text, .summary = "PEM file of the client certificate"},
    OptionSpec{.key = "key", .type = T::text, .summary = "PEM file of its private key"},
    OptionSpec{.key = "key_password_file", .type = T::text, .summary = "file with the password of the private key"},
    OptionSpec{.key = "verify", .type = T::boolean, .summary = "whether the broker must prove who it is", .fallback = "true"},
    OptionSpec{.key = "min_version", .type = T::choice, .summary = "oldest TLS version to accept", .fallback = "1.2", .choices = tls_versions},
    OptionSpec{.key = "ciphers", .type = T::text, .summary = "OpenSSL cipher list"},
    OptionSpec{.key = "alpn", .type = T::text_list, .summary = "protocols to offer in the handshake"},
};

constexpr std::array login_rows{
    OptionSpec{.key = "provider", .type = T::choice, .summary = "who runs the broker", .required = true, .choices = providers},
    OptionSpec{.key = "product_key", .type = T::text, .summary = "key of the product", .required = true},
    OptionSpec{.key = "device_name", .type = T::text, .summary = "name of the device", .required = true},
    OptionSpec{.key = "device_secret_file", .type = T::text, .summary = "file with the device's secret; may be the name of a systemd credential"},
    OptionSpec{.key = "device_secret", .type = T::text, .summary = "secret, in a file that not everybody may read"},
    OptionSpec{.key = "sign_method", .type = T::choice, .summary = "how the secret signs", .fallback = "hmacsha256", .choices = sign_methods},
    OptionSpec{.key = "timestamp", .type = T::text, .summary = "milliseconds, part of what is signed; default: none"},
};

constexpr std::array presence_rows{
    OptionSpec{.key = "topic", .type = T::text, .summary = "topic", .fallback = "{base}/status"},
    OptionSpec{.key = "payload", .type = T::text, .summary = "payload, may be empty; default: offline for the will, online for the birth"},
    OptionSpec{.key = "qos", .type = T::integer, .summary = "quality of service", .fallback = "1", .min = 0, .max = 2},
    OptionSpec{.key = "retain", .type = T::boolean, .summary = "whether the broker keeps it", .fallback = "true"},
};

/// Those of presence_rows and one more: MQTT knows no delay of a birth.
constexpr std::array will_rows{
    presence_rows[0], presence_rows[1], presence_rows[2], presence_rows[3],
    OptionSpec{.key = "delay", .type = T::duration,
               .summary = "how long an MQTT 5 broker waits for the gateway to come back; needs a kept session",
               .fallback = "0s", .min = 0, .max = 49710 * day},
};

constexpr std::array reconnect_rows{
    OptionSpec{.key = "min", .type = T::duration, .summary = "first pause", .fallback = "1s", .min = 0.1, .max = day},
    OptionSpec{.key = "max", .type = T::duration, .summary = "longest pause", .fallback = "60s", .min = 0.1, .max = day},
};

constexpr std::array outbox_rows{
    OptionSpec{.key = "memory", .type = T::integer, .summary = "messages kept in memory; what exceeds it waits on disk", .fallback = "1000",
               .min = 1, .max = 1'000'000},
    OptionSpec{.key = "disk", .type = T::size, .summary = "room on disk, oldest readings dropped first; \"0B\": memory only",
               .fallback = "64MB", .min = 0, .max = 1e12},
    OptionSpec{.key = "sync", .type = T::duration, .summary = "time between two commits to the disk: what a crash may cost",
               .fallback = "1s", .min = 0.05, .max = 3600},
    OptionSpec{.key = "max_age", .type = T::duration, .summary = "older readings are dropped; 0s: never", .fallback = "0s",
               .min = 0, .max = 36500 * day},
    OptionSpec{.key = "replay", .type = T::choice,
               .summary = "order of what waited: ordered, or live_first with what waited on replay_topic", .fallback = "ordered",
               .choices = replay_modes},
    OptionSpec{.key = "replay_topic", .type = T::text, .summary = "where live_first sends what waited", .fallback = "{topic}/history"},
    OptionSpec{.key = "replay_rate", .type = T::number, .summary = "messages a second of what waited; 0: no limit",
               .fallback = "0", .min = 0, .max = 1e6},
};

constexpr std::array homeassistant_rows{
    OptionSpec{.key = "prefix", .type = T::text, .summary = "where Home Assistant looks for devices", .fallback = "homeassistant"},
    OptionSpec{.key = "status_topic", .type = T::text, .summary = "where Home Assistant says \"online\" at its start; {prefix} is the one above",
               .fallback = "{prefix}/status"},
    OptionSpec{.key = "lights", .type = T::text_list, .summary = "actuators that switch or dim a lamp, to be shown as lights"},
};

constexpr OptionSpec driver_row{.key = "driver", .type = T::text, .summary = "driver or chip, as `board2mqtt drivers` lists them", .required = true};
constexpr OptionSpec every_row{.key = "every", .type = T::duration, .summary = "interval of the readings; default: the driver's",
                               .min = 0.001, .max = 31 * day};
constexpr OptionSpec payload_row{.key = "payload", .type = T::text,
                                 .summary = "\"json\", \"value\", \"senml\", \"influx\", or a template such as \"T={temperature} at {time}\"; "
                                            "default: json for several channels, value for one"};

constexpr std::array sensor_rows{
    OptionSpec{.key = "topic", .type = T::text, .summary = "topic of the readings; with {channel}, one message for each channel",
               .fallback = "{base}/{sensor}"},
    OptionSpec{.key = "qos", .type = T::integer, .summary = "quality of service; default: mqtt.qos", .min = 0, .max = 2},
    OptionSpec{.key = "retain", .type = T::boolean, .summary = "whether the broker keeps the last reading; default: mqtt.retain"},
    OptionSpec{.key = "channels", .type = T::object, .summary = "settings of single channels"},
    OptionSpec{.key = "filters", .type = T::list, .summary = "filters for every channel, in the order applied"},
    OptionSpec{.key = "expire_after", .type = T::duration, .summary = "readings older than this are no longer valid; 0s: never",
               .fallback = "0s", .min = 0, .max = 366 * day},
};

constexpr std::array event_rows{
    OptionSpec{.key = "event_topic", .type = T::text, .summary = "topic of the events, which are never retained", .fallback = "{base}/{sensor}/event"},
    OptionSpec{.key = "event_payload", .type = T::choice, .summary = "{\"event_type\":\"press\",…}, or the bare word", .fallback = "json",
               .choices = event_payloads},
};

constexpr std::array total_rows{
    OptionSpec{.key = "command_topic", .type = T::text, .summary = "topic or filter on which a number sets the total", .fallback = "{base}/{sensor}/set"},
    OptionSpec{.key = "result_topic", .type = T::text, .summary = "topic of each command's outcome", .fallback = "{base}/{sensor}/result"},
};
constexpr OptionSpec derive_row{.key = "derive", .type = T::text_list,
                                .summary = "channels to compute from the sensor's own",
                                .choices = derivation_names};
constexpr OptionSpec altitude_row{.key = "altitude_m", .type = T::number,
                                  .summary = "height above sea level, for sea_level_pressure", .min = -500, .max = 9000};

constexpr std::array channel_rows{
    OptionSpec{.key = "topic", .type = T::text, .summary = "topic of this channel alone"},
    OptionSpec{.key = "filters", .type = T::list, .summary = "filters of this channel, after the sensor's"},
    OptionSpec{.key = "name", .type = T::text, .summary = "name for people"},
    OptionSpec{.key = "disabled", .type = T::boolean, .summary = "never publish it", .fallback = "false"},
};

constexpr std::array actuator_rows{
    OptionSpec{.key = "topic", .type = T::text, .summary = "topic of the state reached", .fallback = "{base}/{actuator}"},
    OptionSpec{.key = "command_topic", .type = T::text, .summary = "topic or filter of the commands", .fallback = "{base}/{actuator}/set"},
    OptionSpec{.key = "result_topic", .type = T::text, .summary = "topic of each command's outcome", .fallback = "{base}/{actuator}/result"},
    OptionSpec{.key = "qos", .type = T::integer, .summary = "quality of service; default: mqtt.qos", .min = 0, .max = 2},
    OptionSpec{.key = "ack", .type = T::object, .summary = "plain payloads as answers to commands, in place of JSON"},
    OptionSpec{.key = "max_command_age", .type = T::duration, .summary = "a command whose \"time\" is longer ago is refused; default: any age",
               .min = 0.001, .max = 366 * day},
    OptionSpec{.key = "accept_retained", .type = T::boolean, .summary = "whether a retained command is carried out", .fallback = "false"},
};

/// Of outputs; a group leaves them to its members.
constexpr std::array safety_rows{
    OptionSpec{.key = "initial", .type = T::choice, .summary = "state at the start; keep leaves the output as it is found",
               .fallback = "off", .choices = initial_states},
    OptionSpec{.key = "on_exit", .type = T::choice, .summary = "state when the daemon stops", .fallback = "keep", .choices = exit_states},
    OptionSpec{.key = "on_broker_lost", .type = T::object, .summary = "what to do once the broker has been away for a while"},
    OptionSpec{.key = "max_on", .type = T::duration, .summary = "longest time to be on, then it is switched off", .min = 0.001, .max = 366 * day},
    OptionSpec{.key = "min_on", .type = T::duration, .summary = "shortest time to be on; OFF waits for its end", .min = 0.001, .max = 366 * day},
    OptionSpec{.key = "min_off", .type = T::duration, .summary = "shortest time to be off; ON waits for its end", .min = 0.001, .max = 366 * day},
    OptionSpec{.key = "interlock", .type = T::text_list, .summary = "actuators that may not be on together with this one"},
};

/// Of what shows text.
constexpr std::array display_rows{
    OptionSpec{.key = "lines", .type = T::text_list,
               .summary = "what is shown while no text is commanded; {sensor.channel} and {sensor.channel:.1f} are readings"},
    OptionSpec{.key = "refresh", .type = T::duration, .summary = "least time between two changes of the lines", .fallback = "1s",
               .min = 0.1, .max = 3600},
};

constexpr std::array broker_lost_rows{
    OptionSpec{.key = "after", .type = T::duration, .summary = "how long the broker must be away", .fallback = "30s", .min = 0, .max = 366 * day},
    OptionSpec{.key = "state", .type = T::choice, .summary = "state to go to", .fallback = "off", .choices = switch_states},
};

constexpr std::array ack_rows{
    OptionSpec{.key = "ok", .type = T::text, .summary = "payload when a command was carried out", .required = true},
    OptionSpec{.key = "refused", .type = T::text, .summary = "payload when it was not", .required = true},
};

constexpr std::array condition_rows{
    OptionSpec{.key = "when", .type = T::text, .summary = "a channel as \"climate.temperature\", a sensor, or an actuator"},
    OptionSpec{.key = "above", .type = T::number, .summary = "true above this, in published units"},
    OptionSpec{.key = "below", .type = T::number, .summary = "true below this, in published units"},
    OptionSpec{.key = "hysteresis", .type = T::number, .summary = "how far back the value must come for it to end", .fallback = "0", .min = 0},
    OptionSpec{.key = "is", .type = T::text, .summary = "\"ON\", \"OFF\", \"stale\", or an event of the sensor"},
    OptionSpec{.key = "between", .type = T::text_list, .summary = "two times of day, local: [\"07:00\", \"22:00\"]"},
    OptionSpec{.key = "all", .type = T::list, .summary = "conditions that must all be true"},
    OptionSpec{.key = "any", .type = T::list, .summary = "conditions of which one must be true"},
    OptionSpec{.key = "for", .type = T::duration, .summary = "how long it must be true before it counts", .min = 0, .max = 366 * day},
};

constexpr std::array rule_action_rows{
    OptionSpec{.key = "for", .type = T::duration, .summary = "how long, then the opposite", .min = 0.001, .max = 366 * day},
};

constexpr std::array rule_only_rows{
    OptionSpec{.key = "name", .type = T::text, .summary = "name for people; default: rule 1, rule 2 …"},
    OptionSpec{.key = "then", .type = T::object, .summary = "commands when the condition becomes true, by actuator"},
    OptionSpec{.key = "else", .type = T::object, .summary = "commands when it becomes false, by actuator"},
    OptionSpec{.key = "unknown", .type = T::choice, .summary = "what a condition counts as that can no longer be told", .fallback = "else",
               .choices = unknown_policies},
};
// clang-format on

void append(std::vector<OptionSpec>& rows, Rows more) { rows.insert(rows.end(), more.begin(), more.end()); }

/// What only sensors with channels have. Where a chip wants the altitude for itself, it has its own row.
std::vector<OptionSpec> measuring_rows(const DriverInfo& driver) {
  std::vector<OptionSpec> rows{payload_row, derive_row};
  const bool has_altitude = std::any_of(driver.options.begin(), driver.options.end(),
                                        [](const OptionSpec& row) { return row.key == altitude_row.key; });
  if (!has_altitude) rows.push_back(altitude_row);
  return rows;
}

}  // namespace

Rows top() noexcept { return top_rows; }
Rows mqtt() noexcept { return mqtt_rows; }
Rows tls() noexcept { return tls_rows; }
Rows login() noexcept { return login_rows; }
Rows presence() noexcept { return presence_rows; }
Rows will() noexcept { return will_rows; }
Rows reconnect() noexcept { return reconnect_rows; }
Rows outbox() noexcept { return outbox_rows; }
Rows homeassistant() noexcept { return homeassistant_rows; }
Rows channel() noexcept { return channel_rows; }
Rows broker_lost() noexcept { return broker_lost_rows; }
Rows ack() noexcept { return ack_rows; }
Rows condition() noexcept { return condition_rows; }
Rows rule_action() noexcept { return rule_action_rows; }

Rows rule() noexcept {
  static const auto rows = [] {
    std::vector<OptionSpec> all(condition_rows.begin(), condition_rows.end());
    append(all, rule_only_rows);
    return all;
  }();
  return rows;
}

const OptionSpec& driver() noexcept { return driver_row; }

std::vector<OptionSpec> device(const DriverInfo& driver) {
  std::vector<OptionSpec> rows{driver_row};
  append(rows, bus_options(driver.bus));
  append(rows, driver.options);
  if (driver.is_actuator()) {
    append(rows, actuator_rows);
    if (!driver.group) append(rows, safety_rows);
    if (driver.output.kind == ActuatorKind::text) append(rows, display_rows);
    return rows;
  }
  if (driver.has_interval()) rows.push_back(every_row);
  if (driver.payload_option.empty()) append(rows, measuring_rows(driver));
  append(rows, sensor_rows);
  if (!driver.events.empty()) append(rows, event_rows);
  if (driver.settable) append(rows, total_rows);
  return rows;
}

std::vector<OptionSpec> any_device() {
  std::vector<OptionSpec> rows{driver_row, every_row, payload_row, derive_row, altitude_row};
  append(rows, sensor_rows);
  append(rows, event_rows);
  append(rows, total_rows);
  append(rows, actuator_rows);
  append(rows, safety_rows);
  append(rows, display_rows);
  for (const auto kind : {BusKind::i2c, BusKind::gpio, BusKind::files}) append(rows, bus_options(kind));
  for (const auto* driver : all_drivers()) append(rows, driver->options);
  return rows;
}

std::vector<std::string_view> names(Rows rows) {
  std::vector<std::string_view> names;
  for (const auto& row : rows)
    if (std::find(names.begin(), names.end(), row.key) == names.end()) names.push_back(row.key);
  return names;
}

}  // namespace b2m::keys
