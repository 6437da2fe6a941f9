// The port for parts that speak by the timing of a line or two.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "drivers/api/gpio.hpp"
#include "drivers/api/result.hpp"

namespace b2m {

/// Worker only. Lines are high or low here, not active or inactive: a protocol says which it means. The lines are held during a
/// call alone. Errors of all calls: those of GpioPort's requests, and timeout.
class TimedLines {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  virtual ~TimedLines() = default;

  /// Drives `line` low for `low`, lets go of it (pulled up), and records its edges with the kernel's times until `most` have come
  /// or none for `quiet`. The first edges may be missing: a request takes time. An event is active when the line went high.
  virtual Result<std::vector<LineEvent>> wake_and_record(const LineId& line, Nanoseconds low, std::size_t most, Nanoseconds quiet) = 0;

  /// Drives `trigger` high for `pulse`, and returns how long `echo` was high afterwards. timeout: no echo began or ended in time.
  virtual Result<Nanoseconds> echo(const LineId& trigger, const LineId& echo, Nanoseconds pulse, Nanoseconds timeout) = 0;

  /// Gives `bits` pulses on `clock` and returns what `data` showed after each rising edge, most significant first (at most 32),
  /// then `trailing` further pulses. not_ready: `data` was high, the part has nothing to tell. timeout: a pulse took longer than
  /// `longest`, so that the part may have gone to sleep.
  virtual Result<std::uint32_t> clock_in(const LineId& clock, const LineId& data, unsigned bits, unsigned trailing, Nanoseconds longest) = 0;
};

}  // namespace b2m
