#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "daemon/cli/bus_client.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/dbus/client.hpp"

namespace b2m {
namespace {

struct Arguments {
  dbus::BusType bus = dbus::BusType::system;
  bool json = false;
};

void reload(const Arguments& arguments, ExitCode& exit) {
  const auto report = dbus::Client(arguments.bus).reload();
  if (!report.accepted) exit.value = ExitCode::configuration;
  if (arguments.json) {
    fmt::print("{}\n", nlohmann::json{{"accepted", report.accepted}, {"diagnostics", report.diagnostics}}.dump());
    return;
  }
  for (const auto& diagnostic : report.diagnostics) fmt::print(stderr, "{}\n", diagnostic);
  if (!report.accepted) fmt::print(stderr, "refused: the daemon goes on with the configuration it has\n");
}

}  // namespace

void add_reload(CLI::App& app, ExitCode& exit) {
  const auto arguments = std::make_shared<Arguments>();
  auto* command =
      app.add_subcommand("reload", "Have the running daemon load its configuration again; print why if it refuses");
  add_bus_option(*command, arguments->bus);
  command->add_flag("--json", arguments->json, "Print JSON");
  command->callback([arguments, &exit] { ask_daemon(exit, [&] { reload(*arguments, exit); }); });
}

}  // namespace b2m
