// The daemon's main loop: signals, the service manager, the gateway.
#pragma once

#include "daemon/config/model.hpp"

namespace b2m {

/// Runs until SIGTERM or SIGINT and stops cleanly. Returns the process's exit code. Call it before any thread exists.
int run_daemon(Config config, bool simulate);

}  // namespace b2m
