#include "daemon/app/make_board.hpp"

#include "daemon/io/linux_board.hpp"
#include "daemon/log/log.hpp"
#include "daemon/sim/simulated_board.hpp"

namespace b2m {

std::shared_ptr<Board> make_board(const Config& config, bool simulate) {
  if (!simulate) return std::make_shared<LinuxBoard>();
  auto board = std::make_shared<SimulatedBoard>();
  for (const auto& sensor : config.sensors) board->attach(sensor.driver, sensor.options, sensor.lines);
  for (const auto& part : board->unmodelled())
    log::notice({}, "{} has no model on the simulated board: its values are only plausible and marked as simulated", part);
  return board;
}

}  // namespace b2m
