// Timed lines whose answers are set by the test. What was asked of them stays to be looked at in FakeTimedLines::log.
#pragma once

#include <fmt/format.h>

#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "drivers/api/timed_lines.hpp"

namespace b2m {

/// The lines it hands out must not outlive it.
class FakeTimedLines final : public TimedLines {
 public:
  std::vector<std::string> log;  ///< "wake 7 1200us", "echo 5 6 12us", "clock 24+1"
  std::deque<Result<std::vector<LineEvent>>> records;
  Nanoseconds width{0};  ///< of the echo
  bool data = false;     ///< the level of the data line
  int busy_looks = 0;    ///< so often the data line is high first
  std::uint32_t word = 0;
  std::optional<Error> error;  ///< in place of the echo or the word
  std::optional<Error> clocked_error;
  int held = 0;  ///< clocked lines that somebody has

  Result<std::vector<LineEvent>> wake_and_record(const LineId& line, Nanoseconds low, std::size_t,
                                                 Nanoseconds) override {
    log.push_back(fmt::format("wake {} {}us", line.offset, low.count() / 1000));
    if (records.empty()) return std::vector<LineEvent>{};
    auto record = std::move(records.front());
    records.pop_front();
    return record;
  }
  Result<Nanoseconds> echo(const LineId& trigger, const LineId& line, Nanoseconds pulse, Nanoseconds) override {
    log.push_back(fmt::format("echo {} {} {}us", trigger.offset, line.offset, pulse.count() / 1000));
    if (error) return tl::unexpected(*error);
    return width;
  }
  Result<std::unique_ptr<ClockedLines>> clocked(const LineId& clock, const LineId& line) override {
    log.push_back(fmt::format("hold {} {}", clock.offset, line.offset));
    if (clocked_error) return tl::unexpected(*clocked_error);
    return std::make_unique<Clocked>(*this);
  }

 private:
  class Clocked final : public ClockedLines {
   public:
    explicit Clocked(FakeTimedLines& lines) : lines_(lines) { ++lines_.held; }
    Clocked(const Clocked&) = delete;
    Clocked& operator=(const Clocked&) = delete;
    ~Clocked() override { --lines_.held; }
    Result<bool> data() override {
      if (lines_.busy_looks > 0) return lines_.busy_looks-- > 0;
      return lines_.data;
    }
    Result<std::uint32_t> clock_in(unsigned bits, unsigned trailing, std::chrono::nanoseconds) override {
      lines_.log.push_back(fmt::format("clock {}+{}", bits, trailing));
      if (lines_.error) return tl::unexpected(*lines_.error);
      return lines_.word;
    }

   private:
    FakeTimedLines& lines_;
  };
};

}  // namespace b2m
