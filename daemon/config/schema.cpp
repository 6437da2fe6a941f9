#include "daemon/config/schema.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "daemon/config/keys.hpp"
#include "daemon/config/shared_options.hpp"
#include "daemon/flow/derivation.hpp"
#include "daemon/flow/filter.hpp"
#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view duration_pattern = "^([0-9]+[.]?[0-9]*|[.][0-9]+) *(ns|us|ms|s|min|h|d)$";
constexpr std::string_view size_pattern = "^([0-9]+[.]?[0-9]*|[.][0-9]+) *(B|kB|MB|GB|KiB|MiB|GiB)$";

/// What a text must look like beyond being text; by key, since it is the key that says what the text is for.
struct KeyPattern {
  std::string_view key;
  std::string_view pattern;
};

constexpr std::string_view topic_pattern = "^[^+#\\u0000-\\u001f]+$";
constexpr std::string_view base_pattern = "^[^+#\\u0000-\\u001f]*[^+#/\\u0000-\\u001f]$";
constexpr KeyPattern key_patterns[] = {
    {"topic", topic_pattern},
    {"result_topic", topic_pattern},
    {"event_topic", topic_pattern},
    {"status_topic", topic_pattern},
    {"prefix", base_pattern},
    {"base_topic", base_pattern},
    {"command_topic", "^[^\\u0000-\\u001f]+$"},
    {"client_id", "^."},
    {"broker", "^(mqtts?([+]srv)?://[^@/]+/?|wss?://[^@/]+(/.*)?)$"},
    {"name", "^."},
};
constexpr std::string_view input_pattern = "^[a-z0-9_-]+[.][a-z0-9_]+$";
constexpr std::string_view bus_pattern = "^(/dev/)?i2c-[0-9]{1,5}(/mux:0x7[0-7]:[0-7])?$";

std::string_view pattern_of(std::string_view key) {
  const auto* at =
      std::find_if(std::begin(key_patterns), std::end(key_patterns), [&](const auto& p) { return p.key == key; });
  return at == std::end(key_patterns) ? std::string_view{} : at->pattern;
}

Json reference(std::string_view name) { return {{"$ref", fmt::format("#/$defs/{}", name)}}; }

Json text_schema(std::string_view key) {
  Json schema{{"type", "string"}};
  if (const auto pattern = pattern_of(key); !pattern.empty()) schema["pattern"] = pattern;
  return schema;
}

Json number_schema(const OptionSpec& row) {
  Json schema{{"type", row.type == OptionType::number ? "number" : "integer"}};
  const bool whole = row.type == OptionType::integer;
  const auto bound = [&](double value) { return whole ? Json(std::llround(value)) : Json(value); };
  if (std::isfinite(row.min)) schema["minimum"] = bound(row.min);
  if (std::isfinite(row.max)) schema["maximum"] = bound(row.max);
  return schema;
}

Json choice_schema(const OptionSpec& row) {
  Json choices = Json::array();
  for (const auto choice : row.choices) choices.push_back(choice);
  return {{"enum", choices}};
}

/// 0x76 as the pattern of its spellings: hexadecimal in either case, decimal.
std::string address_pattern(std::span<const std::uint8_t> addresses) {
  std::string hex, decimal;
  for (const auto address : addresses) {
    if (!hex.empty()) hex += '|', decimal += '|';
    for (const char digit : fmt::format("{:x}", address)) {
      if (std::isalpha(static_cast<unsigned char>(digit)) != 0) {
        hex += fmt::format("[{}{}]", digit, static_cast<char>(std::toupper(static_cast<unsigned char>(digit))));
      } else {
        hex += digit;
      }
    }
    decimal += fmt::format("{}", address);
  }
  return fmt::format("^(0[xX]0*({})|0*({}))$", hex, decimal);
}

Json address_schema(const OptionSpec& row, std::span<const std::uint8_t> addresses) {
  if (addresses.empty())
    return {{"anyOf",
             Json::array({{{"type", "integer"}, {"minimum", std::llround(row.min)}, {"maximum", std::llround(row.max)}},
                          {{"type", "string"}, {"pattern", "^(0[xX][0-9a-fA-F]+|[0-9]+)$"}}})}};
  Json numbers = Json::array();
  for (const auto address : addresses) numbers.push_back(address);
  return {{"anyOf", Json::array({{{"enum", numbers}}, {{"type", "string"}, {"pattern", address_pattern(addresses)}}})}};
}

