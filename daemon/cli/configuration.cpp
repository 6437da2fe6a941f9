#include "daemon/cli/configuration.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "daemon/cli/look_at_lines.hpp"
#include "daemon/config/load.hpp"

namespace b2m {

void add_config_option(CLI::App& command, std::string& file) {
  command.add_option("-c,--config", file, "Configuration; conf.d/*.json beside it is merged over it")
      ->capture_default_str();
}

std::optional<Config> load_or_explain(const std::string& file, bool simulate, ExitCode& exit) {
  auto machine = this_machine();
  if (simulate) machine.device_tree_model = simulated_board;
  auto loaded = load(file, machine);
  fmt::print(stderr, "{}", to_text(loaded.diagnostics));
  if (!loaded.config) {
    fmt::print(stderr, "{}: not a valid configuration; see `board2mqtt check`\n", file);
    exit.value = ExitCode::configuration;
  }
  return std::move(loaded.config);
}

}  // namespace b2m
