#include "daemon/flow/actuator_device.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <semaphore>

#include "daemon/flow/command_ids.hpp"
#include "tests/daemon/flow/flow_fakes.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using test::FakeActuator;
using test::run_until;

struct ActuatorDeviceTest : ::testing::Test {
  ActuatorDeviceTest() {
    config.id = "fan";
    sink.reached = [this](const ActuatorConfig&, const ActuatorState& state) { states.push_back(state); };
    sink.availability = [this](const ActuatorConfig&, bool online) { availability.push_back(online); };
  }
  ~ActuatorDeviceTest() override { bus.worker().join_until(SteadyClock::now() + 5s); }

  ActuatorDevice& fan() {
    if (!device) {
      device = std::make_unique<ActuatorDevice>(loop, config, bus, nullptr, std::make_unique<FakeActuator>(hardware),
                                                kept, interlocks(), sink);
      device->start();
    }
    return *device;
  }
  Interlocks& interlocks() { return links ? *links : links.emplace(std::span(&config, 1)); }
  ActuatorDevice& ready_fan() {
    EXPECT_TRUE(run_until(loop, [&] { return fan().device_state() == DeviceState::ready; }));
    return fan();
  }
  Outcome command(const Command& command) {
    std::optional<Outcome> outcome;
    ready_fan().command(command, Source::command, [&](const Outcome& answer) { outcome = answer; });
    EXPECT_TRUE(run_until(loop, [&] { return outcome.has_value(); }));
    return outcome.value_or(Outcome{});
  }

  EventLoop loop;
  ActuatorConfig config;
  ActuatorSink sink;
  FakeActuator::Hardware hardware;
  std::vector<ActuatorState> states;
  std::vector<bool> availability;
  Bus bus{loop, "outputs"};
  ValuesInMemory kept;
  std::optional<Interlocks> links;
  std::unique_ptr<ActuatorDevice> device;
};

using States = std::vector<ActuatorState>;

TEST_F(ActuatorDeviceTest, TheInitialStateIsDrivenAndTold) {
  config.initial = InitialState::on;
  ready_fan();
  EXPECT_EQ(hardware.driven, States{true});
  EXPECT_EQ(states, States{true});
  EXPECT_EQ(availability, std::vector{true});
}

TEST_F(ActuatorDeviceTest, WhoeverHearsThatItIsThereMayCommandItAtOnce) {
  std::optional<Outcome> outcome;
  sink.availability = [&](const ActuatorConfig&, bool online) {
    ASSERT_TRUE(online);
    EXPECT_EQ(device->state(), ActuatorState(false));
    device->command({.target = Toggle{}}, Source::rule, [&](const Outcome& answer) { outcome = answer; });
  };
  fan();
  ASSERT_TRUE(run_until(loop, [&] { return outcome.has_value(); }));
  EXPECT_EQ(outcome->state, ActuatorState(true));
  EXPECT_EQ(hardware.driven, (States{false, true}));
  EXPECT_EQ(states, (States{false, true}));
}

TEST_F(ActuatorDeviceTest, ACommandIsDoneToldAndAnswered) {
  const auto outcome = command({.target = true, .id = "abc"});
  EXPECT_EQ(outcome.id, "abc");
  EXPECT_EQ(outcome.state, ActuatorState(true));
  EXPECT_EQ(states, (States{false, true}));
}

TEST_F(ActuatorDeviceTest, ToggleCountsFromTheNewestCommand) {
  ready_fan().command({.target = true}, Source::command, [](const Outcome&) {});
  EXPECT_EQ(command({.target = Toggle{}}).state, ActuatorState(false));
}

TEST_F(ActuatorDeviceTest, ATimedCommandEndsInTheOpposite) {
  command({.target = true, .duration = 10ms});
  ASSERT_TRUE(run_until(loop, [&] { return states.size() == 3; }));
  EXPECT_EQ(states, (States{false, true, false}));
}

