#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/cli/cli.hpp"
#include "daemon/config/suggest.hpp"
#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

using Json = nlohmann::ordered_json;

struct Choices {
  std::string name;
  bool json = false;
};

std::string_view kind_of(const DriverInfo& driver) {
  if (driver.is_actuator()) return "actuator";
  if (driver.is_expander()) return "GPIO expander";
  if (driver.make_computed != nullptr) return "sensor, computed from another";
  return driver.make_edge_sensor != nullptr ? "sensor, told by edges" : "sensor";
}

std::string_view name_of(BusKind bus) {
  switch (bus) {
    case BusKind::i2c: return "i2c";
    case BusKind::gpio:
    case BusKind::gpio_lines: return "gpio";
    case BusKind::spi: return "spi";
    case BusKind::serial: return "serial";
    case BusKind::timed_lines: return "timed gpio lines";
    case BusKind::w1: return "1-Wire";
    case BusKind::files: return "kernel files";
    case BusKind::none: break;
  }
  return "none";
}

std::string_view name_of(OptionType type) {
  switch (type) {
    case OptionType::boolean: return "true or false";
    case OptionType::integer: return "whole number";
    case OptionType::number: return "number";
    case OptionType::text: return "text";
    case OptionType::text_list: return "text or list of texts";
    case OptionType::choice: return "choice";
    case OptionType::duration: return "duration";
    case OptionType::size: return "size";
    case OptionType::address: return "address";
    case OptionType::line: return "GPIO line";
    case OptionType::object: return "object";
    case OptionType::list: return "list";
  }
  return "";
}

std::vector<std::string> hex(std::span<const std::uint8_t> addresses) {
  std::vector<std::string> texts;
  for (const auto address : addresses) texts.push_back(fmt::format("0x{:02x}", address));
  return texts;
}

std::vector<OptionSpec> options_of(const DriverInfo& driver) {
  if (driver.is_expander()) return {};  // its lines are the options of others
  const auto bus = bus_options(driver.bus);
  std::vector<OptionSpec> options(bus.begin(), bus.end());
  options.insert(options.end(), driver.options.begin(), driver.options.end());
  return options;
}

/// "duration, 20ms to 1h, default 50ms", without what does not apply.
std::string constraints(const OptionSpec& option) {
  std::string text{name_of(option.type)};
  const auto bound = [&](double value) {
    if (option.type == OptionType::address) return fmt::format("0x{:02x}", static_cast<int>(value));
    if (option.type != OptionType::duration) return fmt::format("{}", value);
    return format_duration(std::chrono::nanoseconds(std::llround(value * 1e9)));
  };
  if (std::isfinite(option.min) && std::isfinite(option.max)) {
    text += fmt::format(", {} to {}", bound(option.min), bound(option.max));
  } else if (std::isfinite(option.min)) {
    text += ", at least " + bound(option.min);
  } else if (std::isfinite(option.max)) {
    text += ", at most " + bound(option.max);
  }
  if (!option.choices.empty()) text += fmt::format(": {}", fmt::join(option.choices, ", "));
  if (option.required) text += ", required";
  if (!option.fallback.empty()) text += fmt::format(", default {}", option.fallback);
  return text;
}

void print_channels(std::span<const ChannelSpec> channels) {
  for (const auto& channel : channels) {
    const auto& quantity = info(channel.quantity);
    fmt::print("  {:<20} {:<22} {:>10g} to {:g} {}\n", channel.key, quantity.key, channel.range.low * quantity.scale,
               channel.range.high * quantity.scale, quantity.unit);
  }
}

void print_models(const DriverInfo& driver) {
  if (driver.models.empty()) return;
  fmt::print("chips\n");
  for (std::size_t i = 0; i < driver.models.size(); ++i) {
    const DriverRef model{&driver, i};
    fmt::print("  {:<12} {}{}{}\n", model.name(), fmt::join(hex(model.addresses()), " "),
               model.addresses().empty() ? "" : "  ", driver.models[i].summary);
  }
}

/// The drivers whose line may be one of an expander.
std::vector<std::string_view> users_of_lines() {
  std::vector<std::string_view> names;
  for (const auto* driver : all_drivers())
    if (driver->expander_lines) names.push_back(driver->name);
  return names;
}

