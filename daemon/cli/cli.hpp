// The subcommands of the program. Each add_…() puts one subcommand into the command line; when it is chosen, it runs
// and leaves its exit code.
#pragma once

#include <string_view>

namespace CLI {
class App;
}

namespace b2m {

/// What the program ends with.
struct ExitCode {
  static constexpr int done = 0;
  static constexpr int failed = 1;          ///< at run time
  static constexpr int usage = 2;           ///< wrong command line
  static constexpr int configuration = 78;  ///< EX_CONFIG of sysexits.h; the unit never restarts on it
  int value = done;
};

/// Read when the command line names no other.
inline constexpr std::string_view default_config_file = "/etc/board2mqtt/board2mqtt.json";

void add_run(CLI::App& app, ExitCode& exit);
void add_check(CLI::App& app, ExitCode& exit);
void add_read(CLI::App& app, ExitCode& exit);
void add_schema(CLI::App& app, ExitCode& exit);
void add_drivers(CLI::App& app, ExitCode& exit);
void add_boards(CLI::App& app, ExitCode& exit);
void add_pins(CLI::App& app, ExitCode& exit);
void add_scan(CLI::App& app, ExitCode& exit);
void add_status(CLI::App& app, ExitCode& exit);
void add_set(CLI::App& app, ExitCode& exit);
void add_reload(CLI::App& app, ExitCode& exit);
void add_command_line(CLI::App& app, ExitCode& exit);

}  // namespace b2m
