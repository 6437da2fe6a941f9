#include <gtest/gtest.h>

#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using TimePoint = EdgeSensor::TimePoint;

const TimePoint start{1000s};

class EncoderTest : public testing::Test {
 protected:
  void make(const OptionTexts& options = {}) {
    encoder = make_edge_sensor("encoder", options);
    encoder->start({false, false}, now);
    delta();
  }
  /// A line changes; true when something is worth telling.
  bool to(std::size_t line, bool active) {
    now += 1ms;
    return encoder->on_change({.line = line, .active = active, .time = now}).changed;
  }
  /// Alps Alpine, EC11: clockwise, A changes before B.
  void clockwise() { to(0, true), to(1, true), to(0, false), to(1, false); }
  void counter_clockwise() { to(1, true), to(0, true), to(1, false), to(0, false); }
  double delta() {
    Samples samples(2);
    encoder->measure(now, samples);
    EXPECT_EQ(samples[0].value(), encoder->total());
    return samples[1].value();
  }

  std::unique_ptr<EdgeSensor> encoder;
  TimePoint now = start;
};

TEST_F(EncoderTest, AFullCycleIsAStepInItsDirection) {
  make();
  for (int i = 0; i < 5; ++i) clockwise();
  EXPECT_EQ(encoder->total(), 5);
  for (int i = 0; i < 7; ++i) counter_clockwise();
  EXPECT_EQ(encoder->total(), -2);
}

TEST_F(EncoderTest, HalfAndQuarterStepsCountMore) {
  make({{"steps", "half"}});
  clockwise();
  EXPECT_EQ(encoder->total(), 2);
  make({{"steps", "quarter"}});
  counter_clockwise();
  EXPECT_EQ(encoder->total(), -4);
}

TEST_F(EncoderTest, TurnsTheOtherWayWhenAsked) {
  make({{"reverse", "true"}});
  clockwise();
  EXPECT_EQ(encoder->total(), -1);
}

TEST_F(EncoderTest, ABounceGoesThereAndBack) {
  make();
  for (int bounce = 0; bounce < 4; ++bounce) to(0, true), to(0, false);
  EXPECT_EQ(encoder->total(), 0);
  to(0, true);
  for (int bounce = 0; bounce < 4; ++bounce) to(1, true), to(1, false);
  to(1, true), to(0, false), to(1, false);
  EXPECT_EQ(encoder->total(), 1);
}

TEST_F(EncoderTest, HalfATurnAndBackIsNothing) {
  make();
  to(0, true), to(1, true), to(1, false), to(0, false);
  EXPECT_EQ(encoder->total(), 0);
}

TEST_F(EncoderTest, AnEdgeThatWasMissedIsPutRightWhereTheKnobRests) {
  make();
  to(0, true), to(1, true), to(0, false);
  encoder->on_change({.line = 0, .active = false, .time = now});  // seen twice
  to(1, false);
  EXPECT_EQ(encoder->total(), 1);
  to(1, true);  // A's rise was missed: A falls without having risen
  to(0, false), to(1, false);
  clockwise();
  EXPECT_EQ(encoder->total(), 2);
}

TEST_F(EncoderTest, TellsWhatChangedSinceTheLastMessage) {
  make();
  clockwise(), clockwise(), clockwise();
  EXPECT_EQ(delta(), 3);
  EXPECT_EQ(delta(), 0);
}

TEST_F(EncoderTest, WhileItTurnsItTellsOncePerIntervalAndTheLastPositionAlways) {
  make({{"min_interval", "100ms"}});
  now += 1s;
  int told = 0;
  for (int i = 0; i < 50; ++i) {  // 200 ms
    for (const auto& [line, active] : {std::pair(0U, true), {1U, true}, {0U, false}, {1U, false}}) {
      if (const auto due = encoder->next_due(); due && *due <= now) told += encoder->on_time(now).changed;
      told += to(line, active);
    }
  }
  EXPECT_EQ(told, 2);
  ASSERT_TRUE(encoder->next_due());
  now = *encoder->next_due();
  EXPECT_TRUE(encoder->on_time(now).changed);
  EXPECT_EQ(encoder->total(), 50);
  EXPECT_FALSE(encoder->next_due());
}

TEST_F(EncoderTest, APositionThatIsSetIsNoTurn) {
  make({{"keep", "true"}});
  encoder->set_total(40);
  EXPECT_EQ(delta(), 0);
  clockwise();
  EXPECT_EQ(encoder->total(), 41);
  EXPECT_TRUE(encoder->keep_rule());
}

TEST_F(EncoderTest, AsksForBothItsLines) {
  make();
  ASSERT_EQ(encoder->lines().size(), 2u);
  EXPECT_EQ(encoder->lines()[1].option, "second_line");
}

}  // namespace
}  // namespace b2m
