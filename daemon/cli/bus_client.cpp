#include "daemon/cli/bus_client.hpp"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <map>
#include <string>

#include "daemon/dbus/client.hpp"

namespace b2m {

void add_bus_option(CLI::App& command, dbus::BusType& bus) {
  static const std::map<std::string, dbus::BusType> types{{"system", dbus::BusType::system},
                                                          {"session", dbus::BusType::session}};
  command.add_option("--bus", bus, "D-Bus where the daemon is found: system (default) or session")
      ->type_name("system|session")
      ->transform(CLI::CheckedTransformer(types).description(""));
}

void ask_daemon(ExitCode& exit, const std::function<void()>& act) try { act(); } catch (const dbus::Unreachable& why) {
  fmt::print(stderr, "board2mqtt: {}\n", why.what());
  exit.value = ExitCode::failed;
}

}  // namespace b2m
