// Simulated parts that speak by the timing of a line or two.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "drivers/api/timed_lines.hpp"

namespace b2m {

/// What is on a line, or on a pair of them. Worker only.
struct LineModel {
  /// The bytes of the frame that the part sends when it is woken (DHT); none: it does not answer.
  std::function<std::vector<std::uint8_t>()> frame = {};
  /// How long the echo is high; none: there is no echo.
  std::function<std::optional<std::chrono::nanoseconds>()> echo = {};
  /// The 24-bit word that is clocked out.
  std::function<std::uint32_t()> word = {};
};

/// Lines on which time does not pass. Any thread: its lock lets a reload exchange parts meanwhile.
class SimulatedTimedLines final : public TimedLines {
 public:
  SimulatedTimedLines();
  ~SimulatedTimedLines() override;
  Result<std::vector<LineEvent>> wake_and_record(const LineId& line, Nanoseconds low, std::size_t most,
                                                 Nanoseconds quiet) override;
  Result<Nanoseconds> echo(const LineId& trigger, const LineId& echo, Nanoseconds pulse, Nanoseconds timeout) override;
  Result<std::unique_ptr<ClockedLines>> clocked(const LineId& clock, const LineId& data) override;

  /// Connects a part to the line on which it tells (the data or echo line), in place of one that was there.
  void attach(const LineId& line, LineModel model);

  class State;

 private:
  std::shared_ptr<State> state_;
};

/// The edges of a frame as a DHT sends it (AM2302 product manual, table 6). Pure.
[[nodiscard]] std::vector<LineEvent> dht_edges(std::span<const std::uint8_t> frame);

}  // namespace b2m
