// Frames of a made-up part: 0xa5 0x5a, a word, the sum of the word's bytes.
#include "drivers/engine/frame.hpp"

#include <gtest/gtest.h>

#include "tests/fakes/poll_once.hpp"
#include "tests/fakes/scripted_serial.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using Bytes = std::vector<std::uint8_t>;

bool sum_fits(std::span<const std::uint8_t> frame) {
  return static_cast<std::uint8_t>(frame[2] + frame[3]) == frame[4];
}
const FrameFormat format{.header = {0xa5, 0x5a}, .length = 5, .is_whole = sum_fits};

const Bytes good{0xa5, 0x5a, 0x01, 0x02, 0x03};
const Bytes other{0xa5, 0x5a, 0x10, 0x20, 0x30};
const Bytes damaged{0xa5, 0x5a, 0x01, 0x02, 0x04};

Bytes joined(std::initializer_list<Bytes> parts) {
  Bytes all;
  for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

/// Every frame in `stream`, which arrives in pieces of `size` bytes.
std::vector<Bytes> frames_in(const Bytes& stream, std::size_t size) {
  FrameFinder finder(format);
  std::vector<Bytes> frames;
  for (std::size_t at = 0; at < stream.size(); at += size) {
    finder.push(std::span(stream).subspan(at, std::min(size, stream.size() - at)));
    while (const auto frame = finder.next()) frames.emplace_back(frame->begin(), frame->end());
  }
  return frames;
}

TEST(FrameFinder, FindsFramesHoweverTheyAreCut) {
  const auto stream = joined({{0x11, 0xa5}, good, {0x5a}, other});
  for (std::size_t size = 1; size <= stream.size(); ++size)
    EXPECT_EQ(frames_in(stream, size), (std::vector<Bytes>{good, other})) << size;
}

TEST(FrameFinder, GoesOnAfterADamagedFrame) {
  EXPECT_EQ(frames_in(joined({damaged, good}), 4), std::vector<Bytes>{good});
}

TEST(FrameFinder, FindsAFrameThatBeginsInsideOfWhatLookedLikeOne) {
  EXPECT_EQ(frames_in(joined({{0xa5, 0x5a, 0x07}, good}), 3), std::vector<Bytes>{good});
}

TEST(FrameFinder, TellsDamageUntilItIsCleared) {
  FrameFinder finder(format);
  finder.push(Bytes{0x00, 0x11});
  EXPECT_FALSE(finder.next());
  EXPECT_FALSE(finder.damaged());
  finder.push(damaged);
  EXPECT_FALSE(finder.next());
  EXPECT_TRUE(finder.damaged());
  finder.clear();
  EXPECT_FALSE(finder.damaged());
}

TEST(FrameFields, HaveOrderSignScaleAndInvalidContent) {
  const Bytes frame{0xff, 0xfe, 0x34, 0x12, 0x00, 0x01};
  EXPECT_EQ(decode({.channel = "", .at = 0, .sign = true, .scale = 0.5}, frame), -1.0);
  EXPECT_EQ(decode({.channel = "", .at = 2, .order = ByteOrder::little_endian}, frame), 0x1234);
  EXPECT_EQ(decode({.channel = "", .at = 1, .bytes = 1, .offset = -40}, frame), 214.0);
  EXPECT_EQ(decode({.channel = "", .at = 2, .bytes = 4, .low_word_first = true}, frame), 0x13412);
  EXPECT_EQ(decode({.channel = "", .at = 5, .bytes = 1, .invalid = 1}, frame).error().code, Errc::not_ready);
}

constexpr ChannelSpec channels[] = {{"count", Quantity::count, {0, 65535}}};
constexpr FrameField fields[] = {{.channel = "count", .at = 2}};

FrameChip talking() { return {.frame = format, .fields = fields, .answer = 1s}; }
FrameChip asked() { return {.frame = format, .fields = fields, .request = {0x3f}, .answer = 300ms}; }

struct Outcome {
  Result<Poll> poll;
  int reads;
};
Outcome poll(const FrameChip& chip, SerialScript script, bool stays_silent = false) {
  ScriptedSerial port(std::move(script), stays_silent);
  FrameSensor sensor(chip, port, channels);
  auto result = poll_once(sensor);
  return {std::move(result), port.reads()};
}

TEST(FrameSensor, DropsWhatIsOldAndTakesTheNextFrame) {
  const auto [values, reads] =
      poll(talking(), {serial::discard(), serial::read({0x02, 0x03}), serial::silence(), serial::read(good)});
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["count"], 0x0102);
}

