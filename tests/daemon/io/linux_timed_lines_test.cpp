// The protocols against lines and a clock of the test's own.
#include "daemon/io/linux_timed_lines.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <deque>
#include <map>

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using TimePoint = Pace::TimePoint;

/// What happens on the lines, and when: shared by the fakes below.
struct World {
  TimePoint now{1s};
  std::vector<std::string> log;
  std::map<unsigned, std::deque<LineEvent>> edges;  ///< by line; each is seen when its time has come
  std::deque<bool> levels;                          ///< what inputs read, one after the other; then low
  std::chrono::nanoseconds cost{0};                 ///< of setting an output
  std::optional<Error> input_error;                 ///< of the next request
};

class FakeInput final : public InputLine {
 public:
  FakeInput(World& world, unsigned line) : world_(world), line_(line) {}
  ~FakeInput() override { world_.log.push_back(fmt::format("release {}", line_)); }
  FakeInput(const FakeInput&) = delete;
  FakeInput& operator=(const FakeInput&) = delete;
  [[nodiscard]] int fd() const override { return static_cast<int>(line_); }
  Result<std::optional<LineEvent>> next_event() override {
    auto& waiting = world_.edges[line_];
    if (waiting.empty() || waiting.front().time > world_.now) return std::nullopt;
    const auto event = waiting.front();
    waiting.pop_front();
    return event;
  }
  Result<bool> active() override {
    if (world_.levels.empty()) return false;
    const bool level = world_.levels.front();
    world_.levels.pop_front();
    return level;
  }

 private:
  World& world_;
  unsigned line_;
};

class FakeOutput final : public OutputLine {
 public:
  FakeOutput(World& world, unsigned line) : world_(world), line_(line) {}
  ~FakeOutput() override { world_.log.push_back(fmt::format("release {}", line_)); }
  FakeOutput(const FakeOutput&) = delete;
  FakeOutput& operator=(const FakeOutput&) = delete;
  Result<> set(bool active) override {
    world_.now += world_.cost;
    world_.log.push_back(fmt::format("{} {}", line_, active ? "high" : "low"));
    return {};
  }
  Result<bool> active() override { return false; }

 private:
  World& world_;
  unsigned line_;
};

class FakeFound final : public FoundLine {
 public:
  FakeFound(World& world, unsigned line) : world_(world), line_(line) {}
  Result<std::unique_ptr<InputLine>> request_input(const InputSettings& settings) override {
    world_.log.push_back(fmt::format("input {}{}{}", line_, settings.bias == Bias::pull_up ? " up" : "",
                                     settings.edges ? "" : " level"));
    if (const auto error = std::exchange(world_.input_error, {})) return tl::unexpected(*error);
    return std::make_unique<FakeInput>(world_, line_);
  }
  Result<std::unique_ptr<OutputLine>> request_output(const OutputSettings& settings) override {
    world_.log.push_back(fmt::format("output {} {}", line_, settings.initial.value_or(false) ? "high" : "low"));
    return std::make_unique<FakeOutput>(world_, line_);
  }

 private:
  World& world_;
  unsigned line_;
};

class FakeFinder final : public LineFinder {
 public:
  explicit FakeFinder(World& world) : world_(world) {}
  Result<std::unique_ptr<FoundLine>> find(const LineId& line) override {
    if (line.chip.empty()) return fail(Errc::gone);
    return std::make_unique<FakeFound>(world_, line.offset);
  }

 private:
  World& world_;
};

class FakePace final : public Pace {
 public:
  explicit FakePace(World& world) : world_(world) {}
  TimePoint now() override { return world_.now; }
  void pause(std::chrono::nanoseconds duration) override {
    world_.now += duration;
    world_.log.push_back(fmt::format("pause {}us", duration.count() / 1000));
  }
  Result<bool> wait_readable(int fd, std::chrono::nanoseconds at_most) override {
    const auto& waiting = world_.edges[static_cast<unsigned>(fd)];
    const bool comes = !waiting.empty() && waiting.front().time <= world_.now + at_most;
    world_.now = comes ? std::max(world_.now, waiting.front().time) : world_.now + at_most;
    return comes;
  }

 private:
  World& world_;
};

class TimedLinesTest : public testing::Test {
 protected:
  void edge(unsigned line, std::chrono::nanoseconds after, bool high) {
    world.edges[line].push_back({high, world.now + after});
  }
  World world;
  LinuxTimedLines lines{std::make_unique<FakeFinder>(world), std::make_unique<FakePace>(world)};
  LineId first{"gpiochip0", 1};
  LineId second{"gpiochip0", 2};
};

