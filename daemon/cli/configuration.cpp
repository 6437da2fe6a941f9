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

LoadResult load_here(const std::string& file, bool simulate) {
  auto machine = this_machine();
  if (simulate) machine.device_tree_model = simulated_board;
  return load(file, machine);
}

std::optional<Config> load_or_explain(const std::string& file, bool simulate, ExitCode& exit) {
  auto loaded = load_here(file, simulate);
  fmt::print(stderr, "{}", to_text(loaded.diagnostics));
  if (!loaded.config) {
    fmt::print(stderr, "{}: not a valid configuration; see `board2mqtt check`\n", file);
    exit.value = ExitCode::configuration;
  }
  return std::move(loaded.config);
}

}  // namespace b2m
