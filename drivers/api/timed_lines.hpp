// The port for parts that speak by the timing of a line or two.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "drivers/api/gpio.hpp"
#include "drivers/api/result.hpp"

namespace b2m {

/// A clock that is given and a data line that follows it. Owns both lines: a clock that floats between two words would
/// send the part to sleep. Worker only.
class ClockedLines {
 public:
  virtual ~ClockedLines() = default;
  /// The level of the data line now.
  virtual Result<bool> data() = 0;
  /// Gives `bits` (1 to 32) pulses on the clock and returns what the data line showed after each rising edge, most
  /// significant first, then `trailing` further pulses. timeout: a pulse was longer than `longest`, so that the part
  /// may have gone to sleep; the clock is low again.
  virtual Result<std::uint32_t> clock_in(unsigned bits, unsigned trailing, std::chrono::nanoseconds longest) = 0;
};

/// Worker only. Lines are high or low here, not active or inactive: a protocol says which it means. Errors of all
/// calls: those of GpioPort's requests, and timeout.
class TimedLines {
 public:
  using Nanoseconds = std::chrono::nanoseconds;
  virtual ~TimedLines() = default;

  /// Drives `line` low for `low`, lets go of it (pulled up), and records its edges with the kernel's times until `most`
  /// have come or none for `quiet`; at most half a second. The first edges may be missing: taking hold of a line takes
  /// time. An event is active when the line went high. The line is held during the call alone.
  virtual Result<std::vector<LineEvent>> wake_and_record(const LineId& line, Nanoseconds low, std::size_t most,
                                                         Nanoseconds quiet) = 0;

  /// Drives `trigger` high for `pulse`, and returns how long `echo` was high afterwards. timeout: no echo began or
  /// ended within `timeout`. not_ready: `echo` was high already. The lines are held during the call alone.
  virtual Result<Nanoseconds> echo(const LineId& trigger, const LineId& echo, Nanoseconds pulse,
                                   Nanoseconds timeout) = 0;

  /// Takes hold of a clock, driven low, and of the data line that follows it.
  virtual Result<std::unique_ptr<ClockedLines>> clocked(const LineId& clock, const LineId& data) = 0;
};

}  // namespace b2m
