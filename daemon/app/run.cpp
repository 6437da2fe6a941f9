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
#include "daemon/log/log.hpp"
#include "daemon/mqtt/paho_link.hpp"

namespace b2m {
namespace {

/// Counts the devices for people: "7 sensors, 1 actuator".
std::string inventory(const Config& config) {
  const auto plural = [](std::size_t count) { return count == 1 ? "" : "s"; };
  return fmt::format("{} sensor{}, {} actuator{}", config.sensors.size(), plural(config.sensors.size()),
                     config.actuators.size(), plural(config.actuators.size()));
}

}  // namespace

int run_daemon(Config config, bool simulate) {
  block_signals();
  EventLoop loop;
  loop.enable_watchdog();
  const auto what = inventory(config);
  log::info({}, "board2mqtt {} on {}{}: {}", version(), config.board, simulate ? " (simulated)" : "", what);

  bool clean = true;
  {
    auto board = make_board(config, simulate, service_line_keeper());
    ValuesInMemory kept;
    Gateway gateway(loop, std::move(config), std::move(board), std::make_unique<PahoLink>(loop), kept, simulate);
    bool stopping = false;
    const auto stop = [&] {
      if (std::exchange(stopping, true)) return;
      sd_notify(0, "STOPPING=1");
      log::info({}, "stopping");
      gateway.stop([&](bool all_ended) {
        clean = all_ended;
        loop.exit(EXIT_SUCCESS);
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