TEST_F(ActuatorDeviceTest, ANewerCommandCancelsWhatATimedOneLeftPending) {
  ready_fan().command({.target = true, .duration = 30ms}, Source::command, [](const Outcome&) {});
  fan().command({.target = true}, Source::command, [](const Outcome&) {});
  bool later = false;
  Timer timer(loop, [&] { later = true; });
  timer.arm_after(80ms);
  ASSERT_TRUE(run_until(loop, [&] { return later && hardware.driven.size() >= 3; }));
  EXPECT_EQ(hardware.driven, (States{false, true, true}));
}

TEST_F(ActuatorDeviceTest, ANumberIsRefusedByASwitch) {
  const auto outcome = command({.target = 0.4});
  ASSERT_TRUE(outcome.refusal);
  EXPECT_EQ(outcome.refusal->error, "unsupported");
  EXPECT_EQ(hardware.driven, States{false});
}

TEST_F(ActuatorDeviceTest, AFailureIsAnsweredWithItsReason) {
  ready_fan();
  hardware.answer = [] { return fail(Errc::gone, "chip removed"); };
  const auto outcome = command({.target = true});
  ASSERT_TRUE(outcome.refusal);
  EXPECT_EQ(outcome.refusal->error, "gone");
  EXPECT_EQ(availability, (std::vector{true, false}));
}

TEST_F(ActuatorDeviceTest, OneThatWasNeverReachedIsToldToBeOffline) {
  hardware.answer = [] { return fail(Errc::gone, "no such chip"); };
  ASSERT_TRUE(run_until(loop, [&] { return fan().device_state() == DeviceState::absent; }));
  EXPECT_EQ(availability, std::vector{false});
}

TEST_F(ActuatorDeviceTest, ACommandBeforeTheHardwareIsThereIsRefused) {
  hardware.answer = [] { return fail(Errc::gone, "no such chip"); };
  std::optional<Outcome> outcome;
  ASSERT_TRUE(run_until(loop, [&] { return fan().device_state() == DeviceState::absent; }));
  fan().command({.target = true}, Source::command, [&](const Outcome& answer) { outcome = answer; });
  ASSERT_TRUE(outcome && outcome->refusal);
  EXPECT_EQ(outcome->refusal->error, "unavailable");
}

TEST_F(ActuatorDeviceTest, ACommandForABusThatHangsIsRefusedAtOnce) {
  std::binary_semaphore go_on(0);
  Bus hanging(loop, "outputs", 1ms);
  FakeActuator::Hardware slow;
  ActuatorDevice valve(loop, config, hanging, nullptr, std::make_unique<FakeActuator>(slow), kept, interlocks(), sink);
  valve.start();
  ASSERT_TRUE(run_until(loop, [&] { return valve.device_state() == DeviceState::ready; }));
  slow.answer = [&]() -> Result<> { return go_on.acquire(), Result<>(); };
  std::optional<Outcome> first;
  std::optional<Outcome> second;
  valve.command({.target = true}, Source::command, [&](const Outcome& answer) { first = answer; });
  ASSERT_TRUE(run_until(loop, [&] { return hanging.stuck(); }));
  valve.command({.target = false}, Source::command, [&](const Outcome& answer) { second = answer; });
  ASSERT_TRUE(second && second->refusal);
  EXPECT_EQ(*second->refusal, (Refusal{"bus_stuck", "outputs hangs"}));
  go_on.release();
  ASSERT_TRUE(run_until(loop, [&] { return first.has_value(); }));
  EXPECT_EQ(first->state, ActuatorState(true)) << "a late answer is an answer";
  hanging.worker().join_until(SteadyClock::now() + 5s);
}

TEST(CommandIds, AFloodOfOneCommandThatIsStillUnderWayIsRefused) {
  CommandIds ids;
  std::vector<Outcome> answers;
  const auto answer = [&](const Outcome& outcome) { answers.push_back(outcome); };
  EXPECT_FALSE(ids.repeats("a", answer));
  for (std::size_t i = 0; i < CommandIds::most_waiting; ++i) EXPECT_TRUE(ids.repeats("a", answer));
  EXPECT_TRUE(answers.empty());
  EXPECT_TRUE(ids.repeats("a", answer));
  ASSERT_EQ(answers.size(), 1U);
  EXPECT_EQ(answers[0].refusal, (Refusal{"busy", "the same command is still under way"}));
  ids.settle({.id = "a", .state = true});
  EXPECT_EQ(answers.size(), 1 + CommandIds::most_waiting);
}

