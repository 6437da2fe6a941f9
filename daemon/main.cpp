// The program: its command line. Each subcommand does its work when it is chosen and leaves its exit code.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>

#include "daemon/cli/cli.hpp"
#include "daemon/cli/usage_error.hpp"

int main(int argc, char** argv) try {
  b2m::ExitCode exit;
  CLI::App app("Sensors of a Linux board to MQTT, commands back to its outputs", "board2mqtt");
  app.set_version_flag("--version", B2M_VERSION);
  app.require_subcommand(1);
  b2m::add_run(app, exit);
  b2m::add_status(app, exit);
  b2m::add_set(app, exit);
  b2m::add_reload(app, exit);
  b2m::add_check(app, exit);
  b2m::add_read(app, exit);
  b2m::add_scan(app, exit);
  b2m::add_drivers(app, exit);
  b2m::add_boards(app, exit);
  b2m::add_pins(app, exit);
  b2m::add_schema(app, exit);
  b2m::add_command_line(app, exit);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
    std::fprintf(stderr, "board2mqtt: %s\n", b2m::usage_words(app, error).c_str());
    return b2m::ExitCode::usage;
  }
  return exit.value;
} catch (const std::exception& error) {
  std::fprintf(stderr, "board2mqtt: %s\n", error.what());
  return b2m::ExitCode::failed;
}
