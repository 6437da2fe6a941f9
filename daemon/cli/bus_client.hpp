// What the subcommands that talk to the running daemon have in common.
#pragma once

#include <functional>

#include "daemon/cli/cli.hpp"
#include "daemon/dbus/bus_type.hpp"

namespace b2m {

/// `--bus system|session`.
void add_bus_option(CLI::App& command, dbus::BusType& bus);

/// Runs `act`; says on standard error why the daemon cannot be asked when that is so, and sets `exit`.
void ask_daemon(ExitCode& exit, const std::function<void()>& act);

}  // namespace b2m
