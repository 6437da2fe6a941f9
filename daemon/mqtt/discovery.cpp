#include "daemon/mqtt/discovery.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "daemon/mqtt/payload.hpp"
#include "daemon/mqtt/topics.hpp"

namespace b2m {
namespace {

using nlohmann::json;

constexpr std::size_t largest_message = 512 * 1024;  // bytes; several times that of a thousand channels
constexpr int deepest_message = 8;                   // ours has three levels below the root
constexpr int most_decimals = 3;  // a display shows zeros up to there; what is published has all that is known
constexpr std::array<std::string_view, 7> platforms{"sensor", "binary_sensor", "event", "switch",
                                                    "number", "light",         "text"};

bool is_digit_or_small(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

/// `[a-zA-Z0-9_-]`, as topics and keys want it.
std::string plain(std::string_view text) {
  std::string result(text);
  for (char& c : result)
    if (!is_digit_or_small(lower(c)) && c != '-') c = '_';
  return result;
}

/// `[a-z0-9_]`, as ids of entities and the last part of keys want it.
std::string slug(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = is_digit_or_small(lower(c)) ? lower(c) : '_';
  return result;
}

/// "kitchen_window" as people write it.
std::string words(std::string_view id) {
  std::string result(id);
  std::replace_if(
      result.begin(), result.end(), [](char c) { return c == '_' || c == '-'; }, ' ');
  if (!result.empty() && result[0] >= 'a' && result[0] <= 'z') result[0] = static_cast<char>(result[0] - 'a' + 'A');
  return result;
}

std::string dump(const json& value) { return value.dump(-1, ' ', false, json::error_handler_t::replace); }

/// 40 rather than 40.0.
json number(double value) {
  if (std::trunc(value) == value && std::abs(value) < 1e15) return static_cast<std::int64_t>(value);
  return value;
}

/// A channel that a filter holds back is not in the message, and keeps its value; one that failed is null, which
/// becomes unknown. In brackets, because a dictionary has attributes of its own ("value_json.values").
std::string template_of(std::string_view key) {
  std::string text = "{{ value_json['";
  for (const char c : key) {
    if (c == '\'' || c == '\\') text += '\\';
    text += c;
  }
  return text + "'] | default('') }}";
}

/// Whether bare values of other channels come on the topic of this one, too.
bool shares_topic(const SensorView& sensor, std::string_view key) {
  const auto topic = channel_topic(sensor.config, key);
  return std::any_of(sensor.channels.begin(), sensor.channels.end(), [&](const Channel& other) {
    return other.key != key && is_enabled(sensor.config, other.key) && channel_topic(sensor.config, other.key) == topic;
  });
}

/// What there is to say of a number of this kind, from the one table.
void describe(json& entity, const QuantityInfo& quantity) {
  if (!quantity.device_class.empty()) entity["dev_cla"] = quantity.device_class;
  if (!quantity.unit.empty()) entity["unit_of_meas"] = quantity.unit;
  if (!quantity.state_class.empty()) entity["stat_cla"] = quantity.state_class;
}

/// Builds the message of one device.
class DeviceMessage {
 public:
  explicit DeviceMessage(const DiscoverySource& source)
      : config_(source.config), machine_(plain(config_.machine_id)), version_(source.version) {
    message_["dev"]["ids"] = "board2mqtt-" + machine_;
    message_["dev"]["name"] = config_.name;
    message_["dev"]["mdl"] = source.board;
    message_["dev"]["sw"] = version_;
    message_["o"]["name"] = "board2mqtt";
    message_["o"]["sw"] = version_;
    message_["o"]["url"] = "https://github.com/board2mqtt/board2mqtt";
    message_["qos"] = config_.mqtt.qos;
    message_["cmps"] = json::object();
  }

  void add(const SensorView& sensor);
  void add(const ActuatorConfig& actuator);
  void add_health();
  Discovery finish(const DiscoveryComponents& removed);

 private:
  /// What identifies a component in the device: "sensor-climate-temperature", "actuator-fan".
  json component(const std::string& id, std::string_view platform, const std::string& name);
  void put(const std::string& id, json component, const std::string& availability);
  void add_channel(const SensorView& sensor, const Channel& channel, bool only_one);
  void add_text(const SensorConfig& sensor);
  void add_event(const SensorConfig& sensor);
  void make_light(const ActuatorConfig& actuator, json& light) const;
  [[nodiscard]] std::string_view platform_of(const ActuatorConfig& actuator) const;
  void shorten(json& component) const;

  const Config& config_;
  const std::string machine_;
  const std::string version_;
  json message_;
  DiscoveryComponents components_;
};

json DeviceMessage::component(const std::string& id, std::string_view platform, const std::string& name) {
  json component;
  component["p"] = platform;
  component["name"] = name;
  component["uniq_id"] = machine_ + "-" + id;
  // After the first word, which says what kind of thing it is.
  component["default_entity_id"] =
      std::string(platform) + "." + slug(config_.name) + "_" + slug(id.substr(id.find('-') + 1));
  return component;
}

/// `availability` is the device's topic; empty when there is only the gateway's. The platform is in the key, because
/// what becomes of another platform is removed under its old one at the same time.
void DeviceMessage::put(const std::string& id, json component, const std::string& availability) {
  auto topics = json::array();
  if (config_.mqtt.tells_presence()) {
    const auto& mqtt = config_.mqtt;
    json gateway;
    gateway["t"] = mqtt.will.topic;
    if (mqtt.birth.payload != "online") gateway["pl_avail"] = mqtt.birth.payload;
    if (mqtt.will.payload != "offline") gateway["pl_not_avail"] = mqtt.will.payload;
    topics.push_back(std::move(gateway));
  }
  if (!availability.empty()) topics.push_back(json::object({{"t", availability}}));
  if (topics.size() > 1) component["avty_mode"] = "all";
  if (!topics.empty()) component["avty"] = std::move(topics);
  shorten(component);
  const auto platform = component["p"].get<std::string>();
  auto key = id + "-" + platform;
  message_["cmps"][key] = std::move(component);
  components_.insert_or_assign(std::move(key), platform);
}

/// "~" for the base topic, where that is shorter.
void DeviceMessage::shorten(json& component) const {
  std::vector<json*> topics;
  for (const auto* key : {"stat_t", "cmd_t", "bri_stat_t", "bri_cmd_t"})
    if (component.contains(key)) topics.push_back(&component[key]);
  if (component.contains("avty"))
    for (auto& entry : component["avty"]) topics.push_back(&entry["t"]);
  const auto& base = config_.mqtt.base_topic;
  std::size_t saved = 0;
  for (const auto* topic : topics) {
    const auto& text = topic->get_ref<const std::string&>();
    if (text.starts_with('~') || text.ends_with('~')) return;  // it would be replaced
    if (text.starts_with(base + "/")) saved += base.size() - 1;
  }
  if (base.empty() || saved <= base.size() + std::string_view(R"("~":"",)").size()) return;
  component["~"] = base;
  for (auto* topic : topics) {
    auto& text = topic->get_ref<std::string&>();
    if (text.starts_with(base + "/")) text.replace(0, base.size(), "~");
  }
}

void DeviceMessage::add(const SensorView& sensor) {
  const auto enabled = std::count_if(sensor.channels.begin(), sensor.channels.end(),
                                     [&](const Channel& channel) { return is_enabled(sensor.config, channel.key); });
  for (const auto& channel : sensor.channels)
    if (sensor.known && is_enabled(sensor.config, channel.key)) add_channel(sensor, channel, enabled == 1);
  if (!sensor.config.driver.driver->payload_option.empty()) add_text(sensor.config);
  add_event(sensor.config);
}

void DeviceMessage::add_channel(const SensorView& sensor, const Channel& channel, bool only_one) {
  const auto& config = sensor.config;
  const auto topic = channel_topic(config, channel.key);
  const auto kind = payload_format(config, sensor.channels, channel.key).kind;
  const bool readable = kind == PayloadKind::json || (kind == PayloadKind::value && !shares_topic(sensor, channel.key));
  if (topic.empty() || !readable) return;
  const auto& quantity = info(channel.quantity);
  const bool is_state = channel.quantity == Quantity::state;
  const auto id = "sensor-" + config.id + "-" + slug(channel.key);
  const auto* own = find_channel(config, channel.key);
  const auto name =
      own != nullptr && !own->name.empty() ? own->name : words(only_one ? config.id : config.id + " " + channel.key);
  auto entity = component(id, is_state ? "binary_sensor" : "sensor", name);
  entity["stat_t"] = topic;
  if (kind == PayloadKind::json) entity["val_tpl"] = template_of(channel.key);
  describe(entity, quantity);
  if (!quantity.unit.empty()) entity["sug_dsp_prc"] = std::min(quantity.decimals, most_decimals);
  if (config.expire_after.count() > 0)
    entity["exp_aft"] = std::chrono::ceil<std::chrono::seconds>(config.expire_after).count();
  if (config.qos != config_.mqtt.qos) entity["qos"] = config.qos;
  put(id, std::move(entity), config.availability_topic);
}

/// Of a driver that tells a text and no channels.
void DeviceMessage::add_text(const SensorConfig& sensor) {
  if (sensor.topic.empty()) return;
  const auto id = "sensor-" + sensor.id + "-text";
  auto entity = component(id, "sensor", words(sensor.id));
  entity["stat_t"] = sensor.topic;
  put(id, std::move(entity), sensor.availability_topic);
}

void DeviceMessage::add_event(const SensorConfig& sensor) {
  const auto events = sensor.driver.driver->events;
  if (events.empty() || sensor.event_topic.empty()) return;
  const auto id = "event-" + sensor.id;
  auto entity = component(id, "event", words(sensor.id));
  entity["stat_t"] = sensor.event_topic;
  entity["evt_typ"] = events;
  entity["dev_cla"] = "button";
  if (sensor.event_payload == PayloadKind::value) entity["val_tpl"] = R"({"event_type":"{{ value }}"})";
  put(id, std::move(entity), sensor.availability_topic);
}

/// One that nobody can command shows its state.
std::string_view DeviceMessage::platform_of(const ActuatorConfig& actuator) const {
  const auto& output = actuator.output();
  const bool on_off = output.kind == ActuatorKind::on_off;
  if (!actuator.has_plain_command_topic()) return on_off ? "binary_sensor" : "sensor";
  const auto& lights = config_.homeassistant->lights;
  if (output.light || std::find(lights.begin(), lights.end(), actuator.id) != lights.end()) return "light";
  if (on_off) return "switch";
  return output.kind == ActuatorKind::range ? "number" : "text";
}

void DeviceMessage::add(const ActuatorConfig& actuator) {
  const auto id = "actuator-" + actuator.id;
  const auto platform = platform_of(actuator);
  const auto& output = actuator.output();
  auto entity = component(id, platform, words(actuator.id));
  entity["stat_t"] = actuator.topic;
  if (actuator.has_plain_command_topic()) entity["cmd_t"] = actuator.command_topic;
  if (output.kind == ActuatorKind::range && platform == "light") {
    make_light(actuator, entity);
  } else if (output.kind == ActuatorKind::range) {
    entity["unit_of_meas"] = output.unit;
  }
  if (platform == "number") {
    constexpr double few = 10;  // volts of an analog output
    entity["min"] = number(output.range.low);
    entity["max"] = number(output.range.high);
    entity["step"] = number(output.range.high - output.range.low > few ? 1 : 0.01);
  }
  if (actuator.qos != config_.mqtt.qos) entity["qos"] = actuator.qos;
  put(id, std::move(entity), actuator_availability_topic(config_.mqtt.base_topic, actuator.id));
}

/// Its brightness is its state: on is every brightness but 0, and is commanded as the last one.
void DeviceMessage::make_light(const ActuatorConfig& actuator, json& light) const {
  light["stat_val_tpl"] = "{{ 'OFF' if value | float(0) == 0 else 'ON' }}";
  light["on_cmd_type"] = "brightness";
  light["bri_stat_t"] = actuator.topic;
  light["bri_cmd_t"] = actuator.command_topic;
  light["bri_scl"] = number(actuator.output().range.high);
}

/// The gateway's own well-being, from {base}/health.
void DeviceMessage::add_health() {
  struct Row {
    const char* name;
    const char* key;  ///< in the report
    Quantity quantity;
  };
  static constexpr std::array<Row, 3> rows{{{"Uptime", "uptime_s", Quantity::duration},
                                            {"Memory", "memory_bytes", Quantity::data_size},
                                            {"Queue", "queue", Quantity::count}}};
  const auto add_row = [this](const char* name, const char* key, std::string_view platform, auto fill) {
    const auto id = "gateway-" + slug(name);
    auto entity = component(id, platform, name);
    entity["ent_cat"] = "diagnostic";
    entity["stat_t"] = config_.mqtt.base_topic + "/health";
    entity["val_tpl"] = template_of(key);
    fill(entity);
    put(id, std::move(entity), {});
  };
  for (const auto& row : rows)
    add_row(row.name, row.key, "sensor", [&](json& entity) { describe(entity, info(row.quantity)); });
  add_row("Clock", "clock", "binary_sensor", [](json& entity) {
    entity["dev_cla"] = "problem";
    entity["pl_on"] = "unsynchronised";
    entity["pl_off"] = "synchronised";
  });
}

Discovery DeviceMessage::finish(const DiscoveryComponents& removed) {
  for (const auto& [key, platform] : removed)
    if (!components_.contains(key)) message_["cmps"][key]["p"] = platform;
  return {dump(message_), std::move(components_)};
}

}  // namespace

std::string discovery_topic(const Config& config) {
  if (!config.homeassistant) return {};
  return config.homeassistant->prefix + "/device/" + plain(config.name + "_" + config.machine_id) + "/config";
}

Discovery discover(const DiscoverySource& source, const DiscoveryComponents& removed) {
  DeviceMessage message(source);
  for (const auto& sensor : source.sensors) message.add(sensor);
  for (const auto& actuator : source.config.actuators) message.add(actuator);
  message.add_health();
  return message.finish(removed);
}

std::optional<DiscoveryComponents> parse_discovery(const std::string& payload) {
  if (payload.size() > largest_message) return std::nullopt;
  // What lies deeper than anything of ours is left out: what others have put on the topic is not to cost much.
  const auto shallow = [](int depth, json::parse_event_t, const json&) { return depth <= deepest_message; };
  const auto message = json::parse(payload, shallow, /*allow_exceptions=*/false);
  if (!message.is_object()) return std::nullopt;
  const auto components = message.find("cmps");
  if (components == message.end() || !components->is_object()) return std::nullopt;
  DiscoveryComponents told;
  for (const auto& [key, component] : components->items()) {
    const auto platform = component.is_object() ? component.value("p", json()) : json();
    // What is not ours is not repeated.
    if (!platform.is_string() || key != plain(key)) continue;
    const auto& name = platform.get_ref<const std::string&>();
    if (std::find(platforms.begin(), platforms.end(), name) != platforms.end()) told.emplace(key, name);
  }
  return told;
}

bool is_channel_of(std::string_view component, std::string_view sensor) {
  constexpr std::string_view kind = "sensor-";
  if (!component.starts_with(kind)) return false;
  component.remove_prefix(kind.size());
  // Neither the channel nor the platform has a dash.
  if (!component.starts_with(sensor)) return false;
  component.remove_prefix(sensor.size());
  return component.starts_with('-') && std::count(component.begin(), component.end(), '-') == 2;
}

}  // namespace b2m
