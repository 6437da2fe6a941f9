// Reading sensors once, without a broker and without the daemon.
#pragma once

#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/flow/reading.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// A sensor's channels and what they read, without filters; or why it could not be read.
struct SingleReading {
  std::vector<Channel> channels;
  Result<Measurement> measurement;
};

/// Starts and reads the sensor, or the source of a computed one, which is among `all`; takes as long as its part does.
/// Any thread, but the board must not be in use.
[[nodiscard]] SingleReading read_once(const SensorConfig& config, const std::vector<SensorConfig>& all,
                                      const std::shared_ptr<Board>& board);

}  // namespace b2m