/// The fallback as JSON, in the type of the row.
Json fallback_of(const OptionSpec& row) {
  switch (row.type) {
    case OptionType::boolean: return row.fallback == "true";
    case OptionType::integer:
    case OptionType::number: return Json::parse(row.fallback);
    default: return std::string(row.fallback);
  }
}

Json row_schema(const OptionSpec& row, std::span<const std::uint8_t> addresses = {}) {
  const auto base = [&]() -> Json {
    switch (row.type) {
      case OptionType::boolean: return {{"type", "boolean"}};
      case OptionType::integer:
      case OptionType::number: return number_schema(row);
      case OptionType::text:
      case OptionType::line: return text_schema(row.key);
      case OptionType::text_list: {
        const auto text = row.choices.empty() ? text_schema(row.key) : choice_schema(row);
        return {{"anyOf", Json::array({text, {{"type", "array"}, {"items", text}, {"minItems", 1}}})}};
      }
      case OptionType::choice: return choice_schema(row);
      case OptionType::duration: return {{"type", "string"}, {"pattern", duration_pattern}};
      case OptionType::size: return {{"type", "string"}, {"pattern", size_pattern}};
      case OptionType::address: return address_schema(row, addresses);
      case OptionType::object: return reference(row.key);
      case OptionType::list: return reference(row.key);
    }
    return Json::object();
  };
  Json schema{{"description", row.summary}};
  schema.update(base());
  if (!row.fallback.empty()) schema["default"] = fallback_of(row);
  return schema;
}

