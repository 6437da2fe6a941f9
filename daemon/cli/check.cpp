#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "daemon/app/make_board.hpp"
#include "daemon/app/read_once.hpp"
#include "daemon/app/try_broker.hpp"
#include "daemon/board/board_table.hpp"
#include "daemon/board/line_holder.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/look_at_lines.hpp"
#include "daemon/config/broker_url.hpp"
#include "daemon/config/load.hpp"
#include "daemon/flow/expander_board.hpp"
#include "daemon/log/log.hpp"

namespace b2m {
namespace {

using Json = nlohmann::ordered_json;

struct Choices {
  std::string file{default_config_file};
  bool json = false;
  bool connect = false;
};

/// What was tried, and whether it works.
struct Trial {
  std::string what;
  bool works = false;
  std::string words = {};
};

/// Every broker of the list: one that is only needed when another fails should not be found broken then.
std::vector<Trial> try_brokers(const MqttConfig& mqtt) {
  std::vector<Trial> trials;
  for (const auto& broker : mqtt.brokers) {
    auto trial = try_broker(mqtt, broker);
    const auto url = to_string(broker);
    if (trial.words.starts_with(url + ": ")) trial.words.erase(0, url.size() + 2);
    trials.push_back({url, trial.reached, std::move(trial.words)});
  }
  return trials;
}

/// A bus is tried by reading what is on it.
std::vector<Trial> try_sensors(const Config& config) {
  std::vector<Trial> trials;
  const auto board = std::make_shared<ExpanderBoard>(make_board(config, false), config.expanders);
  for (const auto& sensor : config.sensors) {
    const auto reading = read_once(sensor, config.sensors, board);
    auto words = reading.measurement ? fmt::format("answers, {} channels", reading.channels.size())
                                     : to_string(reading.measurement.error());
    trials.push_back({fmt::format("sensor {}", sensor.id), reading.measurement.has_value(), std::move(words)});
  }
  return trials;
}

/// One broker of the list is enough, each sensor is needed.
bool good_enough(const std::vector<Trial>& brokers, const std::vector<Trial>& sensors) {
  const auto works = [](const Trial& trial) { return trial.works; };
  return std::any_of(brokers.begin(), brokers.end(), works) && std::all_of(sensors.begin(), sensors.end(), works);
}

std::string plural(std::size_t count, std::string_view noun) {
  return fmt::format("{} {}{}", count, noun, count == 1 ? "" : "s");
}

/// What is meant by a line: the pad, the header pin and the chip's line where the board is known.
std::string meaning(const Config& config, const LineId& line) {
  if (const auto* board = find_board(config.board)) return describe(*board, line);
  return line.by_name() ? line.name : fmt::format("{} line {}", line.chip, line.offset);
}

/// The lines that somebody else holds now, by device and spelling. Only where the configuration is for this machine.
class Holders {
 public:
  explicit Holders(const Config& config) {
    const auto& mine = recognise(this_machine().device_tree_model);
    if (config.board == mine.name) lines_ = look_at_lines(mine, false);
  }
  [[nodiscard]] std::optional<std::string> of(const LineId& line) const {
    return held_by_another(lines_.view, line, lines_.is_led);
  }

