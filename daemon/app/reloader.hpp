// Loading the configuration again while the daemon runs: the one way that every road to it leads to.
#pragma once

#include <functional>
#include <memory>

#include "daemon/app/gateway.hpp"
#include "daemon/config/load.hpp"
#include "daemon/config/reload_report.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// For people: "7 sensors, 1 actuator".
[[nodiscard]] std::string inventory(const Config& config);

/// Loop only.
class Reloader {
 public:
  /// Reads the configuration as at the start.
  using Load = std::function<LoadResult()>;

  /// `gateway` outlives it.
  Reloader(Load load, std::shared_ptr<Board> board, Gateway& gateway)
      : load_(std::move(load)), board_(std::move(board)), gateway_(gateway) {}

  /// Loads and checks; a configuration with errors changes nothing. What became of it is in the report, the journal and
  /// on {base}/status/config, and the service manager sees the daemon reloading meanwhile. Reads files, a few
  /// milliseconds.
  ReloadReport reload();

 private:
  [[nodiscard]] ReloadReport load_and_change();

  Load load_;
  std::shared_ptr<Board> board_;
  Gateway& gateway_;
};

}  // namespace b2m
