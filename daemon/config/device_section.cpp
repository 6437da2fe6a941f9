#include "daemon/config/device_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "daemon/config/channel_names.hpp"
#include "daemon/config/clashes.hpp"
#include "daemon/config/defaults_section.hpp"
#include "daemon/config/device_wiring.hpp"
#include "daemon/config/display_lines.hpp"
#include "daemon/config/expander_lines.hpp"
#include "daemon/config/filter_list.hpp"
#include "daemon/config/group_section.hpp"
#include "daemon/config/input_references.hpp"
#include "daemon/config/keys.hpp"
#include "daemon/config/safety_section.hpp"
#include "daemon/config/suggest.hpp"
#include "daemon/config/topic_rules.hpp"
#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

constexpr std::array<std::string_view, 5> own_topics{"status", "health", "info", "request", "response"};

constexpr std::size_t most_devices =
    1000;  // of each section; several times what the buses and lines of a board can carry

bool is_id(std::string_view id) {
  return !id.empty() && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
  });
}

std::string suggested_id(std::string_view id) {
  std::string suggestion;
  for (const char c : id.substr(0, 40)) {
    const auto byte = static_cast<unsigned char>(c);
    suggestion += std::isalnum(byte) != 0 ? static_cast<char>(std::tolower(byte)) : c == '-' ? '-' : '_';
  }
  return is_id(suggestion) ? fmt::format("write \"{}\"", suggestion) : std::string{};
}

/// The quantities among `wanted` that no channel of the driver measures.
std::vector<std::string_view> missing_quantities(const DriverRef& driver, std::span<const Quantity> wanted) {
  std::vector<std::string_view> missing;
  const auto channels = driver.channels();
  for (const auto quantity : wanted)
    if (std::none_of(channels.begin(), channels.end(), [&](const auto& c) { return c.quantity == quantity; }))
      missing.push_back(info(quantity).key);
  return missing;
}

/// Whether every option of the driver has been given rightly, or need not be given.
bool is_complete(const ObjectReader& reader, const DriverInfo& driver) {
  return std::all_of(driver.options.begin(), driver.options.end(), [&](const OptionSpec& row) {
    return reader.given(row.key) ? reader.valid(row.key) : !row.required;
  });
}

/// Reads the devices of one section after the other. Lives during one load().
class DeviceReader {
 public:
  DeviceReader(LoadContext& context, Config& config, const Node& defaults)
      : context_(context), config_(config), defaults_(defaults), wiring_(context, config, clashes_) {}

  void read_section(const Node& section, bool actuators);
  void warn_of_bus_pins() const { wiring_.warn_of_bus_pins(); }

 private:
  std::optional<DriverRef> find_driver_of(const Node& device, const std::string& pointer, bool actuators);
  bool check_id(const Member& entry, const std::string& pointer);
  void read_device(const Member& entry, const std::string& pointer, bool actuators);
  void read_common(const ObjectReader& reader, DeviceConfig& device);
  void read_sensor(const ObjectReader& reader, SensorConfig sensor);
  void read_events(const ObjectReader& reader, SensorConfig& sensor, const Placeholders& placeholders);
  void read_total(const ObjectReader& reader, SensorConfig& sensor, const Placeholders& placeholders);
  static void check_options(const ObjectReader& reader, const DriverInfo& driver);
  void read_derive(const ObjectReader& reader, SensorConfig& sensor);
  bool check_derivation(const ObjectReader& reader, const SensorConfig& sensor, Derivation derivation);
  void read_every(const ObjectReader& reader, SensorConfig& sensor);
  void read_payload(const ObjectReader& reader, SensorConfig& sensor);
  void read_channels(const ObjectReader& reader, SensorConfig& sensor);
  void read_channel(const Member& entry, const std::string& pointer, SensorConfig& sensor);
  void check_value_payload(const ObjectReader& reader, const SensorConfig& sensor);
  void check_answers(const ObjectReader& reader, const ActuatorConfig& actuator);
  void read_actuator(const ObjectReader& reader, ActuatorConfig actuator);
  Placeholders placeholders_of(std::string_view kind, const std::string& id) const;