TEST_F(ActuatorDeviceTest, TheExitStateIsDrivenAtTheStop) {
  config.on_exit = ExitState::off;
  command({.target = true});
  bool done = false;
  fan().stop([&] { done = true; });
  ASSERT_TRUE(run_until(loop, [&] { return done; }));
  EXPECT_EQ(hardware.driven.back(), ActuatorState(false));
}

// ---- states that are reached in steps ----

TEST_F(ActuatorDeviceTest, AStateThatIsReachedInStepsIsToldWhenItStands) {
  ready_fan();
  int steps = 0;
  hardware.advance = [&] { return ++steps < 4 ? Progress::again_after(1ms) : Progress::done(); };
  EXPECT_EQ(command({.target = true}).state, ActuatorState(true));
  EXPECT_EQ(steps, 4);
  EXPECT_EQ(states, (States{false, true}));
}

TEST_F(ActuatorDeviceTest, AStepThatFailsIsAnsweredWithItsReason) {
  ready_fan();
  hardware.advance = []() -> Result<Progress> { return fail(Errc::no_ack, "unplugged"); };
  const auto outcome = command({.target = true});
  ASSERT_TRUE(outcome.refusal);
  EXPECT_EQ(outcome.refusal->error, "no_ack");
}

struct Moving : ActuatorDeviceTest {
  /// ON takes for ever, OFF stands at once.
  explicit Moving(ExitState on_exit = ExitState::keep) {
    config.on_exit = on_exit;
    ready_fan();
    hardware.advance = [this]() -> Result<Progress> {
      ++steps;
      return hardware.driven.back() == ActuatorState(true) ? Progress::again_after(1ms) : Progress::done();
    };
  }
  ~Moving() override { bus.worker().join_until(SteadyClock::now() + 5s); }
  void move() {
    fan().command({.target = true, .id = "first"}, Source::command, [this](const Outcome& o) { first.push_back(o); });
    EXPECT_TRUE(run_until(loop, [&] { return steps.load() > 2; }));
  }
  std::atomic<int> steps = 0;
  std::vector<Outcome> first;
};

TEST_F(Moving, ANewerCommandTakesThePlaceOfTheOneUnderWay) {
  move();
  EXPECT_TRUE(first.empty());
  EXPECT_EQ(command({.target = false}).state, ActuatorState(false));
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].id, "first");
  EXPECT_EQ(first[0].refusal, (Refusal{"superseded", "a newer command took its place while it was under way"}));
  EXPECT_EQ(states, (States{false, false})) << "what was given up was never told as reached";
}

TEST_F(Moving, OfManyCommandsEachIsAnsweredOnceAndTheNewestStands) {
  move();
  std::size_t answers = 0;
  for (int i = 0; i < 20; ++i)
    fan().command({.target = i % 2 == 0}, Source::command, [&](const Outcome&) { ++answers; });
  EXPECT_EQ(command({.target = false}).state, ActuatorState(false));
  EXPECT_EQ(answers, 20U);
  EXPECT_EQ(first.size(), 1U);
  EXPECT_EQ(hardware.driven.back(), ActuatorState(false));
}

TEST_F(Moving, OthersOfTheWorkerAreServedMeanwhile) {
  ActuatorConfig other;
  other.id = "pump";
  Interlocks alone{std::span(&other, 1)};
  FakeActuator::Hardware plain;
  ActuatorDevice pump(loop, other, bus, nullptr, std::make_unique<FakeActuator>(plain), kept, alone, sink);
  move();
  pump.start();
  EXPECT_TRUE(run_until(loop, [&] { return pump.device_state() == DeviceState::ready; }));
  EXPECT_TRUE(first.empty());
}

TEST_F(Moving, AStopEndsItWhereItIs) {
  move();
  bool done = false;
  fan().stop([&] { done = true; });
  EXPECT_FALSE(done);
  ASSERT_TRUE(run_until(loop, [&] { return done; }));
  EXPECT_EQ(hardware.halts, 1);
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].refusal->error, "stopping");
}

struct MovingAtExit : Moving {
  MovingAtExit() : Moving(ExitState::on) {}
};

