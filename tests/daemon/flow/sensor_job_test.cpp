#include "daemon/flow/sensor_job.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "tests/daemon/flow/flow_fakes.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::FakeSensor;
using test::Script;
using Calls = std::vector<std::string>;

struct SensorJobTest : ::testing::Test {
  /// Runs one poll without waiting; the pauses it asked for are kept.
  PollOutcome poll() {
    pauses.clear();
    while (const auto pause = job.work()) pauses.push_back(*pause);
    return job.take_outcome();
  }
  Script script;
  SensorJob job{nullptr, std::make_unique<FakeSensor>(script), nullptr};
  std::vector<std::chrono::microseconds> pauses;
};

TEST_F(SensorJobTest, TheFirstPollStartsTheDeviceAndTellsItsChannels) {
  const auto outcome = poll();
  EXPECT_EQ(script.calls, (Calls{"init", "trigger", "read"}));
  ASSERT_TRUE(outcome.result);
  ASSERT_TRUE(outcome.channels);
  EXPECT_EQ(outcome.channels->at(1).key, "humidity");
  EXPECT_EQ(outcome.values.at(0), 21.5);
}

TEST_F(SensorJobTest, LaterPollsOnlyTriggerAndRead) {
  poll();
  script.calls.clear();
  EXPECT_FALSE(poll().channels);
  EXPECT_EQ(script.calls, (Calls{"trigger", "read"}));
}

TEST_F(SensorJobTest, ADeviceThatHasSomethingNewToMeasureIsStartedFirst) {
  poll();
  script.calls.clear();
  script.has_changed = [] { return true; };
  EXPECT_TRUE(poll().channels);
  EXPECT_EQ(script.calls, (Calls{"init", "trigger", "read"}));
}

TEST_F(SensorJobTest, AConversionIsWaitedForParked) {
  script.trigger = [] { return Progress::done_after(15ms); };
  poll();
  EXPECT_EQ(pauses, (std::vector<std::chrono::microseconds>{0us, 15ms}));
}

TEST_F(SensorJobTest, AStepMayAskToBeCalledAgain) {
  int left = 3;
  script.trigger = [&] { return --left > 0 ? Progress::again_after(8ms) : Progress::done(); };
  EXPECT_TRUE(poll().result);
  EXPECT_EQ(script.calls, (Calls{"init", "trigger", "trigger", "trigger", "read"}));
}

TEST_F(SensorJobTest, APartThatNeverGetsReadyEndsInATimeout) {
  script.trigger = [] { return Progress::again_after(1s); };
  const auto outcome = poll();
  ASSERT_FALSE(outcome.result);
  EXPECT_EQ(outcome.result.error().code, Errc::timeout);
  EXPECT_LE(pauses.size(), 20U);
}

TEST_F(SensorJobTest, APartThatAsksAgainWithoutAPauseEndsToo) {
  script.init = [] { return Progress::again_after(0us); };
  EXPECT_EQ(poll().result.error().code, Errc::timeout);
}

TEST_F(SensorJobTest, ADamagedTransferIsReadOnceMoreAtOnce) {
  int reads = 0;
  script.read = [&](Samples& samples) -> Result<> {
    if (++reads == 1) return fail(Errc::checksum);
    samples.set(0, 1.0);
    samples.set(1, 2.0);
    return {};
  };
  EXPECT_TRUE(poll().result);
  EXPECT_EQ(reads, 2);
}

TEST_F(SensorJobTest, ADamagedWordOfOneChannelIsReadOnceMoreToo) {
  int reads = 0;
  script.read = [&](Samples& samples) -> Result<> {
    ++reads;
    samples.set(0, 1.0);
    samples.set(1, fail(Errc::checksum));
    return {};
  };
  const auto outcome = poll();
  EXPECT_EQ(reads, 2);
  EXPECT_EQ(outcome.values.at(0), 1.0);
  EXPECT_EQ(outcome.values.at(1).error().code, Errc::checksum);
}

TEST_F(SensorJobTest, AfterAVanishedChipTheNextPollStartsItAnew) {
  poll();
  script.trigger = [] { return fail(Errc::no_ack); };
  EXPECT_EQ(poll().result.error().code, Errc::no_ack);
  script.trigger = [] { return Progress::done(); };
  script.calls.clear();
  poll();
  EXPECT_EQ(script.calls, (Calls{"init", "trigger", "read"}));
}

TEST_F(SensorJobTest, AMeasurementThatIsNotReadyLeavesTheDeviceStarted) {
  poll();
  script.read = [](Samples&) -> Result<> { return fail(Errc::not_ready); };
  poll();
  script.calls.clear();
  poll();
  EXPECT_EQ(script.calls, (Calls{"trigger", "read"}));
}

TEST_F(SensorJobTest, AnImpossibleValueIsRefused) {
  script.read = [](Samples& samples) -> Result<> {
    samples.set(0, 3276.7);
    samples.set(1, std::numeric_limits<double>::quiet_NaN());
    return {};
  };
  const auto outcome = poll();
  EXPECT_EQ(outcome.values.at(0).error().code, Errc::out_of_range);
  EXPECT_EQ(outcome.values.at(1).error().code, Errc::out_of_range);
}

TEST_F(SensorJobTest, AChannelThatTheDriverForgotHasNoValue) {
  script.read = [](Samples& samples) -> Result<> {
    samples.set(0, 1.0);
    return {};
  };
  EXPECT_EQ(poll().values.at(1).error().code, Errc::not_ready);
}

TEST_F(SensorJobTest, AnExceptionOfADriverIsAnErrorOfItsDevice) {
  script.read = [](Samples&) -> Result<> { throw std::runtime_error("mistake"); };
  EXPECT_EQ(poll().result.error(), (Error{Errc::io, "mistake"}));
}

}  // namespace
}  // namespace b2m