  LoadContext& context_;
  Config& config_;
  const Node& defaults_;
  Clashes clashes_;
  InputReferences inputs_;
  std::vector<std::string> ids_;
  WiringReader wiring_;
};

void DeviceReader::read_section(const Node& section, bool actuators) {
  const std::string pointer = actuators ? "/actuators" : "/sensors";
  if (section.members.size() > most_devices)
    return context_.diagnostics.error(section.place, pointer,
                                      fmt::format("there are more than {} entries", most_devices));
  for (const auto& entry : section.members) read_device(entry, child_pointer(pointer, entry.key), actuators);
  if (!actuators) inputs_.resolve(config_, ids_, context_.diagnostics);
}

bool DeviceReader::check_id(const Member& entry, const std::string& pointer) {
  auto& diagnostics = context_.diagnostics;
  if (!is_id(entry.key)) {
    diagnostics.error(entry.place, pointer, "an id has small letters, digits, _ and - only", suggested_id(entry.key));
    return false;
  }
  if (std::find(own_topics.begin(), own_topics.end(), entry.key) != own_topics.end()) {
    diagnostics.error(entry.place, pointer, fmt::format("{{base}}/{} is a topic of the gateway itself", entry.key),
                      "choose another id");
    return false;
  }
  if (std::find(ids_.begin(), ids_.end(), entry.key) != ids_.end()) {
    diagnostics.error(entry.place, pointer, fmt::format("/sensors/{} has this id already", entry.key),
                      "choose another id");
    return false;
  }
  ids_.push_back(entry.key);
  return true;
}

std::optional<DriverRef> DeviceReader::find_driver_of(const Node& device, const std::string& pointer, bool actuators) {
  const auto* member = device.find("driver");
  if (member == nullptr) {
    context_.diagnostics.error(device.place, pointer, "\"driver\" is missing", "`board2mqtt drivers` lists all");
    return std::nullopt;
  }
  const auto place = member->value.place;
  const auto driver_pointer = member->from_defaults ? "/defaults/driver" : child_pointer(pointer, "driver");
  if (member->value.kind != NodeKind::text) {
    context_.diagnostics.error(place, driver_pointer, fmt::format("text is expected, not {}", describe(member->value)));
    return std::nullopt;
  }
  const auto& name = member->value.text();
  auto driver = find_driver(name);
  if (!driver) {
    context_.diagnostics.error(place, driver_pointer, fmt::format("there is no driver {}", in_quotes(name)),
                               suggest_driver(name));
    return std::nullopt;
  }
  if (driver->driver->is_expander()) {
    context_.diagnostics.error(
        place, driver_pointer, fmt::format("{} is a GPIO expander, whose lines are used by an input or a switch", name),
        fmt::format(R"(write {{"driver": "{}", "line": "{}@i2c-1:0x{:02x}/0"}})", actuators ? "switch" : "input",
                    driver->name(), driver->addresses().front()));
    return std::nullopt;
  }
  if (driver->driver->is_actuator() != actuators) {
    context_.diagnostics.error(place, driver_pointer,
                               fmt::format("{} is {}", name, actuators ? "a sensor" : "an actuator"),
                               fmt::format("it belongs under \"{}\"", actuators ? "sensors" : "actuators"));
    return std::nullopt;
  }
  return driver;
}

void DeviceReader::read_device(const Member& entry, const std::string& pointer, bool actuators) {
  check_id(entry, pointer);
  if (!expect_object(entry.value, pointer, context_.diagnostics)) return;
  Node node = entry.value;
  static constexpr std::array<std::string_view, 1> driver_key{"driver"};
  apply_defaults(node, defaults_, driver_key);
  const auto driver = find_driver_of(node, pointer, actuators);
  if (!driver) return;

  const auto rows = keys::device(*driver->driver);
  apply_defaults(node, defaults_, keys::names(rows),
                 driver->driver->dynamic_channels ? std::nullopt : std::optional(channel_names(*driver)));
  const ObjectReader reader(node, pointer, rows, context_.diagnostics, driver->name());
  const auto read_as = [&](auto device) {
    device.id = entry.key;
    device.driver = *driver;
    read_common(reader, device);
    return device;
  };
  if (actuators) {
    read_actuator(reader, read_as(ActuatorConfig{}));
  } else {
    read_sensor(reader, read_as(SensorConfig{}));
  }
}

