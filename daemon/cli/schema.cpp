#include "daemon/config/schema.hpp"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "daemon/cli/cli.hpp"

namespace b2m {

void add_schema(CLI::App& app, ExitCode& exit) {
  auto* command = app.add_subcommand("schema", "Print the JSON Schema of the configuration");
  command->footer(
      "Editors complete and check a configuration by it, for example with\n  \"json.schemas\": [{\"fileMatch\": "
      "[\"board2mqtt.json\"], \"url\": \"/usr/share/board2mqtt/board2mqtt.schema.json\"}]");
  command->callback([&exit] {
    const auto schema = config_schema();
    const bool written =
        std::fwrite(schema.data(), 1, schema.size(), stdout) == schema.size() && std::fflush(stdout) == 0;
    exit.value = written ? ExitCode::done : ExitCode::failed;
  });
}

}  // namespace b2m
