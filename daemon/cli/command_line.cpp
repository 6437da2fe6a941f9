// The command line as data, from which the man page and the completions of shells are made.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "daemon/cli/cli.hpp"

namespace b2m {
namespace {

using nlohmann::json;

json describe(const CLI::Option& option) {
  json names = json::array();
  for (const auto& name : option.get_snames()) names.push_back("-" + name);
  for (const auto& name : option.get_lnames()) names.push_back("--" + name);
  return {{"names", names},
          {"positional", option.get_positional() ? json(option.get_name(/*positional=*/true)) : json()},
          {"value", option.get_items_expected_max() > 0 ? option.get_type_name() : ""},
          {"many", option.get_items_expected_max() > 1},
          {"required", option.get_required()},
          {"default", option.get_default_str()},
          {"description", option.get_description()}};
}

json describe(const CLI::App& app) {
  json options = json::array();
  for (const auto* option : app.get_options()) options.push_back(describe(*option));
  json object{{"name", app.get_name()},
              {"description", app.get_description()},
              {"notes", app.get_footer()},
              {"options", options},
              {"subcommands", json::array()}};
  for (const auto* command : app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); }))
    object["subcommands"].push_back(describe(*command));
  return object;
}

}  // namespace

void add_command_line(CLI::App& app, ExitCode& /*exit*/) {
  auto* command = app.add_subcommand("command-line", "Print the command line as JSON, for docs/ and completions");
  command->group("");  // not in --help: nobody needs it but the build
  command->callback([&app] { fmt::print("{}\n", describe(app).dump(2)); });
}

}  // namespace b2m