void DeviceReader::read_common(const ObjectReader& reader, DeviceConfig& device) {
  const auto& driver = *device.driver.driver;
  for (const auto rows : {bus_options(driver.bus), driver.options})
    for (const auto& row : rows)
      for (const auto& [key, value] : reader.options().all())
        if (key == row.key) device.options.set(key, value);
  device.qos = reader.options().has("qos") ? static_cast<int>(reader.options().integer("qos")) : config_.mqtt.qos;
  wiring_.read(reader, device);
  check_options(reader, driver);
}

/// What options say together, when each by itself is right; also those that every device has.
void DeviceReader::check_options(const ObjectReader& reader, const DriverInfo& driver) {
  if (driver.check_options == nullptr || !is_complete(reader, driver)) return;
  if (auto problem = driver.check_options(reader.options()))
    reader.error(problem->key, std::move(problem->message), std::move(problem->hint));
}

Placeholders DeviceReader::placeholders_of(std::string_view kind, const std::string& id) const {
  auto placeholders = context_.placeholders;
  placeholders.emplace(kind, id);
  return placeholders;
}

void DeviceReader::read_sensor(const ObjectReader& reader, SensorConfig sensor) {
  const auto placeholders = placeholders_of("sensor", sensor.id);
  sensor.topic = fill_text(reader, "topic", placeholders, check_topic, "channel");
  sensor.availability_topic = fmt::format("{}/{}/availability", context_.placeholders["base"], sensor.id);
  const bool retain = reader.options().has("retain") ? reader.options().flag("retain") : config_.mqtt.retain;
  sensor.retain = retain && !config_.mqtt.no_retain;
  sensor.expire_after = reader.options().duration("expire_after");
  read_every(reader, sensor);
  read_events(reader, sensor, placeholders);
  read_total(reader, sensor, placeholders);
  if (const auto* filters = reader.nested("filters"))
    sensor.filters = read_filters(*filters, reader.pointer("filters"), context_.diagnostics);
  read_derive(reader, sensor);
  read_channels(reader, sensor);
  read_payload(reader, sensor);
  inputs_.note(reader, sensor, config_.sensors.size());
  config_.sensors.push_back(std::move(sensor));
}

void DeviceReader::read_events(const ObjectReader& reader, SensorConfig& sensor, const Placeholders& placeholders) {
  if (sensor.driver.driver->events.empty()) return;
  sensor.event_topic = fill_text(reader, "event_topic", placeholders, check_topic);
  sensor.event_payload = reader.options().text("event_payload") == "value" ? PayloadKind::value : PayloadKind::json;
}

/// A total that can be set by a command.
void DeviceReader::read_total(const ObjectReader& reader, SensorConfig& sensor, const Placeholders& placeholders) {
  if (!sensor.driver.driver->settable) return;
  sensor.command_topic = fill_text(reader, "command_topic", placeholders, check_filter);
  sensor.result_topic = fill_text(reader, "result_topic", placeholders, check_topic);
  clashes_.claim_commands(reader, sensor.command_topic);
}

void DeviceReader::read_derive(const ObjectReader& reader, SensorConfig& sensor) {
  if (!sensor.driver.driver->payload_option.empty()) return;
  if (sensor.options.has("altitude_m")) {
    sensor.altitude_m = static_cast<double>(sensor.options.integer("altitude_m"));  // the chip wants it too
  } else if (reader.valid("altitude_m")) {
    sensor.altitude_m = reader.options().number("altitude_m");
  }
  if (!reader.valid("derive")) return;
  for (const auto& name : reader.options().list("derive")) {
    const auto derivation = derivation_named(name);
    const bool twice = std::find(sensor.derive.begin(), sensor.derive.end(), derivation) != sensor.derive.end();
    if (!twice && check_derivation(reader, sensor, derivation)) sensor.derive.push_back(derivation);
  }
}

