#include "daemon/flow/edge_device.hpp"

#include <gtest/gtest.h>

#include <array>
#include <stdexcept>

#include "daemon/sim/simulated_gpio.hpp"
#include "tests/daemon/flow/flow_fakes.hpp"
#include "tests/daemon/sim/manual_clock.hpp"
#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::run_until;

const LineId first{"300b000.pinctrl", 76};
const LineId second{"300b000.pinctrl", 77};

/// A board with GPIO lines alone, whose chip may have no interrupts.
class LinesOnly final : public Board, public GpioPort {
 public:
  explicit LinesOnly(const SimulationClock& clock) : gpio_(clock) {}
  [[noreturn]] static void none() { throw std::logic_error("this board has GPIO lines alone"); }
  I2cBus& i2c(const std::string& /*name*/) override { none(); }
  SpiBus& spi(const std::string& /*name*/) override { none(); }
  SerialPort& serial(const std::string& /*port*/) override { none(); }
  GpioPort& gpio() override { return *this; }
  TimedLines& timed_lines() override { none(); }
  AttributeFiles& files() override { none(); }
  std::unique_ptr<Sensor> substitute(const DriverRef& /*driver*/, const Options& /*options*/) override {
    return nullptr;
  }

  Result<std::unique_ptr<InputLine>> request_input(const LineId& line, const InputSettings& settings) override {
    if (settings.edges && !interrupts) return fail(Errc::unsupported, "no interrupt");
    last_settings = settings;
    return gpio_.request_input(line, settings);
  }
  Result<std::unique_ptr<OutputLine>> request_output(const LineId& line, const OutputSettings& settings) override {
    return gpio_.request_output(line, settings);
  }
  void drive(const LineId& line, bool high) { gpio_.drive(line, high); }

  bool interrupts = true;
  InputSettings last_settings;

 private:
  SimulatedGpio gpio_;
};

/// A device on driven lines. Edges get their times from a clock that stands still in the past until it is moved, so
/// that what must stand still for a while has done so when the loop looks.
class EdgeDeviceTest : public testing::Test {
 protected:
  EdgeDeviceTest() {
    sink.measured = [this](const SensorConfig& sensor, std::span<const Channel>, const Measurement& measurement) {
      std::vector<double> values;
      for (const auto& reading : measurement.readings) values.push_back(reading.value.value());
      measured.push_back(values);
      EXPECT_TRUE(sensor == config);
    };
    sink.availability = [this](const SensorConfig&, bool there) { online = there; };
    sink.happened = [this](const SensorConfig&, std::string_view event, const Moment&) { events.emplace_back(event); };
  }
  ~EdgeDeviceTest() override {
    if (bus) {
      bus->worker().request_stop();
      bus->worker().join_until(SteadyClock::now() + 5s);
    }
  }

  void make(std::string_view driver, const OptionTexts& options = {}) {
    device.reset();
    config.id = "it";
    config.driver = driver_named(driver);
    config.options = make_options(*config.driver.driver, options);
    config.lines = {{"line", first}, {"second_line", second}};
    config.every = 1h;
    auto sensor = config.driver.driver->make_edge_sensor({.options = config.options});
    const auto poll_bus = [this]() -> Bus& { return bus ? *bus : bus.emplace(loop, "inputs"); };
    device = std::make_unique<EdgeDevice>(loop, config, board, std::move(sensor), poll_bus, kept, sink);
    device->start();
  }
  void drive(bool high, std::chrono::microseconds after = 1ms, const LineId& line = first) {
    now += after;
    board->drive(line, high);
  }
  void pulses(int count) {
    for (int i = 0; i < count; ++i) drive(true), drive(false);
  }
  Outcome command(const Command& command) {
    std::optional<Outcome> outcome;
    device->command(command, [&](const Outcome& answer) { outcome = answer; });
    return outcome.value();
  }

  SteadyTime now = SteadyClock::now() - 1h;
  std::shared_ptr<LinesOnly> board = std::make_shared<LinesOnly>([this] { return now; });
  EventLoop loop;
  std::optional<Bus> bus;
  ValuesInMemory kept;
  SensorSink sink;
  SensorConfig config;
  std::unique_ptr<EdgeDevice> device;

  std::vector<std::vector<double>> measured;
  std::vector<std::string> events;
  std::optional<bool> online;
};

