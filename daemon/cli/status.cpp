#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <csignal>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "daemon/cli/bus_client.hpp"
#include "daemon/cli/cli.hpp"
#include "daemon/cli/status_text.hpp"
#include "daemon/cli/terminal.hpp"
#include "daemon/dbus/client.hpp"
#include "daemon/mqtt/payload.hpp"

namespace b2m {
namespace {

struct Arguments {
  dbus::BusType bus = dbus::BusType::system;
  bool json = false;
  bool watch = false;
};

/// Ages need both clocks of now; whether they are synchronised does not matter to them.
Moment now() { return {WallClock::now(), SteadyClock::now()}; }

/// Columns and rows of the terminal; 0 where it does not say.
winsize terminal_size() {
  winsize size{};
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  return size;
}

void print_once(const dbus::Snapshot& snapshot, bool as_json) {
  if (as_json) return fmt::print("{}\n", to_json(snapshot).dump(2));
  for (const auto& line : status_table(snapshot, now(), {.colour = wants_colour(stdout)})) fmt::print("{}\n", line);
}

/// The table on a terminal, drawn again when something has changed and once a second, since ages grow.
class LiveTable {
 public:
  explicit LiveTable(EventLoop& loop, const dbus::Snapshot& snapshot)
      : snapshot_(snapshot), colour_(wants_colour(stdout)), timer_(loop, [this] { draw(); }) {
    fmt::print("\x1b[?1049h\x1b[?25l");  // xterm: the other screen, without a cursor
  }
  ~LiveTable() {
    fmt::print("\x1b[?25h\x1b[?1049l");
    std::fflush(stdout);
  }
  LiveTable(const LiveTable&) = delete;
  LiveTable& operator=(const LiveTable&) = delete;

  void changed() {
    for (const auto& [id, sensor] : snapshot_.sensors) history_.take(sensor);
    if (drawn_ + pace <= SteadyClock::now()) return draw();
    timer_.arm(drawn_ + pace);
  }

 private:
  static constexpr std::chrono::milliseconds pace{100};

  void draw() {
    drawn_ = SteadyClock::now();
    timer_.arm(drawn_ + std::chrono::seconds(1));
    const auto size = terminal_size();
    auto lines = status_table(snapshot_, now(), {.colour = colour_, .width = size.ws_col}, &history_);
    if (size.ws_row > 1 && lines.size() >= size.ws_row) {
      lines.resize(size.ws_row - 1U);
      lines.back() = "…";
    }
    std::string screen = "\x1b[H";
    for (const auto& line : lines) screen += line + "\x1b[K\r\n";
    fmt::print("{}\x1b[J", screen);
    std::fflush(stdout);
  }

  const dbus::Snapshot& snapshot_;
  ChannelHistory history_;
  bool colour_;
  SteadyTime drawn_{};
  Timer timer_;
};

/// A line for what has changed; for programs and files.
void print_change(const dbus::Snapshot& snapshot, const dbus::Client::Change& change, bool as_json) {
  nlohmann::json object{{"time", format_time(WallClock::now())}, {"running", snapshot.running}};
  std::string line;
  const auto add = [&](const char* kind, const std::string& id, const auto& device) {
    object[kind][id] = to_json(device);
    line = change_line(device);
  };
  if (const auto sensor = snapshot.sensors.find(change.sensor); sensor != snapshot.sensors.end()) {
    add("sensors", sensor->first, sensor->second);
  } else if (const auto actuator = snapshot.actuators.find(change.actuator); actuator != snapshot.actuators.end()) {
    add("actuators", actuator->first, actuator->second);
  } else {
    object["gateway"] = to_json(snapshot.gateway);
    line = snapshot.running ? change_line(snapshot.gateway) : "the daemon is not running";
  }
  fmt::print("{}\n", as_json ? object.dump() : fmt::format("{}  {}", format_time(WallClock::now()), line));
  std::fflush(stdout);
}

void watch(const Arguments& arguments, dbus::Client& client) {
  block_signals();
  EventLoop loop;
  const auto end = [&] { loop.exit(0); };
  const SignalWatch on_interrupt(loop, SIGINT, end);
  const SignalWatch on_term(loop, SIGTERM, end);
  dbus::Snapshot snapshot;
  if (arguments.json || !is_terminal(stdout)) {
    client.follow(loop, snapshot, [&](const auto& change) { print_change(snapshot, change, arguments.json); });
    if (arguments.json) {
      fmt::print("{}\n", to_json(snapshot).dump());
    } else {
      print_once(snapshot, false);
    }
    std::fflush(stdout);
    loop.run();
  } else {
    std::unique_ptr<LiveTable> table;
    client.follow(loop, snapshot, [&](const auto&) { table->changed(); });
    table = std::make_unique<LiveTable>(loop, snapshot);
    table->changed();
    loop.run();
  }
}

void status(const Arguments& arguments) {
  dbus::Client client(arguments.bus);
  if (arguments.watch) return watch(arguments, client);
  print_once(client.snapshot(), arguments.json);
}

}  // namespace

void add_status(CLI::App& app, ExitCode& exit) {
  const auto arguments = std::make_shared<Arguments>();
  auto* command = app.add_subcommand("status", "Show the running daemon: link, queue, sensors, actuators, errors");
  command->add_flag("--watch", arguments->watch,
                    "Stay and show every change, as a live table on a terminal and as lines elsewhere, until Ctrl+C");
  add_bus_option(*command, arguments->bus);
  command->add_flag("--json", arguments->json, "Print JSON; with --watch one object a line for each change");
  command->callback([arguments, &exit] { ask_daemon(exit, [&] { status(*arguments); }); });
}

}  // namespace b2m
