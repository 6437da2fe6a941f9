#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "daemon/app/make_board.hpp"
#include "daemon/app/read_once.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/configuration.hpp"
#include "daemon/flow/clock.hpp"
#include "daemon/flow/expander_board.hpp"
#include "daemon/mqtt/payload.hpp"

namespace b2m {
namespace {

struct Arguments {
  std::vector<std::string> sensors;
  std::string config{default_config_file};
  bool simulate = false;
  bool json = false;
};

bool failed(const SingleReading& reading) {
  if (!reading.measurement) return true;
  const auto& values = reading.measurement->readings;
  return std::any_of(values.begin(), values.end(), [](const Reading& value) { return !value.value; });
}

void print_text(const SensorConfig& config, const SingleReading& reading) {
  if (!reading.measurement) {
    fmt::print("{} ({}): {}\n", config.id, config.driver.name(), to_string(reading.measurement.error()));
    return;
  }
  fmt::print("{} ({}), {}{}\n", config.id, config.driver.name(), format_time(reading.measurement->moment.wall),
             reading.measurement->simulated ? ", simulated" : "");
  if (reading.channels.empty() && config.payload)  // a text is all there is
    fmt::print("  {}\n", encode(*config.payload, config.id, {}, *reading.measurement, {}, {}).payload);
  for (const auto& value : reading.measurement->readings) {
    const auto& channel = reading.channels[value.channel];
    if (value.value) {
      const auto unit = info(channel.quantity).unit;
      fmt::print("  {:<20} {:>12}{}{}\n", channel.key, format_value(channel.quantity, *value.value),
                 unit.empty() ? "" : " ", unit);
    } else {
      fmt::print("  {:<20} {:>12} {}\n", channel.key, "-", to_string(value.value.error()));
    }
  }
}

nlohmann::json to_json(const SensorConfig& config, const SingleReading& reading) {
  if (!reading.measurement) {
    const auto& error = reading.measurement.error();
    return {{"error", name(error.code)}, {"message", error.detail}};
  }
  const auto encoded = encode({.kind = PayloadKind::json}, config.id, reading.channels, *reading.measurement,
                              reading.measurement->readings, {});
  return nlohmann::json::parse(encoded.payload);
}

/// The configured sensors that were asked for, all when none was named; an unknown name is an error.
std::vector<const SensorConfig*> select(const Config& config, const Arguments& arguments, ExitCode& exit) {
  std::vector<const SensorConfig*> selected;
  for (const auto& id : arguments.sensors) {
    const auto at =
        std::find_if(config.sensors.begin(), config.sensors.end(), [&](const auto& sensor) { return sensor.id == id; });
    if (at == config.sensors.end()) {
      fmt::print(stderr, "{}: no sensor is called \"{}\"\n", arguments.config, id);
      exit.value = ExitCode::usage;
      return {};
    }
    selected.push_back(&*at);
  }
  if (arguments.sensors.empty())
    for (const auto& sensor : config.sensors) selected.push_back(&sensor);
  return selected;
}

void read_all(const Arguments& arguments, ExitCode& exit) {
  const auto config = load_or_explain(arguments.config, arguments.simulate, exit);
  if (!config) return;
  set_clock_synchronised(ask_kernel_clock().value_or(true));
  const auto sensors = select(*config, arguments, exit);
  const auto board = std::make_shared<ExpanderBoard>(make_board(*config, arguments.simulate), config->expanders);
  auto object = nlohmann::json::object();
  for (const auto* sensor : sensors) {
    const auto reading = read_once(*sensor, config->sensors, board);
    if (failed(reading)) exit.value = ExitCode::failed;
    if (arguments.json) {
      object[sensor->id] = to_json(*sensor, reading);
    } else {
      print_text(*sensor, reading);
    }
  }
  if (arguments.json) fmt::print("{}\n", object.dump(2));
}

}  // namespace

void add_read(CLI::App& app, ExitCode& exit) {
  const auto arguments = std::make_shared<Arguments>();
  auto* command =
      app.add_subcommand("read", "Read sensors once, without a broker or the daemon, and print the readings");
  command->add_option("SENSOR", arguments->sensors, "Ids of sensors; all when none is given");
  add_config_option(*command, arguments->config);
  command->add_flag("--simulate", arguments->simulate, "Read a simulated board with every configured device on it");
  command->add_flag("--json", arguments->json, "Print JSON");
  command->callback([arguments, &exit] { read_all(*arguments, exit); });
}

}  // namespace b2m