using Values = std::vector<std::vector<double>>;
using Events = std::vector<std::string>;

TEST_F(EdgeDeviceTest, AnInputTellsTheLevelFoundAndEachChange) {
  make("input");
  EXPECT_EQ(measured, (Values{{0}}));
  EXPECT_EQ(online, true);
  drive(true, 1s);
  ASSERT_TRUE(run_until(loop, [&] { return measured.size() == 2; }));
  drive(false, 1s);
  ASSERT_TRUE(run_until(loop, [&] { return measured.size() == 3; }));
  EXPECT_EQ(measured, (Values{{0}, {1}, {0}}));
}

TEST_F(EdgeDeviceTest, ACounterWithoutDebouncingAsksForTheEdgeThatItCounts) {
  make("counter");
  EXPECT_EQ(board->last_settings.told, Edges::to_active);
  make("counter", {{"edge", "inactive"}});
  EXPECT_EQ(board->last_settings.told, Edges::to_inactive);
  make("counter", {{"debounce", "1ms"}});
  EXPECT_EQ(board->last_settings.told, Edges::both);
}

// Sixteen events fit into the queue of a simulated line.
TEST_F(EdgeDeviceTest, ACounterCountsWhatTheQueueCouldNotHoldAndTheDeviceSaysSo) {
  make("counter");
  pulses(20);
  device->read_now();
  pulses(1);
  device->read_now();
  EXPECT_EQ(measured.back()[0], 21);
  EXPECT_EQ(device->lost_edges(), 4);
}

TEST_F(EdgeDeviceTest, EdgesThatAreLostAreCountedWithDebouncingToo) {
  make("counter", {{"debounce", "10ms"}});
  pulses(20);
  device->read_now();
  pulses(1);
  device->read_now();
  EXPECT_EQ(device->lost_edges(), 24);  // both edges of a pulse are told; sixteen fit into the queue
}

TEST_F(EdgeDeviceTest, ABouncingReedContactIsOneTip) {
  make("rain_gauge", {{"debounce", "10ms"}, {"mm_per_tip", "1"}});
  for (const auto gap : {100us, 300us, 50us, 700us, 400us}) {
    drive(true, gap);
    drive(false, gap / 2);
  }
  drive(true, 20us);
  drive(false, 120ms);
  device->read_now();
  EXPECT_NEAR(measured.back()[0], 0.001, 1e-12);
}

/// The times between the edges of a push button that is pressed for 180 ms and let go. The shape is ours; the lengths
/// are those of Jack Ganssle, "A Guide to Debouncing" (2004), who measured 18 switches: 1.6 ms of bouncing in the mean,
/// and 6.2 ms at worst but for one.
constexpr std::array bounces{0us,      40us,  110us,  60us,  290us, 480us,  620us,
                             180000us, 700us, 1900us, 820us, 140us, 2200us, 440us};

TEST_F(EdgeDeviceTest, ABouncingButtonGivesOneEvent) {
  make("button");
  bool high = false;
  for (const auto gap : bounces) drive(high = !high, gap);
  ASSERT_FALSE(high);
  ASSERT_TRUE(run_until(loop, [&] { return !events.empty(); }));
  EXPECT_EQ(events, Events{"press"});
}

TEST_F(EdgeDeviceTest, WithoutDebouncingTheSameButtonIsPressedManyTimes) {
  make("button", {{"debounce", "0s"}});
  bool high = false;
  for (const auto gap : bounces) drive(high = !high, gap);
  ASSERT_TRUE(run_until(loop, [&] { return !events.empty(); }));
  EXPECT_EQ(events, (Events{"triple", "triple", "press"}));
}

TEST_F(EdgeDeviceTest, ALongPressIsToldWhileTheButtonIsStillDown) {
  make("button", {{"debounce", "0s"}, {"long_press", "30ms"}});
  now = SteadyClock::now();
  board->drive(first, true);
  ASSERT_TRUE(run_until(loop, [&] { return !events.empty(); }));
  EXPECT_EQ(events, Events{"long"});
}

TEST_F(EdgeDeviceTest, TheEdgesOfTwoLinesAreTakenInTheOrderOfTheirTimes) {
  make("encoder", {{"second_line", "PC7"}, {"min_interval", "0s"}});
  for (int cycle = 0; cycle < 3; ++cycle)
    for (const bool high : {true, false}) drive(high, 1ms, first), drive(high, 1ms, second);
  ASSERT_TRUE(run_until(loop, [&] { return measured.back()[0] == 3; }));
}