TEST_F(TimedLinesTest, WakesAPartAndRecordsItsEdgesUntilItIsQuiet) {
  edge(1, 1100us, false);
  edge(1, 1180us, true);
  edge(1, 90ms, false);  // long after
  const auto events = lines.wake_and_record(first, 1ms, 10, 20ms);
  ASSERT_TRUE(events);
  ASSERT_EQ(events->size(), 2U);
  EXPECT_FALSE(events->at(0).active);
  EXPECT_EQ(events->at(1).time - events->at(0).time, 80us);
  EXPECT_THAT(world.log, ElementsAre("output 1 low", "pause 1000us", "release 1", "input 1 up", "release 1"));
}

TEST_F(TimedLinesTest, RecordsNoMoreEdgesThanWereAskedFor) {
  for (int i = 0; i < 20; ++i) edge(1, 2ms + i * 10us, i % 2 == 0);
  EXPECT_EQ(lines.wake_and_record(first, 1ms, 7, 20ms)->size(), 7U);
}

TEST_F(TimedLinesTest, ALineThatNeverComesToRestEndsTheRecordToo) {
  for (int i = 0; i < 200; ++i) edge(1, 2ms + i * 10ms, i % 2 == 0);
  EXPECT_LE(lines.wake_and_record(first, 1ms, 1000, 20ms)->size(), 51U);
}

TEST_F(TimedLinesTest, AControllerWithoutPullUpsIsAskedWithout) {
  world.input_error = Error{Errc::unsupported, "injected"};
  EXPECT_TRUE(lines.wake_and_record(first, 1ms, 10, 20ms));
  EXPECT_THAT(world.log, testing::Contains("input 1"));
}

TEST_F(TimedLinesTest, AHeldLineShows) {
  world.input_error = Error{Errc::busy, "injected"};
  EXPECT_EQ(lines.wake_and_record(first, 1ms, 10, 20ms).error().code, Errc::busy);
  EXPECT_EQ(lines.wake_and_record({}, 1ms, 10, 20ms).error().code, Errc::gone);
}

TEST_F(TimedLinesTest, MeasuresTheEchoByTheTimesOfItsEdges) {
  edge(2, -5us, true);  // of taking hold of the line
  edge(2, 500us, true);
  edge(2, 1080us, false);
  EXPECT_EQ(lines.echo(first, second, 12us, 60ms), 580us);
  EXPECT_THAT(world.log,
              ElementsAre("input 2", "output 1 low", "1 high", "pause 12us", "1 low", "release 1", "release 2"));
}

TEST_F(TimedLinesTest, AnEchoThatDoesNotBeginOrEndTimesOut) {
  EXPECT_EQ(lines.echo(first, second, 12us, 60ms).error().detail, "no echo begins");
  edge(2, 500us, true);
  edge(2, 200ms, false);
  EXPECT_EQ(lines.echo(first, second, 12us, 60ms).error().detail, "the echo does not end");
}

TEST_F(TimedLinesTest, AnEchoLineThatIsHighAlreadyIsNotMeasured) {
  world.levels = {true};
  EXPECT_EQ(lines.echo(first, second, 12us, 60ms).error().code, Errc::not_ready);
}

TEST_F(TimedLinesTest, ClocksAWordInFromItsHighestBit) {
  auto clocked = lines.clocked(first, second);
  ASSERT_TRUE(clocked);
  world.log.clear();
  world.levels = {true, false, true, true};
  EXPECT_EQ((*clocked)->clock_in(3, 1, 50us), 0b101U);
  EXPECT_THAT(world.log, ElementsAre("1 high", "1 low", "1 high", "1 low", "1 high", "1 low", "1 high", "1 low"));
}

TEST_F(TimedLinesTest, HoldsClockedLinesUntilTheyAreGivenBack) {
  {
    const auto clocked = lines.clocked(first, second);
    EXPECT_THAT(world.log, ElementsAre("input 2 level", "output 1 low"));
  }
  EXPECT_THAT(world.log, ElementsAre("input 2 level", "output 1 low", testing::_, testing::_));
}

TEST_F(TimedLinesTest, AClockPulseThatWasTooLongSpoilsTheWord) {
  auto clocked = lines.clocked(first, second);
  world.cost = 40us;
  EXPECT_EQ((*clocked)->clock_in(24, 1, 55us).error().code, Errc::timeout);
  EXPECT_EQ(world.log.back(), "1 low");
}

}  // namespace
}  // namespace b2m