/// Whether the sensor has what it takes; reports what is missing.
bool DeviceReader::check_derivation(const ObjectReader& reader, const SensorConfig& sensor, Derivation derivation) {
  const auto& row = info(derivation);
  const auto known = channel_names(sensor.driver);
  if (std::find(known.begin(), known.end(), row.channel.key) != known.end()) {
    reader.error("derive", fmt::format("a {} measures {} itself", sensor.driver.name(), row.channel.key));
    return false;
  }
  const auto missing = missing_quantities(sensor.driver, row.inputs);
  if (!missing.empty() && !sensor.driver.driver->dynamic_channels) {
    reader.error("derive", fmt::format("{} needs {}, which a {} does not measure", row.channel.key,
                                       fmt::join(missing, " and "), sensor.driver.name()));
    return false;
  }
  if (row.needs_altitude && !reader.given("altitude_m")) {
    reader.error("derive", fmt::format("{} needs the height of the sensor", row.channel.key),
                 "write \"altitude_m\", metres above sea level");
    return false;
  }
  return true;
}

void DeviceReader::read_every(const ObjectReader& reader, SensorConfig& sensor) {
  const auto& driver = *sensor.driver.driver;
  sensor.every = reader.valid("every") ? reader.options().duration("every") : std::chrono::nanoseconds(driver.every);
  if (sensor.every < driver.every_min)
    reader.error("every", fmt::format("{} is faster than a {} can deliver: at least {}", format_duration(sensor.every),
                                      sensor.driver.name(), format_duration(driver.every_min)));
  if (sensor.expire_after.count() != 0 && driver.has_interval() && sensor.expire_after < sensor.every)
    reader.warning("expire_after", fmt::format("is shorter than \"every\" ({}): each reading expires before the next",
                                               format_duration(sensor.every)));
}

void DeviceReader::read_channels(const ObjectReader& reader, SensorConfig& sensor) {
  const auto* channels = reader.nested("channels");
  if (channels == nullptr) return;
  for (const auto& entry : channels->members)
    read_channel(entry, child_pointer(reader.pointer("channels"), entry.key), sensor);
}

void DeviceReader::read_channel(const Member& entry, const std::string& pointer, SensorConfig& sensor) {
  auto& diagnostics = context_.diagnostics;
  const auto known = channel_names(sensor);
  const bool is_known = std::find(known.begin(), known.end(), entry.key) != known.end();
  if (!is_known && !sensor.driver.driver->dynamic_channels) {
    auto hint = did_you_mean(entry.key, known);
    if (hint.empty() && !known.empty()) hint = fmt::format("it has {}", fmt::join(known, ", "));
    diagnostics.error(entry.place, pointer, fmt::format("a {} has no such channel", sensor.driver.name()),
                      std::move(hint));
    return;
  }
  if (!expect_object(entry.value, pointer, diagnostics)) return;
  const ObjectReader reader(entry.value, pointer, keys::channel(), diagnostics);
  ChannelConfig channel{.key = entry.key};
  auto placeholders = placeholders_of("sensor", sensor.id);
  placeholders.emplace("channel", entry.key);
  if (reader.valid("topic")) channel.topic = fill_text(reader, "topic", placeholders, check_topic);
  channel.name = reader.text_or("name");
  channel.disabled = reader.options().flag("disabled");
  if (const auto* filters = reader.nested("filters"))
    channel.filters = read_filters(*filters, reader.pointer("filters"), diagnostics);
  sensor.channels.push_back(std::move(channel));
}