TEST_F(EdgeDeviceTest, ATotalIsFoundAgainByTheNextDaemon) {
  make("counter", {{"units_per_pulse", "0.5"}});
  pulses(5);
  device->stop();
  device.reset();
  make("counter", {{"units_per_pulse", "0.5"}});
  EXPECT_EQ(measured.back()[0], 2.5);
}

TEST_F(EdgeDeviceTest, ATotalThatIsNoneBeginsAnew) {
  kept.keep("counter/it", "many");
  make("counter");
  EXPECT_EQ(measured.back()[0], 0);
}

TEST_F(EdgeDeviceTest, ATotalIsKeptAtItsPace) {
  make("counter", {{"keep_pulses", "3"}, {"keep_at_most", "0s"}, {"keep_at_least", "1h"}});
  pulses(2);
  device->read_now();
  EXPECT_FALSE(kept.find("counter/it"));
  pulses(1);
  device->read_now();
  EXPECT_EQ(kept.find("counter/it"), "3");
}

TEST_F(EdgeDeviceTest, ACommandSetsATotalInPublishedUnitsAndKeepsIt) {
  make("flow_meter");
  const auto outcome = command({.target = 12.5, .id = "a"});
  EXPECT_FALSE(outcome.refusal);
  EXPECT_EQ(outcome.state, ActuatorState(12.5));
  EXPECT_NEAR(measured.back()[0], 0.0125, 1e-12);
  EXPECT_EQ(kept.find("counter/it"), "0.0125");
}

TEST_F(EdgeDeviceTest, ACommandWithAnIdIsCarriedOutOnce) {
  make("counter", {{"keep_at_most", "0s"}});
  EXPECT_EQ(command({.target = 100.0, .id = "a"}).state, ActuatorState(100.0));
  pulses(1);
  EXPECT_EQ(command({.target = 100.0, .id = "a"}).state, ActuatorState(100.0));
  device->read_now();
  EXPECT_EQ(measured.back()[0], 101);
}

TEST_F(EdgeDeviceTest, WhatIsNoTotalIsRefused) {
  make("rain_gauge");
  const auto why = [&](const Command& given) {
    const auto refusal = command(given).refusal.value_or(Refusal{"none", ""});
    return refusal.error + ": " + refusal.message;
  };
  const std::string no_number = "unsupported: it takes a number, the new precipitation in mm, and nothing else";
  EXPECT_EQ(why({.target = true}), no_number);
  EXPECT_EQ(why({.target = Toggle{}}), no_number);
  EXPECT_EQ(why({.target = 1.0, .duration = 1s}), no_number);
  EXPECT_EQ(why({.target = -1.0}), "out_of_range: -1 is not between 0 and 1000000000");
}

TEST_F(EdgeDeviceTest, WithoutInterruptsTheLevelIsRead) {
  board->interrupts = false;
  make("input", {{"debounce", "0s"}});
  ASSERT_EQ(measured, (Values{{0}}));
  board->drive(first, true);
  ASSERT_TRUE(run_until(loop, [&] { return measured.size() == 2; }));
  EXPECT_EQ(measured.back()[0], 1);
  EXPECT_FALSE(board->last_settings.edges);
}

TEST_F(EdgeDeviceTest, PollingIsAlsoUsedWhereItIsAskedFor) {
  make("button", {{"debounce", "0s"}, {"poll", "1ms"}, {"multi_press", "0s"}});
  EXPECT_FALSE(board->last_settings.edges);
  board->drive(first, true);
  ASSERT_TRUE(run_until(loop, [&] { return measured.size() == 2; }));
  board->drive(first, false);
  ASSERT_TRUE(run_until(loop, [&] { return !events.empty(); }));
  EXPECT_EQ(events, Events{"press"});
}

TEST_F(EdgeDeviceTest, ALineThatSomebodyHoldsIsOfflineUntilItIsFree) {
  auto holder = board->request_output(first, {}).value();
  make("input");
  EXPECT_EQ(online, false);
  EXPECT_EQ(device->last_error()->code, Errc::busy);
  holder.reset();
  ASSERT_TRUE(run_until(loop, [&] { return online == true; }));
}

}  // namespace
}  // namespace b2m
