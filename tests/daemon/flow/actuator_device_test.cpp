#include "daemon/flow/actuator_device.hpp"

#include <gtest/gtest.h>

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

TEST_F(ActuatorDeviceTest, WithoutAnExitStateTheOutputIsLeftAsItIs) {
  command({.target = true});
  bool done = false;
  fan().stop([&] { done = true; });
  EXPECT_TRUE(done);
  EXPECT_EQ(hardware.driven.back(), ActuatorState(true));
}

}  // namespace
}  // namespace b2m
