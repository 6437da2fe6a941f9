#include "daemon/app/run.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "daemon/cli/bus_client.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/configuration.hpp"

namespace b2m {

void add_run(CLI::App& app, ExitCode& exit) {
  struct Arguments {
    std::string config{default_config_file};
    RunOptions run;
  };
  const auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("run", "Run the daemon in the foreground until SIGTERM or Ctrl+C");
  add_config_option(*command, arguments->config);
  command->add_flag("--simulate", arguments->run.simulate, "Use a simulated board with every configured device on it");
  command->add_option("--state", arguments->run.state,
                      "Directory of what outlives the daemon: readings that wait, counters, states. Default: "
                      "$STATE_DIRECTORY, else board2mqtt below $XDG_STATE_HOME or ~/.local/state");
  add_bus_option(*command, arguments->run.bus);
  command->add_flag("--verbose", arguments->run.verbose, "Also log every reading, and what else helps to find faults");
  command->callback([arguments, &exit] {
    auto config = load_or_explain(arguments->config, arguments->run.simulate, exit);
    arguments->run.load = [arguments] { return load_here(arguments->config, arguments->run.simulate); };
    if (config) exit.value = run_daemon(std::move(*config), arguments->run);
  });
}

}  // namespace b2m
