// What the subcommands that need a configuration have in common.
#pragma once

#include <optional>
#include <string>

#include "daemon/cli/cli.hpp"
#include "daemon/config/load.hpp"
#include "daemon/config/model.hpp"

namespace b2m {

/// `--config FILE`.
void add_config_option(CLI::App& command, std::string& file);

/// Loads the file for this machine, or with `simulate` for the simulated board.
[[nodiscard]] LoadResult load_here(const std::string& file, bool simulate);

/// Loads the file for this machine, or with `simulate` for the simulated board, and prints what is wrong with it on
/// standard error. None after an error; `exit` then says so.
[[nodiscard]] std::optional<Config> load_or_explain(const std::string& file, bool simulate, ExitCode& exit);

}  // namespace b2m