/// An object that has these keys and no others. Nothing is required: what is missing in one file may stand in a
/// fragment of conf.d or under `defaults`.
Json object_schema(std::span<const OptionSpec> rows) {
  Json properties = Json::object();
  for (const auto& row : rows) properties[std::string(row.key)] = row_schema(row);
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

Json numbers_schema(int least, int most = 0) {
  Json schema{{"type", "array"}, {"items", {{"type", "number"}}}, {"minItems", least}};
  if (most != 0) schema["maxItems"] = most;
  return schema;
}

Json window_schema() { return {{"type", "integer"}, {"minimum", 1}, {"maximum", 1000}}; }

Json filter_parameter_schema(FilterParameter parameter) {
  switch (parameter) {
    case FilterParameter::number: return {{"type", "number"}};
    case FilterParameter::interval: return numbers_schema(2, 2);
    case FilterParameter::points: return {{"type", "array"}, {"items", numbers_schema(2, 2)}, {"minItems", 2}};
    case FilterParameter::coefficients: return numbers_schema(1);
    case FilterParameter::window: return window_schema();
    case FilterParameter::quantile:
      return {
          {"type", "object"},
          {"properties", {{"window", window_schema()}, {"q", {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}}}},
          {"required", {"window", "q"}},
          {"additionalProperties", false}};
    case FilterParameter::number_or_share:
      return {{"anyOf", Json::array({{{"type", "number"}, {"minimum", 0}},
                                     {{"type", "string"}, {"pattern", "^[0-9]*[.]?[0-9]*([eE][+-]?[0-9]+)?%$"}}})}};
    case FilterParameter::duration: return {{"type", "string"}, {"pattern", duration_pattern}};
    case FilterParameter::digits: return {{"type", "integer"}, {"minimum", 0}, {"maximum", 9}};
  }
  return Json::object();
}

Json filters_schema() {
  Json properties = Json::object();
  for (const auto& filter : all_filters()) {
    Json schema{{"description", filter.summary}};
    schema.update(filter_parameter_schema(filter.parameter));
    properties[std::string(filter.name)] = schema;
  }
  const Json filter{{"type", "object"},
                    {"properties", properties},
                    {"additionalProperties", false},
                    {"minProperties", 1},
                    {"maxProperties", 1}};
  return {{"type", "array"}, {"items", filter}};
}

/// Names that stand for the same driver with the same addresses and channels.
struct Variant {
  DriverRef driver;
  std::vector<std::string_view> names;
};

bool same_span(const auto& a, const auto& b) { return a.data() == b.data() && a.size() == b.size(); }

std::vector<Variant> variants_of(const DriverInfo& driver) {
  std::vector<Variant> variants{{DriverRef{&driver, 0}, {driver.name}}};
  for (std::size_t model = 0; model < driver.models.size(); ++model) {
    const DriverRef ref{&driver, model};
    if (driver.models[model].name == driver.name) {  // a model's own name wins, as in find_driver()
      variants.front().driver = ref;
      continue;
    }
    const auto alike = std::find_if(variants.begin(), variants.end(), [&](const Variant& variant) {
      return same_span(variant.driver.addresses(), ref.addresses()) &&
             same_span(variant.driver.channels(), ref.channels());
    });
    if (alike != variants.end()) {
      alike->names.push_back(ref.name());
    } else {
      variants.push_back({ref, {ref.name()}});
    }
  }
  return variants;
}

/// The channels that there can be settings of.
Json channel_names(const DriverRef& driver) {
  Json names = Json::array();
  for (const auto& channel : driver.channels()) names.push_back(channel.key);
  for (const auto name : derivation_names) names.push_back(name);
  return names;
}

Json variant_schema(const Variant& variant) {
  const auto& driver = *variant.driver.driver;
  Json properties = Json::object();
  for (const auto& row : keys::device(driver)) {
    auto schema = row_schema(row, variant.driver.addresses());
    if (row.key == "driver") schema = true;  // who looks in here has chosen it
    if (row.key == "channels" && !driver.dynamic_channels)
      schema["propertyNames"] = {{"enum", channel_names(variant.driver)}};
    if (std::any_of(driver.inputs.begin(), driver.inputs.end(), [&](auto& input) { return input.option == row.key; }))
      schema["pattern"] = input_pattern;
    if (row.key == "bus" && driver.bus == BusKind::i2c) schema["pattern"] = bus_pattern;
    properties[std::string(row.key)] = std::move(schema);
  }
  return {
      {"description", driver.summary}, {"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

/// An entry of `sensors` or `actuators`: `driver` decides what else it may have. What it may is added to `defs`.
void add_devices(Json& defs, bool actuators) {
  Json names = Json::array();
  Json cases = Json::array();
  Json drivers = Json::object();
  for (const auto* driver : all_drivers()) {
    if (driver->is_actuator() != actuators || driver->is_expander()) continue;
    for (const auto& variant : variants_of(*driver)) {
      for (const auto name : variant.names) names.push_back(name);
      const auto definition = fmt::format("driver_{}", variant.names.front());
      const Json chosen{{"properties", {{"driver", {{"enum", variant.names}}}}}, {"required", {"driver"}}};
      cases.push_back({{"if", chosen}, {"then", reference(definition)}});
      drivers[definition] = variant_schema(variant);
    }
  }
  auto driver = row_schema(keys::driver());
  driver["enum"] = names;
  Json entry{{"type", "object"}, {"properties", {{"driver", driver}}}, {"allOf", cases}};
  share_with_section(entry, drivers);
  defs[actuators ? "actuator" : "sensor"] = std::move(entry);
  defs.update(drivers);
}

Json driver_names() {
  Json names = Json::array();
  for (const auto* driver : all_drivers()) {
    if (driver->is_expander()) continue;
    for (const auto& variant : variants_of(*driver))
      for (const auto name : variant.names) names.push_back(name);
  }
  return names;
}

/// A key of `defaults` takes what any device would take for it.
Json defaults_schema() {
  const auto rows = keys::any_device();
  Json properties = Json::object();
  for (const auto name : keys::names(rows)) {
    Json choices = Json::array();
    for (const auto& row : rows) {
      if (row.key != name) continue;
      auto schema = row_schema(row);
      schema.erase("default");
      if (std::find(choices.begin(), choices.end(), schema) == choices.end()) choices.push_back(std::move(schema));
    }
    if (name == "driver") choices.front()["enum"] = driver_names();
    properties[std::string(name)] = choices.size() == 1 ? choices.front() : Json{{"anyOf", choices}};
  }
  return {{"type", "object"}, {"properties", properties}, {"additionalProperties", false}};
}

Json devices_schema(std::string_view entry) {
  return {{"type", "object"},
          {"propertyNames", {{"pattern", "^[a-z0-9_-]+$"}}},
          {"additionalProperties", reference(entry)}};
}

/// A state of some actuator.
Json state_schema() { return {{"type", {"string", "number", "boolean"}}}; }

Json actions_schema() {
  auto timed = object_schema(keys::rule_action());
  for (const auto* key : {"state", "value"}) timed["properties"][key] = state_schema();
  timed["oneOf"] = Json::array({{{"required", {"state"}}}, {{"required", {"value"}}}});
  return {{"type", "object"},
          {"minProperties", 1},
          {"additionalProperties", {{"anyOf", Json::array({state_schema(), std::move(timed)})}}}};
}

/// A rule is a condition with what is then done.
void add_rules(Json& defs) {
  const auto list_of = [](std::string_view name, int least) -> Json {
    return {{"type", "array"}, {"items", reference(name)}, {"minItems", least}};
  };
  const auto condition = [](Json schema) {
    constexpr std::string_view time_of_day = "^([01][0-9]|2[0-3]):[0-5][0-9]$";
    auto& properties = schema["properties"];
    const auto summary = properties["between"]["description"];
    properties["between"] = {
        {"description", summary}, {"type", "array"}, {"items", {{"type", "string"}, {"pattern", time_of_day}}},
        {"minItems", 2},          {"maxItems", 2},   {"uniqueItems", true}};
    Json one_of = Json::array();
    for (const auto* key : {"when", "between", "all", "any"}) one_of.push_back({{"required", {key}}});
    schema["anyOf"] = one_of;
    const Json needs_when{"when"};
    const Json needs_limit{{"anyOf", Json::array({{{"required", {"above"}}}, {{"required", {"below"}}}})}};
    schema["dependentRequired"] = {{"above", needs_when}, {"below", needs_when}, {"is", needs_when}};
    schema["dependentSchemas"] = {{"hysteresis", needs_limit}};
    return schema;
  };
  defs["condition"] = condition(object_schema(keys::condition()));
  defs["rule"] = condition(object_schema(keys::rule()));
  defs["rules"] = list_of("rule", 0);
  defs["all"] = list_of("condition", 1);
  defs["any"] = list_of("condition", 1);
  defs["then"] = actions_schema();
  defs["else"] = actions_schema();
}

Json definitions() {
  Json defs = Json::object();
  defs["on_broker_lost"] = object_schema(keys::broker_lost());
  defs["ack"] = object_schema(keys::ack());
  defs["ack"]["required"] = {"ok", "refused"};
  add_rules(defs);
  defs["mqtt"] = object_schema(keys::mqtt());
  defs["tls"] = object_schema(keys::tls());
  defs["login"] = object_schema(keys::login());
  defs["will"] = object_schema(keys::will());
  defs["birth"] = object_schema(keys::presence());
  defs["reconnect"] = object_schema(keys::reconnect());
  defs["outbox"] = object_schema(keys::outbox());
  defs["homeassistant"] = object_schema(keys::homeassistant());
  defs["defaults"] = defaults_schema();
  defs["sensors"] = devices_schema("sensor");
  defs["actuators"] = devices_schema("actuator");
  defs["channels"] = {{"type", "object"}, {"additionalProperties", reference("channel")}};
  defs["channel"] = object_schema(keys::channel());
  defs["filters"] = filters_schema();
  add_devices(defs, /*actuators=*/false);
  add_devices(defs, /*actuators=*/true);
  share_options(defs);
  return defs;
}

}  // namespace

std::string config_schema() {
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "Configuration of board2mqtt"},
              {"description",
               "Comments // and /* */ are allowed in the file. What a schema cannot say, `board2mqtt check` does."}};
  schema.update(object_schema(keys::top()));
  schema["$defs"] = definitions();
  return schema.dump(1) + "\n";
}

}  // namespace b2m