void DeviceReader::read_payload(const ObjectReader& reader, SensorConfig& sensor) {
  const auto& driver = *sensor.driver.driver;
  const bool own_template = !driver.payload_option.empty();
  const auto key = own_template ? driver.payload_option : std::string_view("payload");
  if (!reader.valid(key) && !(own_template && !reader.given(key) && reader.options().has(key))) return;
  const TemplateFields fields{.channels = channel_names(sensor),
                              .any_channel = driver.dynamic_channels,
                              .constants = placeholders_of("sensor", sensor.id)};
  const auto& text = reader.options().text(key);
  auto payload = own_template ? parse_payload_template(text, fields) : parse_payload(text, fields);
  if (!payload) return reader.error(key, payload.error().message, payload.error().hint);
  sensor.payload = std::move(*payload);
  check_value_payload(reader, sensor);
}

/// A bare number must be that of one channel.
void DeviceReader::check_value_payload(const ObjectReader& reader, const SensorConfig& sensor) {
  if (sensor.payload->kind != PayloadKind::value || sensor.driver.driver->dynamic_channels) return;
  if (sensor.topic.find("{channel}") != std::string::npos) return;
  const auto elsewhere =
      std::count_if(sensor.channels.begin(), sensor.channels.end(),
                    [](const ChannelConfig& channel) { return channel.disabled || !channel.topic.empty(); });
  const auto count = channel_names(sensor).size();
  if (static_cast<std::ptrdiff_t>(count) - elsewhere > 1)
    reader.error("payload",
                 fmt::format("a bare value cannot stand for the {} channels of a {}", count, sensor.driver.name()),
                 "put {channel} into the topic, or use \"json\"");
}

/// A message on a shared subscription may go to another member of the group, which would take it for a command.
void DeviceReader::check_answers(const ObjectReader& reader, const ActuatorConfig& actuator) {
  if (!actuator.command_topic.starts_with("$share/") && !actuator.command_topic.starts_with("$queue/")) return;
  for (const auto& [key, topic] :
       {std::pair("result_topic", actuator.result_topic), std::pair("topic", actuator.topic)})
    if (filters_overlap(actuator.command_topic, topic))
      reader.error(key,
                   fmt::format("{} is within the shared command_topic {}: another member of the group would take it "
                               "for a command",
                               in_quotes(topic), in_quotes(actuator.command_topic)),
                   "answer on a topic of its own");
}

void DeviceReader::read_actuator(const ObjectReader& reader, ActuatorConfig actuator) {
  const auto placeholders = placeholders_of("actuator", actuator.id);
  actuator.topic = fill_text(reader, "topic", placeholders, check_topic);
  actuator.command_topic = fill_text(reader, "command_topic", placeholders, check_filter);
  actuator.result_topic = fill_text(reader, "result_topic", placeholders, check_topic);
  const auto& driver = *actuator.driver.driver;
  if (driver.output_of != nullptr && is_complete(reader, driver))
    actuator.own_output = driver.output_of(actuator.options);
  if (driver.output.kind == ActuatorKind::text) read_display_lines(reader, config_, ids_, placeholders, actuator);
  read_safety(reader, context_, actuator);
  check_answers(reader, actuator);
  clashes_.claim_commands(reader, actuator.command_topic);
  config_.actuators.push_back(std::move(actuator));
}

}  // namespace

void read_devices(const ObjectReader& top, LoadContext& context, Config& config) {
  const auto& defaults = object_or_empty(top, "defaults");
  check_defaults(defaults, context.diagnostics);
  DeviceReader reader(context, config, defaults);
  reader.read_section(object_or_empty(top, "sensors"), false);
  const auto& actuators = object_or_empty(top, "actuators");
  reader.read_section(actuators, true);
  reader.warn_of_bus_pins();
  check_interlocks(actuators, config, context.diagnostics);
  resolve_groups(actuators, config, context.diagnostics);
  complete_expanders(config.expanders);
  if (config.sensors.empty() && config.actuators.empty() && !context.diagnostics.has_errors())
    context.diagnostics.warning(top.object().place, top.pointer(), "there is no sensor and no actuator",
                                "`board2mqtt scan` finds some");
}

}  // namespace b2m