void print_driver(const DriverRef& ref) {
  const auto& driver = *ref.driver;
  fmt::print("{}: {}\n{}; bus: {}; documents: {}\n", driver.name, driver.summary, kind_of(driver), name_of(driver.bus),
             driver.datasheet);
  if (driver.has_interval())
    fmt::print("{} every {} unless \"every\" says otherwise, at least {}\n", driver.on_grid ? "told" : "read",
               format_duration(driver.every), format_duration(driver.every_min));
  if (!driver.wiring.empty()) fmt::print("wiring: {}\n", driver.wiring);
  print_models(driver);
  if (driver.models.empty() && !driver.addresses.empty())
    fmt::print("addresses  {}\n", fmt::join(hex(driver.addresses), " "));
  if (driver.dynamic_channels) fmt::print("channels: known from the device alone\n");
  if (!ref.channels().empty()) {
    fmt::print("channels of {}\n", ref.name());
    print_channels(ref.channels());
  }
  if (!driver.events.empty()) fmt::print("events     {}\n", fmt::join(driver.events, ", "));
  if (driver.settable) fmt::print("a number on its command topic sets {}\n", ref.channels().front().key);
  const auto options = options_of(driver);
  if (driver.is_expander())
    fmt::print("lines\n  \"{0}@i2c-1:0x{1:02x}/0\" to \"{0}@i2c-1:0x{1:02x}/{2}\", as the \"line\" of: {3}\n",
               ref.name(), ref.addresses().front(), driver.models[ref.model].expander.lines - 1,
               fmt::join(users_of_lines(), ", "));
  if (!options.empty()) fmt::print("options\n");
  for (const auto& option : options) fmt::print("  {:<20} {} ({})\n", option.key, option.summary, constraints(option));
  fmt::print("example\n  {}\n", driver.example);
}

Json channels_json(std::span<const ChannelSpec> channels) {
  Json list = Json::array();
  for (const auto& channel : channels) {
    const auto& quantity = info(channel.quantity);
    list.push_back({{"key", channel.key},
                    {"quantity", quantity.key},
                    {"unit", quantity.unit},
                    {"low", channel.range.low * quantity.scale},
                    {"high", channel.range.high * quantity.scale}});
  }
  return list;
}

Json driver_json(const DriverInfo& driver) {
  Json document{{"name", driver.name},
                {"kind", driver.is_expander()   ? "GPIO expander"
                         : driver.is_actuator() ? "actuator"
                                                : "sensor"},
                {"summary", driver.summary},
                {"datasheet", driver.datasheet},
                {"wiring", driver.wiring},
                {"bus", name_of(driver.bus)}};
  document["models"] = Json::array();
  for (std::size_t i = 0; i < driver.models.size(); ++i) {
    const DriverRef model{&driver, i};
    document["models"].push_back(
        {{"name", model.name()}, {"addresses", hex(model.addresses())}, {"channels", channels_json(model.channels())}});
    if (driver.is_expander()) {
      document["models"].back()["lines"] = driver.models[i].expander.lines;
      document["models"].back()["summary"] = driver.models[i].summary;
    }
  }
  document["addresses"] = hex(driver.addresses);
  document["channels"] = channels_json(driver.channels);
  document["dynamic_channels"] = driver.dynamic_channels;
  document["options"] = Json::array();
  for (const auto& option : options_of(driver))
    document["options"].push_back({{"key", option.key},
                                   {"type", name_of(option.type)},
                                   {"summary", option.summary},
                                   {"required", option.required},
                                   {"default", option.fallback}});
  document["events"] = driver.events;
  document["settable"] = driver.settable;
  if (driver.has_interval()) {
    document["every"] = format_duration(driver.every);
    document["every_min"] = format_duration(driver.every_min);
  }
  document["example"] = Json::parse(driver.example);
  return document;
}

void print_all(bool json) {
  if (json) {
    Json list = Json::array();
    for (const auto* driver : all_drivers()) list.push_back(driver_json(*driver));
    fmt::print("{}\n", list.dump(2));
    return;
  }
  for (const auto* driver : all_drivers()) {
    std::vector<std::string_view> others;
    for (const auto& model : driver->models)
      if (model.name != driver->name) others.push_back(model.name);
    fmt::print("{:<12} {}{}{}\n", driver->name, driver->summary, others.empty() ? "" : "; also ",
               fmt::join(others, ", "));
  }
}

int print_one(const Choices& choices) {
  const auto driver = find_driver(choices.name);
  if (!driver) {
    fmt::print(stderr, "there is no driver \"{}\"; {}\n", choices.name, suggest_driver(choices.name));
    return ExitCode::usage;
  }
  if (choices.json) {
    fmt::print("{}\n", driver_json(*driver->driver).dump(2));
  } else {
    print_driver(*driver);
  }
  return ExitCode::done;
}

}  // namespace

void add_drivers(CLI::App& app, ExitCode& exit) {
  auto choices = std::make_shared<Choices>();
  auto* command = app.add_subcommand("drivers", "List the drivers, or describe one");
  command->add_option("name", choices->name, "Driver or chip: its addresses, channels, units, options, an example");
  command->add_flag("--json", choices->json, "Print as JSON");
  command->callback([choices, &exit] {
    if (choices->name.empty()) {
      print_all(choices->json);
    } else {
      exit.value = print_one(*choices);
    }
  });
}

}  // namespace b2m
