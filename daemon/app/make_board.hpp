// The board a configuration runs on.
#pragma once

#include <memory>

#include "daemon/config/model.hpp"
#include "daemon/io/line_keeper.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// The real board, or with `simulate` one that has every configured device on it. What is only plausible there, because
/// the part has no model, is said in the log. `keeper` keeps the real one's output lines.
[[nodiscard]] std::shared_ptr<Board> make_board(const Config& config, bool simulate,
                                                std::shared_ptr<LineKeeper> keeper = std::make_shared<NoLineKeeper>());

/// Puts what a configuration has beyond those before on a simulated board; a real one is as it is.
void equip(Board& board, const Config& config);

}  // namespace b2m
