// Timed lines over the kernel's GPIO lines: the pauses are this process's, the times of edges the kernel's.
#pragma once

#include <memory>

#include "daemon/io/linux_gpio.hpp"
#include "drivers/api/timed_lines.hpp"

namespace b2m {

/// The clock and the waiting of this process, so that protocols can be checked without time. Worker only.
class Pace {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;
  virtual ~Pace() = default;
  virtual TimePoint now() = 0;
  /// At least this long; short ones are spent computing, since the kernel's timers are too coarse for them.
  virtual void pause(std::chrono::nanoseconds duration) = 0;
  /// Until `fd` can be read, at most this long. Returns whether it can.
  virtual Result<bool> wait_readable(int fd, std::chrono::nanoseconds at_most) = 0;
};

/// The real one.
[[nodiscard]] std::unique_ptr<Pace> make_pace();

/// Worker only. A thread that is put aside in the middle of a protocol spoils it; the drivers notice that.
class LinuxTimedLines final : public TimedLines {
 public:
  LinuxTimedLines() : LinuxTimedLines(make_line_finder(), make_pace()) {}
  LinuxTimedLines(std::unique_ptr<LineFinder> finder, std::unique_ptr<Pace> pace);

  Result<std::vector<LineEvent>> wake_and_record(const LineId& line, Nanoseconds low, std::size_t most,
                                                 Nanoseconds quiet) override;
  Result<Nanoseconds> echo(const LineId& trigger, const LineId& echo, Nanoseconds pulse, Nanoseconds timeout) override;
  Result<std::unique_ptr<ClockedLines>> clocked(const LineId& clock, const LineId& data) override;

 private:
  /// The next edge of a line, or none when it does not come before `deadline`.
  Result<std::optional<LineEvent>> edge_before(InputLine& line, Pace::TimePoint deadline);

  std::unique_ptr<LineFinder> finder_;
  std::shared_ptr<Pace> pace_;
};

}  // namespace b2m
