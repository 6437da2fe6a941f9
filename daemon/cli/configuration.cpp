#include "daemon/cli/configuration.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <utility>

#include "daemon/config/load.hpp"

namespace b2m {

void add_config_option(CLI::App& command, std::string& file) {
  command.add_option("-c,--config", file, "Configuration; conf.d/*.json beside it is merged over it")->capture_default_str();
}

std::optional<Config> load_or_explain(const std::string& file, ExitCode& exit) {
  auto loaded = load(file, this_machine());
  fmt::print(stderr, "{}", to_text(loaded.diagnostics));
  if (!loaded.config) {
    fmt::print(stderr, "{}: not a valid configuration; see `board2mqtt check`\n", file);
    exit.value = ExitCode::configuration;
  }
  return std::move(loaded.config);
}

}  // namespace b2m
