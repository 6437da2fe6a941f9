#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/cli/bus_client.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/dbus/client.hpp"

namespace b2m {
namespace {

struct Arguments {
  std::string actuator;
  std::string value;
  dbus::BusType bus = dbus::BusType::system;
  bool json = false;
};

nlohmann::json to_json(const dbus::SetOutcome& outcome) {
  if (outcome.refusal)
    return {{"status", "refused"}, {"error", outcome.refusal->error}, {"message", outcome.refusal->message}};
  return {{"status", "ok"}, {"state", outcome.output}};
}

void set(const Arguments& arguments, ExitCode& exit) {
  const auto outcome = dbus::Client(arguments.bus).set(arguments.actuator, arguments.value);
  if (outcome.refusal) exit.value = ExitCode::failed;
  if (arguments.json) {
    fmt::print("{}\n", to_json(outcome).dump());
  } else if (outcome.refusal) {
    fmt::print(stderr, "{}: refused ({}): {}\n", arguments.actuator, outcome.refusal->error, outcome.refusal->message);
  } else {
    fmt::print("{}: {}\n", arguments.actuator, outcome.output);
  }
}

}  // namespace

void add_set(CLI::App& app, ExitCode& exit) {
  const auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("set", "Command an actuator of the running daemon, and print what became of it");
  command->add_option("ACTUATOR", arguments->actuator, "Id of the actuator")->required();
  command
      ->add_option(
          "VALUE", arguments->value,
          "As on its command topic: ON, OFF, TOGGLE, 40, 40%, or JSON such as {\"state\":\"ON\",\"for\":\"5s\"}")
      ->required();
  add_bus_option(*command, arguments->bus);
  command->add_flag("--json", arguments->json, "Print JSON");
  command->callback([arguments, &exit] { ask_daemon(exit, [&] { set(*arguments, exit); }); });
}

}  // namespace b2m
