#include "daemon/app/make_board.hpp"

#include <utility>

#include "daemon/board/board_table.hpp"
#include "daemon/io/linux_board.hpp"
#include "daemon/log/log.hpp"
#include "daemon/sim/simulated_board.hpp"

namespace b2m {

namespace {

void attach_all(SimulatedBoard& board, const Config& config) {
  for (const auto& sensor : config.sensors) board.attach(sensor.driver, sensor.options, sensor.lines);
  for (const auto& actuator : config.actuators) board.attach(actuator.driver, actuator.options, actuator.lines);
  for (const auto& expander : config.expanders) {
    Options options;
    options.set("bus", expander.bus);
    options.set("address", std::int64_t{expander.address});
    board.attach(expander.driver, options);
  }
}

}  // namespace

void equip(Board& board, const Config& config) {
  if (auto* simulated = dynamic_cast<SimulatedBoard*>(&board)) attach_all(*simulated, config);
}

std::shared_ptr<Board> make_board(const Config& config, bool simulate, std::shared_ptr<LineKeeper> keeper) {
  const auto* known = find_board(config.board);
  const auto& table = known != nullptr ? *known : recognise({});
  if (!simulate) return std::make_shared<LinuxBoard>(table, std::move(keeper));
  auto board = std::make_shared<SimulatedBoard>(SimulatedBoard::Settings{.model = table.name});
  attach_all(*board, config);
  for (const auto& part : board->unmodelled()) {
    log::notice(
        {.bus = part.bus},
        "{} on {} has no model on the simulated board: its values are plausible, no more, and marked as simulated",
        part.driver, part.bus);
  }
  return board;
}

}  // namespace b2m
