#include "daemon/flow/sensor_device.hpp"

#include <gtest/gtest.h>

#include "tests/daemon/flow/flow_fakes.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::FakeSensor;
using test::run_until;
using test::Script;

/// Devices with fake sensors on one bus, and everything they told.
struct DevicesOnABus : ::testing::Test {
  explicit DevicesOnABus(std::chrono::nanoseconds budget) : bus(loop, "i2c-test", budget) {
    config.id = "climate";
    config.driver = {&test::two_channel_driver, 0};
    config.every = 5ms;
    sink.measured = [this](const SensorConfig&, std::span<const Channel>, const Measurement& m) {
      measurements.push_back(m);
    };
    sink.availability = [this](const SensorConfig&, bool online) { availability.push_back(online); };
  }
  ~DevicesOnABus() override { bus.worker().join_until(SteadyClock::now() + 5s); }

  std::unique_ptr<SensorDevice> device(Script& with) {
    auto made = std::make_unique<SensorDevice>(loop, config, bus, nullptr, std::make_unique<FakeSensor>(with), false,
                                               SteadyClock::now(), sink);
    made->start();
    return made;
  }
  bool run(const std::function<bool()>& happened) { return run_until(loop, happened); }

  EventLoop loop;
  SensorConfig config;
  SensorSink sink;
  std::vector<Measurement> measurements;
  std::vector<bool> availability;
  Script script;
  Bus bus;
};

struct SensorDeviceTest : DevicesOnABus {
  SensorDeviceTest() : DevicesOnABus(Bus::default_budget) {}
};

/// A bus whose patience is short enough for a test.
struct HungBusTest : DevicesOnABus {
  HungBusTest() : DevicesOnABus(50ms) {}
};

TEST_F(SensorDeviceTest, ReadingsFlowOnTheScheduleAndAreNumbered) {
  const auto climate = device(script);
  ASSERT_TRUE(run([&] { return measurements.size() >= 3; }));
  EXPECT_EQ(measurements[0].sequence, 1U);
  EXPECT_EQ(measurements[2].sequence, 3U);
  EXPECT_EQ(measurements[0].readings.at(1).value, 40.0);
  EXPECT_EQ(availability, std::vector{true});
  EXPECT_EQ(climate->state(), DeviceState::ready);
}

TEST_F(SensorDeviceTest, AMissingChipIsNormalAndProbedAgain) {
  std::atomic<bool> plugged = false;
  script.init = [&]() -> Result<Progress> {
    if (!plugged) return fail(Errc::no_ack);
    return Progress::done();
  };
  config.every = 1s;  // also the first pause between probes
  const auto climate = device(script);
  ASSERT_TRUE(run([&] { return climate->state() == DeviceState::absent; }));
  EXPECT_TRUE(measurements.empty());
  EXPECT_EQ(availability, std::vector{false});
  plugged = true;
  ASSERT_TRUE(run([&] { return !measurements.empty(); }));
  EXPECT_EQ(availability, (std::vector{false, true}));
}

TEST_F(SensorDeviceTest, APulledChipIsToldOnceAndGoesOffLine) {
  std::atomic<bool> plugged = true;
  script.trigger = [&]() -> Result<Progress> {
    if (!plugged) return fail(Errc::no_ack);
    return Progress::done();
  };
  const auto climate = device(script);
  ASSERT_TRUE(run([&] { return !measurements.empty(); }));
  plugged = false;
  ASSERT_TRUE(run([&] { return climate->state() == DeviceState::absent; }));
  EXPECT_EQ(measurements.back().readings.at(0).value.error().code, Errc::no_ack);
  EXPECT_EQ(measurements.back().readings.at(0).quality, Quality::fault);
  EXPECT_EQ(availability, (std::vector{true, false}));
}

TEST_F(SensorDeviceTest, ThreeFailuresInARowTakeTheSensorOffLine) {
  std::atomic<bool> working = true;
  script.read = [&](Samples& samples) -> Result<> {
    if (!working) return fail(Errc::not_ready);
    samples.set(0, 1.0);
    samples.set(1, 1.0);
    return {};
  };
  const auto climate = device(script);
  ASSERT_TRUE(run([&] { return !measurements.empty(); }));
  working = false;
  ASSERT_TRUE(run([&] { return availability.size() == 2; }));
  EXPECT_FALSE(availability.back());
  EXPECT_EQ(climate->counters().failed, 3U);
  EXPECT_EQ(climate->state(), DeviceState::failing);
}

TEST_F(SensorDeviceTest, ABadSensorDoesNotStopItsNeighbour) {
  Script broken;
  broken.init = []() -> Result<Progress> { return fail(Errc::wrong_chip); };
  const auto bad = device(broken);
  const auto good = device(script);
  ASSERT_TRUE(run([&] { return good->counters().good >= 3; }));
  EXPECT_EQ(bad->counters().good, 0U);
}

TEST_F(SensorDeviceTest, ALongConversionDoesNotHoldUpItsNeighbour) {
  Script slow;
  slow.trigger = [] { return Progress::done_after(10s); };
  const auto converting = device(slow);
  const auto good = device(script);
  ASSERT_TRUE(run([&] { return good->counters().good >= 3; }));
  EXPECT_EQ(converting->counters().good, 0U);
}

TEST_F(HungBusTest, AHungBusIsNoticedAndItsDevicesComeBackWithIt) {
  std::binary_semaphore release(0);
  std::atomic<bool> hang = true;
  script.trigger = [&]() -> Result<Progress> {
    if (hang) release.acquire();
    return Progress::done();
  };
  const auto climate = device(script);
  ASSERT_TRUE(run([&] { return bus.stuck(); }));
  ASSERT_TRUE(climate->last_error());
  EXPECT_EQ(climate->last_error()->code, Errc::bus_stuck);
  EXPECT_EQ(availability, std::vector{false});
  EXPECT_EQ(climate->counters().good, 0U);

  hang = false;
  release.release();
  ASSERT_TRUE(run([&] { return climate->counters().good >= 1; }));
  EXPECT_FALSE(bus.stuck());
  EXPECT_EQ(availability, (std::vector{false, true}));
}

TEST_F(HungBusTest, TheAnswerOfAHungPollIsDiscarded) {
  std::binary_semaphore release(0);
  script.read = [&](Samples& samples) -> Result<> {
    release.acquire();
    samples.set(0, 99.0);
    samples.set(1, 99.0);
    return {};
  };
  config.every = 1h;
  const auto climate = device(script);
  ASSERT_TRUE(run([&] { return bus.stuck(); }));
  release.release();
  ASSERT_TRUE(run([&] { return !bus.stuck(); }));
  for (const auto& measurement : measurements) EXPECT_FALSE(measurement.readings.at(0).value);
  EXPECT_EQ(climate->counters().good, 0U);
}

TEST_F(SensorDeviceTest, AStoppedDeviceTellsNothingMore) {
  const auto climate = device(script);
  ASSERT_TRUE(run([&] { return !measurements.empty(); }));
  climate->stop();
  const auto told = measurements.size();
  bus.worker().join_until(SteadyClock::now() + 5s);
  loop.run_once(20ms);
  EXPECT_EQ(measurements.size(), told);
}

}  // namespace
}  // namespace b2m