TEST(FrameSensor, APartThatStaysSilentTimesOutAfterABoundedNumberOfLooks) {
  const auto [values, reads] = poll(talking(), {serial::discard()}, true);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::timeout);
  EXPECT_EQ(reads, 9);  // 100 ms of waiting and 20 ms of pause each
}

TEST(FrameSensor, DamageAloneIsAChecksumError) {
  const auto [values, reads] = poll(talking(), {serial::discard(), serial::read(damaged)}, true);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::checksum);
}

TEST(FrameSensor, AsksAndTakesTheAnswerInPieces) {
  const auto [values, reads] = poll(asked(), {serial::discard(), serial::write({0x3f}),
                                              serial::read({0xa5, 0x5a, 0x01}), serial::read({0x02, 0x03})});
  ASSERT_TRUE(values);
  EXPECT_EQ((*values)["count"], 0x0102);
  EXPECT_EQ(values->waited, 0us);
}

TEST(FrameSensor, ADamagedAnswerIsNotWaitedOut) {
  const auto [values, reads] = poll(asked(), {serial::discard(), serial::write({0x3f}), serial::read(damaged)});
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::checksum);
}

TEST(FrameSensor, AMissingAnswerTimesOut) {
  const auto [values, reads] = poll(asked(), {serial::discard(), serial::write({0x3f})}, true);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::timeout);
  EXPECT_EQ(reads, 3);
}

TEST(FrameSensor, NoiseOnTheLineEndsTheWaitToo) {
  SerialScript script{serial::discard(), serial::write({0x3f})};
  const Bytes noise(32, 0xa5);  // 33 ms at 9600 baud
  for (int i = 0; i < 10; ++i) script.push_back(serial::read(noise));
  const auto [values, reads] = poll(asked(), script);
  ASSERT_FALSE(values);
  EXPECT_EQ(values.error().code, Errc::timeout);
}

TEST(FrameSensor, EachCallFailingGivesItsErrorAndNoValue) {
  auto chip = asked();
  chip.setup = {{0x01}, {0x02}};
  const SerialScript script{serial::write({0x01}), serial::write({0x02}), serial::discard(), serial::write({0x3f}),
                            serial::read(good)};
  EXPECT_TRUE(poll(chip, script).poll);
  for (std::size_t i = 0; i < script.size(); ++i) {
    SerialScript broken(script.begin(), script.begin() + static_cast<std::ptrdiff_t>(i) + 1);
    broken.back() = serial::failing(broken.back(), Errc::gone);
    const auto result = poll(chip, broken).poll;
    ASSERT_FALSE(result) << i;
    EXPECT_EQ(result.error().code, Errc::gone);
  }
}

TEST(FrameSensor, StartsFromTheBeginningAfterAFailedStart) {
  auto chip = asked();
  chip.setup = {{0x01}, {0x02}};
  ScriptedSerial port({serial::write({0x01}), serial::failing(serial::write({0x02}), Errc::io), serial::write({0x01}),
                       serial::write({0x02})});
  FrameSensor sensor(chip, port, channels);
  EXPECT_FALSE(run_step(sensor, &Sensor::init));
  EXPECT_TRUE(run_step(sensor, &Sensor::init));
}

}  // namespace
}  // namespace b2m
