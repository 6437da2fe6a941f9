// The daemon's main loop: signals, the service manager, the gateway.
#pragma once

#include <functional>
#include <string>

#include "daemon/config/load.hpp"
#include "daemon/config/model.hpp"
#include "daemon/dbus/bus_type.hpp"

namespace b2m {

struct RunOptions {
  bool simulate = false;
  bool verbose = false;                       ///< also log what is of use to developers alone
  dbus::BusType bus = dbus::BusType::system;  ///< that the daemon is to be found on
  std::string state = {};  ///< directory of what outlives the daemon; empty: as find_state_directory() says
  std::function<LoadResult()> load = {};  ///< how the configuration was read, for reading it again
};

/// Runs until SIGTERM or SIGINT and stops cleanly; SIGHUP loads the configuration again. Returns the process's exit
/// code. Call it before any thread exists.
int run_daemon(Config config, const RunOptions& options);

}  // namespace b2m
