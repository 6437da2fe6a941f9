#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <system_error>

#include "daemon/app/make_board.hpp"
#include "daemon/board/board_table.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/configuration.hpp"
#include "daemon/cli/look_at_lines.hpp"
#include "daemon/cli/terminal.hpp"
#include "daemon/config/load.hpp"
#include "daemon/scan/fragment.hpp"
#include "daemon/scan/proposal.hpp"
#include "daemon/scan/scan_text.hpp"
#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

using Json = nlohmann::ordered_json;
namespace fs = std::filesystem;

struct Arguments {
  std::vector<std::string> buses;
  std::string config{default_config_file};
  bool write = false;
  bool simulate = false;
  bool json = false;
};

/// What the scan is made on and compared with.
struct Setting {
  LoadResult loaded;
  Config machine;  ///< the configuration, or what stands for one where there is none
  const BoardTable* board = nullptr;
  [[nodiscard]] const Config* config() const { return loaded.config ? &*loaded.config : nullptr; }
};

/// What is wired to the simulated board when no configuration says so: parts with an identity and one without.
void wire_simulated_parts(Config& machine, const BoardTable& board) {
  struct Part {
    std::string_view driver;
    std::int64_t address;
  };
  if (board.i2c_buses.empty()) return;
  for (const auto& [name, address] : {Part{"bme280", 0x76}, Part{"sht31", 0x44}, Part{"bh1750", 0x23}}) {
    SensorConfig sensor;
    sensor.driver = *find_driver(name);
    sensor.options.set("bus", board.i2c_buses.front());
    sensor.options.set("address", address);
    machine.sensors.push_back(std::move(sensor));
  }
}

bool has_i2c(const Config& config) {
  return std::any_of(config.sensors.begin(), config.sensors.end(),
                     [](const auto& sensor) { return sensor.driver.driver->bus == BusKind::i2c; });
}

Setting make_setting(const Arguments& arguments) {
  auto machine = this_machine();
  if (arguments.simulate) machine.device_tree_model = simulated_board;
  Setting setting;
  std::error_code error;
  if (fs::exists(arguments.config, error) || error) setting.loaded = load(arguments.config, machine);
  if (setting.loaded.config) setting.machine = *setting.loaded.config;
  const auto* configured = find_board(setting.machine.board);
  setting.board = configured != nullptr ? configured : &recognise(machine.device_tree_model);
  setting.machine.board = setting.board->name;
  if (arguments.simulate && !has_i2c(setting.machine)) wire_simulated_parts(setting.machine, *setting.board);
  return setting;
}

/// The buses of the kernel; on the simulated board those of its header and of the configuration.
std::vector<I2cAdapter> find_adapters(const Setting& setting, Board& board, bool simulate) {
  if (!simulate) return i2c_adapters(board.files());
  std::vector<I2cAdapter> adapters;
  const auto add = [&](const std::string& name) {
    const auto same = [&](const I2cAdapter& adapter) { return adapter.name == name; };
    if (std::none_of(adapters.begin(), adapters.end(), same)) adapters.push_back({.name = name, .title = "simulated"});
  };
  for (const auto& bus : setting.board->i2c_buses) add(bus);
  for (const auto& sensor : setting.machine.sensors)
    if (sensor.driver.driver->bus == BusKind::i2c) add(sensor.options.text("bus"));
  return adapters;
}

Json proposal_json(const Proposal& proposal) {
  Json object{{"place", proposal.place}, {"what", proposal.what}, {"standing", name_of(proposal.standing)}};
  if (!proposal.id.empty()) object["id"] = proposal.id;
  for (const auto& [key, value] : proposal.entry) object["entry"][key] = value;
  return object;
}

Json report_json(const ScanReport& report, const std::vector<Proposal>& proposals, const BoardTable& board,
                 const GpioView& gpio) {
  Json buses = Json::array();
  for (const auto& bus : report.buses) {
    Json object{{"name", bus.bus.name}, {"parts", bus.findings.size()}};
    if (bus.error) object["error"] = {{"code", name(bus.error->code)}, {"message", bus.error->detail}};
    buses.push_back(std::move(object));
  }
  Json left_out = Json::array();
  for (const auto& bus : report.left_out) left_out.push_back({{"name", bus.name}, {"why", bus.why}});
  Json found = Json::array();
  Json sensors = Json::object();
  for (const auto& proposal : proposals) {
    found.push_back(proposal_json(proposal));
    if (proposal.standing == Standing::active) sensors[proposal.id] = found.back()["entry"];
  }
  Json chips = Json::array();
  for (const auto& chip : gpio.chips)
    chips.push_back({{"name", chip.name}, {"label", chip.label}, {"lines", chip.lines.size()}});
  return {{"board", board.name}, {"buses", buses},      {"left_out", left_out},
          {"found", found},      {"gpio_chips", chips}, {"sensors", sensors}};
}