TEST_F(MovingAtExit, AWayThatTakesTooLongEndsWhereItIs) {
  bool done = false;
  fan().stop([&] { done = true; });
  ASSERT_TRUE(run_until(loop, [&] { return done; }));
  EXPECT_EQ(hardware.driven.back(), ActuatorState(true));
  EXPECT_EQ(hardware.halts, 1);
}

// ---- another configuration ----

TEST_F(Moving, WhatIsUnderWayWhenAnotherTakesItsPlaceIsAnsweredAtOnce) {
  move();
  EXPECT_TRUE(fan().hand_over());
  ASSERT_EQ(first.size(), 1U);
  EXPECT_EQ(first[0].refusal->error, "reloading");
}

TEST_F(ActuatorDeviceTest, WhoTakesThePlaceOfOneThatHeldNothingInheritsNothing) {
  hardware.answer = [] { return fail(Errc::gone, "no such chip"); };
  EXPECT_TRUE(run_until(loop, [&] { return fan().device_state() == DeviceState::absent; }));
  EXPECT_FALSE(fan().hand_over());
}

TEST_F(ActuatorDeviceTest, OneThatIsGoneHearsNothingOfItsPartners) {
  ready_fan();
  device.reset();
  interlocks().change(std::span(&config, 1));  // a sanitizer sees who is called
}

// ---- text ----

struct DisplayTest : ActuatorDeviceTest {
  explicit DisplayTest(ExitState on_exit = ExitState::keep) {
    config.driver.driver = &driver;
    config.on_exit = on_exit;
    ready_fan();
  }
  static constexpr DriverInfo driver{.name = "display",
                                     .summary = "of a test",
                                     .datasheet = "none",
                                     .output = {.kind = ActuatorKind::text},
                                     .example = ""};
  bool shows(const std::string& text) {
    return run_until(loop, [&] { return hardware.latest() == ActuatorState(text); });
  }
};

TEST_F(DisplayTest, ShowsItsIdleTextUntilATextIsCommandedAndAgainAfterAnEmptyOne) {
  fan().show("21.5 °C");
  ASSERT_TRUE(shows("21.5 °C"));
  EXPECT_EQ(command({.target = std::string("Hello")}).state, ActuatorState(std::string("Hello")));
  fan().show("21.6 °C");
  EXPECT_EQ(command({.target = std::string()}).state, ActuatorState(std::string()));
  const std::vector<std::string> shown{"", "21.5 °C", "Hello", "21.6 °C"};
  EXPECT_EQ(hardware.driven, States(shown.begin(), shown.end()))
      << "each once: no reading drives out what is commanded";
  EXPECT_EQ(fan().state(), ActuatorState(std::string())) << "the state is what was commanded";
}

TEST_F(DisplayTest, ATextForAWhileGivesWayToTheIdleText) {
  fan().show("idle");
  command({.target = std::string("Hello"), .duration = 10ms});
  EXPECT_TRUE(shows("idle"));
}

TEST_F(DisplayTest, AnEmptyTextForAWhileIsRefused) {
  const auto outcome = command({.target = std::string(), .duration = 1s});
  ASSERT_TRUE(outcome.refusal);
  EXPECT_EQ(*outcome.refusal, (Refusal{"unsupported", "fan shows text; an empty one has no opposite to follow"}));
}

struct DisplayAtExit : DisplayTest {
  DisplayAtExit() : DisplayTest(ExitState::off) {}
};

TEST_F(DisplayAtExit, TheStateOffLeavesItBlank) {
  fan().show("idle");
  ASSERT_TRUE(shows("idle"));
  bool done = false;
  fan().stop([&] { done = true; });
  ASSERT_TRUE(run_until(loop, [&] { return done; }));
  EXPECT_EQ(hardware.driven.back(), ActuatorState(std::string()));
}

TEST_F(ActuatorDeviceTest, WithoutAnExitStateTheOutputIsLeftAsItIs) {
  command({.target = true});
  bool done = false;
  fan().stop([&] { done = true; });
  EXPECT_TRUE(done);
  EXPECT_EQ(hardware.driven.back(), ActuatorState(true));
}

}  // namespace
}  // namespace b2m
