#include "tests/fakes/fake_timed_lines.hpp"
#include "tests/fakes/make_driver.hpp"
#include "tests/fakes/poll_once.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

Result<Poll> poll(FakeTimedLines& lines, const OptionTexts& options = {}) {
  return poll_once(*make_lines_sensor("hx711", lines, options));
}
Result<Poll> poll(std::uint32_t word, const OptionTexts& options = {}) {
  FakeTimedLines lines;
  lines.word = word;
  return poll(lines, options);
}

// HX711 datasheet, "Serial interface": 24 bits, two's complement
TEST(Hx711, CodesBelowZeroKeepTheirSign) {
  EXPECT_EQ((*poll(0xffffff))["raw"], -1.0);
  EXPECT_EQ((*poll(0x012345))["raw"], 0x12345);
}

TEST(Hx711, TheEndsOfTheScaleAreNoMeasurements) {
  EXPECT_EQ(poll(0x7fffff).error().code, Errc::out_of_range);
  EXPECT_EQ(poll(0x800000).error().code, Errc::out_of_range);
}

TEST(Hx711, MassIsThereWhenTheScaleIsKnown) {
  EXPECT_FALSE(poll(1000)->has("mass"));
  const auto values = poll(52'000, {{"counts_per_g", "42"}, {"offset_counts", "10000"}});
  ASSERT_TRUE(values);
  EXPECT_NEAR((*values)["mass"].value(), 1.0, 1e-12);
  EXPECT_NEAR((*poll(static_cast<std::uint32_t>(-42'000) & 0xffffff, {{"counts_per_g", "-42"}}))["mass"].value(), 1.0,
              1e-12);
}

// Datasheet table 3: 25, 26 and 27 pulses
TEST(Hx711, TheInputIsChosenByThePulsesBehindTheWord) {
  for (const auto& [input, pulses] : {std::pair{"a128", "clock 24+1"}, {"b32", "clock 24+2"}, {"a64", "clock 24+3"}}) {
    FakeTimedLines lines;
    ASSERT_TRUE(poll(lines, {{"input", input}}));
    EXPECT_EQ(lines.log, (std::vector<std::string>{"hold 1 2", pulses, pulses})) << input;
  }
}

TEST(Hx711, WaitsForAConversionAndGivesUpInTheEnd) {
  FakeTimedLines lines;
  lines.busy_looks = 40;
  const auto values = poll(lines);
  ASSERT_TRUE(values);
  EXPECT_EQ(values->waited, Progress::Duration(400ms));
  lines.data = true;
  EXPECT_EQ(poll(lines).error().code, Errc::timeout);
}

TEST(Hx711, AWordThatWasClockedTooSlowlyIsDiscarded) {
  FakeTimedLines lines;
  lines.error = Error{Errc::timeout, "injected"};
  EXPECT_EQ(poll(lines).error().code, Errc::timeout);
}

TEST(Hx711, HoldsItsLinesAndLetsGoOfThemBeforeItAsksAgain) {
  FakeTimedLines lines;
  {
    const auto sensor = make_lines_sensor("hx711", lines);
    ASSERT_TRUE(poll_once(*sensor));
    EXPECT_EQ(lines.held, 1);
    ASSERT_TRUE(poll_once(*sensor));
    EXPECT_EQ(lines.held, 1);
  }
  EXPECT_EQ(lines.held, 0);
}

TEST(Hx711, ALineThatIsHeldShowsAtTheStart) {
  FakeTimedLines lines;
  lines.clocked_error = Error{Errc::busy, "injected"};
  EXPECT_EQ(poll(lines).error().code, Errc::busy);
}

}  // namespace
}  // namespace b2m
