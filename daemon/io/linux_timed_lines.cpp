#include "daemon/io/linux_timed_lines.hpp"

#include <poll.h>

#include <algorithm>
#include <cerrno>
#include <ctime>

#include "daemon/io/kernel_error.hpp"
#include "drivers/api/timespec.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

constexpr nanoseconds longest_record = 500ms;

class LinuxPace final : public Pace {
 public:
  TimePoint now() override { return std::chrono::steady_clock::now(); }

  void pause(nanoseconds duration) override {
    const auto end = now() + duration;
    if (duration > computed) {
      timespec left = to_timespec(duration - computed);
      while (::clock_nanosleep(CLOCK_MONOTONIC, 0, &left, &left) == EINTR) {
      }
    }
    while (now() < end) {
    }
  }

  Result<bool> wait_readable(int fd, nanoseconds at_most) override {
    pollfd entry{.fd = fd, .events = POLLIN, .revents = 0};
    const timespec wait = to_timespec(std::max(at_most, nanoseconds::zero()));
    const int result = ::ppoll(&entry, 1, &wait, nullptr);
    if (result < 0 && errno != EINTR) return tl::unexpected(kernel_error(errno, "waiting for an edge"));
    return result > 0;
  }

 private:
  /// The end of a pause that is computed away: what a sleeping thread may be woken too late.
  static constexpr nanoseconds computed = 150us;
};

/// The line pulled up where the controller can, else as it is: then the board has a resistor.
Result<std::unique_ptr<InputLine>> pulled_up(FoundLine& line) {
  auto input = line.request_input({.bias = Bias::pull_up});
  if (input || input.error().code != Errc::unsupported) return input;
  return line.request_input({});
}

class LinuxClockedLines final : public ClockedLines {
 public:
  LinuxClockedLines(std::unique_ptr<OutputLine> clock, std::unique_ptr<InputLine> data, std::shared_ptr<Pace> pace)
      : clock_(std::move(clock)), data_(std::move(data)), pace_(std::move(pace)) {}

  Result<bool> data() override { return data_->active(); }

  Result<std::uint32_t> clock_in(unsigned bits, unsigned trailing, nanoseconds longest) override {
    std::uint32_t word = 0;
    for (unsigned bit = 0; bit < bits + trailing; ++bit) {
      B2M_ASSIGN(const bool high, pulse(longest));
      if (bit < bits) word = word << 1 | (high ? 1U : 0U);
    }
    return word;
  }

 private:
  /// One pulse, and the data line within it. The clock goes low again whatever happens.
  Result<bool> pulse(nanoseconds longest) {
    const auto before = pace_->now();
    B2M_TRY(clock_->set(true));
    const auto level = data_->active();
    B2M_TRY(clock_->set(false));
    if (pace_->now() - before > longest) return fail(Errc::timeout, "a clock pulse was longer than the part allows");
    return level;
  }

  std::unique_ptr<OutputLine> clock_;
  std::unique_ptr<InputLine> data_;
  std::shared_ptr<Pace> pace_;
};

}  // namespace

std::unique_ptr<Pace> make_pace() { return std::make_unique<LinuxPace>(); }

LinuxTimedLines::LinuxTimedLines(std::unique_ptr<LineFinder> finder, std::unique_ptr<Pace> pace)
    : finder_(std::move(finder)), pace_(std::move(pace)) {}

Result<std::optional<LineEvent>> LinuxTimedLines::edge_before(InputLine& line, Pace::TimePoint deadline) {
  for (;;) {
    B2M_ASSIGN(auto event, line.next_event());
    const auto left = deadline - pace_->now();
    if (event || left <= nanoseconds::zero()) return event;
    B2M_TRY(pace_->wait_readable(line.fd(), left));
  }
}

/// The line is looked up before it is driven, so that nothing stands between letting go of it and listening.
Result<std::vector<LineEvent>> LinuxTimedLines::wake_and_record(const LineId& line, Nanoseconds low, std::size_t most,
                                                                Nanoseconds quiet) {
  B2M_ASSIGN(const auto found, finder_->find(line));
  {
    B2M_ASSIGN(const auto output, found->request_output({}));
    pace_->pause(low);
  }
  B2M_ASSIGN(const auto input, pulled_up(*found));
  std::vector<LineEvent> events;
  const auto end = pace_->now() + longest_record;
  while (events.size() < most) {
    B2M_ASSIGN(const auto event, edge_before(*input, std::min(end, pace_->now() + quiet)));
    if (!event) break;
    events.push_back(*event);
  }
  return events;
}

Result<TimedLines::Nanoseconds> LinuxTimedLines::echo(const LineId& trigger, const LineId& echo, Nanoseconds pulse,
                                                      Nanoseconds timeout) {
  B2M_ASSIGN(const auto trigger_line, finder_->find(trigger));
  B2M_ASSIGN(const auto echo_line, finder_->find(echo));
  B2M_ASSIGN(const auto input, echo_line->request_input({}));
  B2M_ASSIGN(const auto output, trigger_line->request_output({}));
  B2M_ASSIGN(const bool high, input->active());
  if (high) return fail(Errc::not_ready, "the echo line is high before the part was asked");
  const auto asked = pace_->now();
  B2M_TRY(output->set(true));
  pace_->pause(pulse);
  B2M_TRY(output->set(false));
  const auto deadline = pace_->now() + timeout;
  std::optional<LineEvent> begin;
  for (;;) {
    B2M_ASSIGN(const auto event, edge_before(*input, deadline));
    if (!event || event->time > deadline)
      return fail(Errc::timeout, begin ? "the echo does not end" : "no echo begins");
    if (event->active && event->time >= asked) begin = event;
    if (!event->active && begin) return event->time - begin->time;
  }
}

Result<std::unique_ptr<ClockedLines>> LinuxTimedLines::clocked(const LineId& clock, const LineId& data) {
  B2M_ASSIGN(const auto clock_line, finder_->find(clock));
  B2M_ASSIGN(const auto data_line, finder_->find(data));
  B2M_ASSIGN(auto input, data_line->request_input({.edges = false}));
  B2M_ASSIGN(auto output, clock_line->request_output({}));
  return std::make_unique<LinuxClockedLines>(std::move(output), std::move(input), pace_);
}

}  // namespace b2m
