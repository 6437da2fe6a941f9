// Running the driver of a case against its devices, and what came of it.
#pragma once

#include <optional>

#include "tests/vectors/match.hpp"

namespace b2m::vectors {

/// What a driver gave. Values that a channel's own range excludes are errors already, as for the daemon.
struct Outcome {
  std::optional<Error> init_error;
  std::optional<Error> read_error;  ///< of trigger(), read() or apply(): nothing was measured
  std::vector<Channel> channels;
  std::vector<Result<double>> values;  ///< one for each channel
  std::vector<Bytes> writes;
  std::function<std::uint32_t(std::uint8_t)> register_now;
};

/// What the driver's factory is given: the ports of the board that its bus asks for.
[[nodiscard]] DriverContext context_for(const DriverRef& driver, const Options& options, CaseBoard& board);

/// Reads a sensor once: init, trigger, read, with as many repetitions as a driver may ask for, without waiting.
[[nodiscard]] Outcome read_sensor(Sensor& sensor);

/// Runs the case on the board. unsupported: the case needs what this driver or this program does not have.
[[nodiscard]] Result<Outcome> run_case(const DriverRef& driver, const VectorCase& one, CaseBoard& board);

}  // namespace b2m::vectors
