#include "daemon/app/run.hpp"

#include <systemd/sd-daemon.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <utility>

#include "daemon/app/gateway.hpp"
#include "daemon/app/make_board.hpp"
#include "daemon/app/reloader.hpp"
#include "daemon/app/service_line_keeper.hpp"
#include "daemon/app/start_pages.hpp"
#include "daemon/app/version.hpp"
#include "daemon/dbus/service.hpp"
#include "daemon/dbus/timedate.hpp"
#include "daemon/flow/clock.hpp"
#include "daemon/flow/clock_watch.hpp"
#include "daemon/log/log.hpp"
#include "daemon/mqtt/paho_link.hpp"
#include "daemon/store/state_directory.hpp"
#include "daemon/store/storage.hpp"

namespace b2m {
namespace {

/// By then the first readings are out, and the broker has been reached if it can be.
constexpr auto start_is_over = std::chrono::seconds(30);

/// None when no directory is named: the daemon does its work all the same.
std::unique_ptr<Storage> open_storage(EventLoop& loop, const OutboxConfig& outbox, const std::string& given) {
  const auto directory = find_state_directory(given);
  if (directory.empty()) {
    log::warning(
        {.error = "io"},
        "store: there is no state directory; what waits for the broker, counters and states are kept in memory "
        "only. Name one with --state DIR");
    return nullptr;
  }
  return std::make_unique<Storage>(loop, directory, outbox.disk_bytes, StorageTimes{.sync = outbox.sync});
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
    const auto board = make_board(config, simulate, service_line_keeper());
    const auto storage = open_storage(loop, config.outbox, options.state);
    ValuesInMemory in_memory;
    KeptValues& kept = storage ? static_cast<KeptValues&>(*storage) : in_memory;
    OutboxStore* store = config.outbox.disk_bytes != 0 ? storage.get() : nullptr;
    Gateway gateway(loop, std::move(config), board, std::make_unique<PahoLink>(loop), kept, simulate, store);
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
    Reloader reloader(options.load, board, gateway);
    gateway.on_reload_request([&] { return reloader.reload(); });
    const dbus::Service on_bus(loop, options.bus, gateway.bus_view(), [&] { return reloader.reload(); });
    SignalWatch on_hup(loop, SIGHUP, [&] { reloader.reload(); });
    SignalWatch on_term(loop, SIGTERM, stop);
    SignalWatch on_int(loop, SIGINT, stop);
    Timer after_start(loop, give_back_start_pages);
    after_start.arm_after(start_is_over);
    gateway.start();
    gateway.tell({.accepted = true});
    sd_notifyf(0, "READY=1\nSTATUS=%s", what.c_str());
    loop.run();
  }
  // A thread that hangs in the kernel must not meet the destructors of static objects.
  if (!clean) std::_Exit(EXIT_SUCCESS);
  return EXIT_SUCCESS;
}

}  // namespace b2m
