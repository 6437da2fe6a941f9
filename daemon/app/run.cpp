#include "daemon/app/run.hpp"

#include <systemd/sd-daemon.h>

#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>

#include "daemon/app/gateway.hpp"
#include "daemon/app/make_board.hpp"
#include "daemon/app/service_line_keeper.hpp"
#include "daemon/app/version.hpp"
#include "daemon/dbus/service.hpp"
#include "daemon/dbus/timedate.hpp"
#include "daemon/flow/clock.hpp"
#include "daemon/flow/clock_watch.hpp"
#include "daemon/log/log.hpp"
#include "daemon/mqtt/paho_link.hpp"
#include "daemon/store/storage.hpp"

namespace b2m {
namespace {

/// Counts the devices for people: "7 sensors, 1 actuator".
std::string inventory(const Config& config) {
  const auto plural = [](std::size_t count) { return count == 1 ? "" : "s"; };
  return fmt::format("{} sensor{}, {} actuator{}", config.sensors.size(), plural(config.sensors.size()),
                     config.actuators.size(), plural(config.actuators.size()));
}

/// None when there is no directory that can be used: the daemon does its work all the same.
std::unique_ptr<Storage> open_storage(EventLoop& loop, const OutboxConfig& outbox, const std::string& given) {
  constexpr std::string_view consequence = "what waits for the broker, counters and states are kept in memory only";
  const auto directory = find_state_directory(given);
  if (directory.empty()) {
    log::warning({.error = "io"}, "store: there is no state directory; {}. Name one with --state DIR", consequence);
    return nullptr;
  }
  auto storage = Storage::open(loop, directory, outbox.disk_bytes, {.sync = outbox.sync});
  if (storage) return std::move(*storage);
  log::warning({.error = name(storage.error().code)}, "store: {}. Until it is started anew, {}", storage.error().detail,
               consequence);
  return nullptr;
}

}  // namespace

int run_daemon(Config config, const RunOptions& options) {
  const bool simulate = options.simulate;
  if (options.verbose) log::set_level(log::Level::debug);
  block_signals();
  std::signal(SIGXFSZ, SIG_IGN);  // NOLINT: a file that may not grow is an error of that write, not the end
  EventLoop loop;
  loop.enable_watchdog();
  const auto what = inventory(config);
  log::info({}, "board2mqtt {} on {}{}: {}", version(), config.board, simulate ? " (simulated)" : "", what);

  bool clean = true;
  {
    dbus::Timedate timedate(loop);
    ClockWatch clock(loop, {.kernel = ask_kernel_clock, .bus = [&](auto answer) { timedate.ask(std::move(answer)); }});
    auto board = make_board(config, simulate, service_line_keeper());
    const auto storage = open_storage(loop, config.outbox, options.state);
    ValuesInMemory in_memory;
    KeptValues& kept = storage ? static_cast<KeptValues&>(*storage) : in_memory;
    OutboxStore* store = config.outbox.disk_bytes != 0 ? storage.get() : nullptr;
    Gateway gateway(loop, std::move(config), std::move(board), std::make_unique<PahoLink>(loop), kept, simulate, store);
    const dbus::Service on_bus(loop, options.bus, gateway.bus_view(), dbus::Reload());
    clock.on_change([&] { gateway.clock_changed(); });
    bool stopping = false;
    const auto stop = [&] {
      if (std::exchange(stopping, true)) return;
      sd_notify(0, "STOPPING=1");
      log::info({}, "stopping");
      gateway.stop([&](bool all_ended) {
        clean = all_ended;
        if (!storage) return loop.exit(EXIT_SUCCESS);
        storage->stop([&](bool closed) {
          clean = clean && closed;
          loop.exit(EXIT_SUCCESS);
        });
      });
    };
    SignalWatch on_term(loop, SIGTERM, stop);
    SignalWatch on_int(loop, SIGINT, stop);
    gateway.start();
    sd_notifyf(0, "READY=1\nSTATUS=%s", what.c_str());
    loop.run();
  }
  // A thread that hangs in the kernel must not meet the destructors of static objects.
  if (!clean) std::_Exit(EXIT_SUCCESS);
  return EXIT_SUCCESS;
}

}  // namespace b2m