/// Nothing of what was asked for could be done.
bool has_failed(const ScanReport& report, const Arguments& arguments) {
  const bool error = std::any_of(report.buses.begin(), report.buses.end(),
                                 [](const auto& bus) { return bus.error && bus.findings.empty(); });
  return error || (!arguments.buses.empty() && !report.left_out.empty());
}

/// Puts the new entries into a file of their own, and takes it back when the configuration is not valid with it.
int write_entries(const Arguments& arguments, const std::vector<Proposal>& proposals) {
  if (!has_active(proposals)) {
    fmt::print(stderr, "nothing new to write: what was identified is configured already\n");
    return ExitCode::done;
  }
  const auto text = fmt::format(
      "// Found by `board2mqtt scan --write`. Yours to change: it is not written to again.\n{}", to_snippet(proposals));
  const auto path = write_fragment(fs::path(arguments.config).parent_path() / "conf.d", text);
  if (!path) {
    fmt::print(stderr, "cannot write: {}\n", path.error().detail);
    return ExitCode::failed;
  }
  auto machine = this_machine();
  if (arguments.simulate) machine.device_tree_model = simulated_board;
  const auto checked = load(arguments.config, machine);
  if (!checked.config) {
    std::error_code ignored;
    fs::remove(*path, ignored);
    fmt::print(stderr, "{}the configuration is not valid with what was found: {} was taken back\n",
               to_text(checked.diagnostics), path->string());
    return ExitCode::failed;
  }
  std::vector<std::string> ids;
  for (const auto& proposal : proposals)
    if (proposal.standing == Standing::active) ids.push_back(proposal.id);
  fmt::print(stderr, "wrote {}: {}\n", path->string(), fmt::join(ids, ", "));
  return ExitCode::done;
}

int run(const Arguments& arguments) {
  const auto setting = make_setting(arguments);
  if (setting.config() == nullptr && (arguments.write || setting.loaded.diagnostics.has_errors())) {
    fmt::print(stderr, "{}", to_text(setting.loaded.diagnostics));
    if (arguments.write) {
      fmt::print(stderr, "{}: there is no valid configuration to add to\n", arguments.config);
      return ExitCode::configuration;
    }
    fmt::print(stderr, "{} is not valid: what it has is not known to this scan\n", arguments.config);
  }
  const auto board = make_board(setting.machine, arguments.simulate);
  const auto choice = choose_buses(find_adapters(setting, *board, arguments.simulate), *setting.board, arguments.buses);
  if (!choice) {
    fmt::print(stderr, "{}\n", choice.error().detail);
    return ExitCode::usage;
  }
  const auto report = [&] {
    ProgressLine progress;
    return scan(*board, *choice, arguments.buses.empty(),
                [&](const std::string& what) { progress.show(fmt::format("scanning {}", what)); });
  }();
  const auto proposals = propose(report, setting.config());
  const auto gpio = arguments.buses.empty() ? look_at_lines(*setting.board, arguments.simulate).view : GpioView{};
  if (arguments.json) {
    const auto document = report_json(report, proposals, *setting.board, gpio);
    fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
  } else {
    fmt::print("{}{}", scan_text(report, proposals, *setting.board, gpio), to_snippet(proposals));
  }
  if (arguments.write)
    if (const int code = write_entries(arguments, proposals); code != ExitCode::done) return code;
  return has_failed(report, arguments) ? ExitCode::failed : ExitCode::done;
}

}  // namespace

void add_scan(CLI::App& app, ExitCode& exit) {
  const auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("scan", "Find what is wired, and print a configuration for it");
  command->add_option("-b,--bus", arguments->buses,
                      "I2C bus, \"i2c-1\" or \"i2c-1/mux:0x70:3\"; may be repeated. Default: those of the header");
  add_config_option(*command, arguments->config);
  command->add_flag("--write", arguments->write, "Put what is new into a file of its own in conf.d");
  command->add_flag("--simulate", arguments->simulate, "Scan a simulated board");
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->footer(
      "Looks by reads alone. What is printed is a configuration with the findings as comments: parts that say what\n"
      "they are as entries, those that can only be guessed as comments. Ends with 1 when a bus could not be scanned.");
  command->callback([arguments, &exit] { exit.value = run(*arguments); });
}

}  // namespace b2m