 private:
  LinesNow lines_;
};

void print_text(const std::vector<Trial>& trials) {
  for (const auto& trial : trials) fmt::print("{}: {}{}\n", trial.what, trial.works ? "" : "FAILED: ", trial.words);
}

Json to_json(const std::vector<Trial>& trials) {
  Json list = Json::array();
  for (const auto& trial : trials)
    list.push_back({{"what", trial.what}, {"works", trial.works}, {"words", trial.words}});
  return list;
}

void print_text(const LoadResult& result) {
  fmt::print(stderr, "{}", to_text(result.diagnostics));
  if (!result.config) {
    fmt::print(stderr, "{}\n", plural(result.diagnostics.errors(), "error"));
    return;
  }
  const auto& config = *result.config;
  for (const auto& file : result.files) fmt::print("{}\n", file.string());
  fmt::print("name {}, board {}\n", config.name, config.board);
  for (const auto& broker : config.mqtt.brokers)
    fmt::print("broker {} as {}\n", to_string(broker), config.mqtt.client_id);
  for (const auto& sensor : config.sensors)
    fmt::print("sensor {} ({}) -> {}\n", sensor.id, sensor.driver.name(), sensor.topic);
  for (const auto& actuator : config.actuators)
    fmt::print("actuator {} ({}) <- {}\n", actuator.id, actuator.driver.name(), actuator.command_topic);
  const Holders holders(config);
  for (const auto& line : result.lines) {
    const auto holder = holders.of(line.line);
    fmt::print("line of {}: {} = {}{}{}\n", line.device, line.spelling, meaning(config, line.line),
               holder ? "; now " : "", holder.value_or(""));
  }
  fmt::print("OK: {}, {}, {}\n", plural(config.sensors.size(), "sensor"), plural(config.actuators.size(), "actuator"),
             plural(result.diagnostics.warnings(), "warning"));
}

Json summary(const LoadResult& result) {
  const auto& config = *result.config;
  Json brokers = Json::array();
  for (const auto& broker : config.mqtt.brokers) brokers.push_back(to_string(broker));
  Json lines = Json::array();
  const Holders holders(config);
  for (const auto& line : result.lines) {
    lines.push_back({{"device", line.device}, {"written", line.spelling}, {"meant", meaning(config, line.line)}});
    if (const auto holder = holders.of(line.line)) lines.back()["holder"] = *holder;
  }
  Json sensors = Json::object();
  for (const auto& sensor : config.sensors)
    sensors[sensor.id] = {{"driver", sensor.driver.name()}, {"topic", sensor.topic}};
  Json actuators = Json::object();
  for (const auto& actuator : config.actuators)
    actuators[actuator.id] = {
        {"driver", actuator.driver.name()}, {"command_topic", actuator.command_topic}, {"topic", actuator.topic}};
  return {{"name", config.name}, {"board", config.board}, {"client_id", config.mqtt.client_id},
          {"brokers", brokers},  {"sensors", sensors},    {"actuators", actuators},
          {"lines", lines}};
}

void print_json(const LoadResult& result, const std::vector<Trial>& brokers, const std::vector<Trial>& sensors,
                bool tried) {
  Json document{{"ok", result.config.has_value()}};
  document["files"] = Json::array();
  for (const auto& file : result.files) document["files"].push_back(file.string());
  document["diagnostics"] = Json::parse(to_json(result.diagnostics));
  if (result.diagnostics.unlisted() != 0) document["unlisted"] = result.diagnostics.unlisted();
  if (result.config) document.update(summary(result));
  if (tried) document["tried"] = {{"brokers", to_json(brokers)}, {"sensors", to_json(sensors)}};
  fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
}

void check(const Choices& choices, ExitCode& exit) {
  const auto result = load(choices.file, this_machine());
  exit.value = result.config ? ExitCode::done : ExitCode::configuration;
  const bool tries = choices.connect && result.config;
  if (!choices.json) print_text(result);
  std::vector<Trial> brokers, sensors;
  if (tries) {
    log::set_level(log::Level::error);  // the trials' own words say it
    brokers = try_brokers(result.config->mqtt);
    if (!choices.json) print_text(brokers);
    sensors = try_sensors(*result.config);
    if (!choices.json) print_text(sensors);
    if (!good_enough(brokers, sensors)) exit.value = ExitCode::failed;
  }
  if (choices.json) print_json(result, brokers, sensors, tries);
}

}  // namespace

void add_check(CLI::App& app, ExitCode& exit) {
  auto choices = std::make_shared<Choices>();
  auto* command = app.add_subcommand("check", "Report every problem of the configuration");
  command->add_option("-c,--config", choices->file, "Configuration file; conf.d/*.json beside it is merged over it")
      ->capture_default_str();
  command->add_flag("--json", choices->json, "Print the result as JSON");
  command->add_flag("--connect", choices->connect,
                    "Also connect to every broker, and read every sensor once; best while the daemon is stopped");
  command->footer(
      "Ends with 0 when the daemon would take the configuration, else with 78; with --connect with 1 when no broker "
      "can\n"
      "be reached or a sensor does not answer. Problems are printed as\n"
      "  file:line:column: error: /pointer: what is wrong; what to do");
  command->callback([choices, &exit] { check(*choices, exit); });
}

}  // namespace b2m
