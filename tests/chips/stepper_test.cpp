// The sequences of ST, L298 datasheet, and Kiatronics, 28BYJ-48 datasheet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fakes/fake_gpio.hpp"
#include "tests/fakes/make_driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class Stepper : public testing::Test {
 protected:
  std::unique_ptr<Actuator> make(OptionTexts given = {}) {
    const auto& driver = *driver_named("stepper").driver;
    given.push_back({"max_steps", "100"});
    const Options options = make_options(driver, given);
    return driver.make_actuator({.options = options,
                                 .gpio = &gpio_,
                                 .lines = {{"line_1", {"gpiochip0", 1}},
                                           {"line_2", {"gpiochip0", 2}},
                                           {"line_3", {"gpiochip0", 3}},
                                           {"line_4", {"gpiochip0", 4}}}});
  }
  std::unique_ptr<Actuator> started(const OptionTexts& given = {}) {
    auto motor = make(given);
    EXPECT_TRUE(motor->init(std::nullopt));
    EXPECT_FALSE(motor->advance().value().again());
    return motor;
  }
  /// The lines that carry current, line_1 first: "1100".
  std::string coils() {
    std::string text;
    for (const auto* line : {"gpiochip0:1", "gpiochip0:2", "gpiochip0:3", "gpiochip0:4"})
      text += gpio_.levels[line] ? '1' : '0';
    return text;
  }
  /// The coils after each step until it is there.
  std::vector<std::string> way(Actuator& motor) {
    std::vector<std::string> way;
    for (auto step = motor.advance(); step.value().again(); step = motor.advance()) way.push_back(coils());
    return way;
  }
  FakeGpio gpio_;
};

TEST_F(Stepper, takes_each_line_together_with_its_level) {
  make()->init(std::nullopt).value();
  EXPECT_EQ(gpio_.log.front(), "request gpiochip0:1 inactive");
  const auto held = make({{"hold", "true"}});
  held->init(std::nullopt).value();
  EXPECT_EQ(coils(), "1000");
  EXPECT_THAT(gpio_.log, testing::Contains("request gpiochip0:1 active"));
}

TEST_F(Stepper, steps_by_halves_and_switches_the_current_off_at_the_end) {
  const auto motor = started();
  EXPECT_EQ(motor->apply(ActuatorState(9.0)), ActuatorState(9.0));
  EXPECT_THAT(way(*motor), ElementsAre("1100", "0100", "0110", "0010", "0011", "0001", "1001", "1000", "1100"));
  EXPECT_EQ(coils(), "0000");
}

TEST_F(Stepper, steps_in_full_and_in_waves) {
  const auto full = started({{"step", "full"}});
  full->apply(ActuatorState(4.0)).value();
  EXPECT_THAT(way(*full), ElementsAre("0110", "0011", "1001", "1100"));
  const auto wave = started({{"step", "wave"}});
  wave->apply(ActuatorState(4.0)).value();
  EXPECT_THAT(way(*wave), ElementsAre("0100", "0010", "0001", "1000"));
}

TEST_F(Stepper, goes_back_the_same_way_also_below_the_start) {
  const auto motor = started({{"step", "full"}, {"min_steps", "-2"}});
  motor->apply(ActuatorState(-2.0)).value();
  EXPECT_THAT(way(*motor), ElementsAre("1001", "0011"));
  motor->apply(ActuatorState(false)).value();
  EXPECT_THAT(way(*motor), ElementsAre("1001", "1100"));
}

TEST_F(Stepper, waits_the_time_of_a_step_after_each_also_after_the_last) {
  const auto motor = started({{"steps_per_second", "500"}});
  motor->apply(ActuatorState(1.0)).value();
  const auto step = motor->advance();
  EXPECT_TRUE(step.value().again());
  EXPECT_EQ(step->pause(), 2ms);
  EXPECT_EQ(coils(), "1100");
  EXPECT_FALSE(motor->advance().value().again());
}

TEST_F(Stepper, a_newer_goal_is_gone_to_from_where_it_is) {
  const auto motor = started({{"step", "full"}});
  motor->apply(ActuatorState(50.0)).value();
  motor->advance().value();
  motor->advance().value();
  EXPECT_EQ(motor->apply(ActuatorState(1.0)), ActuatorState(1.0));
  EXPECT_THAT(way(*motor), ElementsAre("0110"));
}

TEST_F(Stepper, holds_the_load_where_that_is_asked_for) {
  const auto motor = started({{"hold", "true"}});
  motor->apply(ActuatorState(1.0)).value();
  way(*motor);
  EXPECT_EQ(coils(), "1100");
}

TEST_F(Stepper, halts_where_it_is_without_current) {
  const auto motor = started();
  motor->apply(ActuatorState(50.0)).value();
  motor->advance().value();
  motor->advance().value();
  EXPECT_EQ(motor->halt().value(), ActuatorState(2.0));
  EXPECT_EQ(coils(), "0000");
}

TEST_F(Stepper, takes_the_first_initial_state_for_where_it_stands) {
  const auto motor = make();
  EXPECT_EQ(motor->init(ActuatorState(40.0)), ActuatorState(40.0));
  EXPECT_FALSE(motor->advance().value().again()) << "it does not move";
  motor->apply(ActuatorState(41.0)).value();
  EXPECT_EQ(way(*motor).size(), 1U);
}

TEST_F(Stepper, after_a_failure_it_counts_on_from_where_it_is) {
  const auto motor = started();
  motor->apply(ActuatorState(50.0)).value();
  motor->advance().value();
  gpio_.set_error = Error{Errc::gone, "injected"};
  EXPECT_EQ(motor->advance().error().code, Errc::gone);
  gpio_.set_error.reset();
  EXPECT_EQ(motor->init(ActuatorState(0.0)), ActuatorState(0.0));
  EXPECT_EQ(way(*motor).size(), 2U);
}

TEST_F(Stepper, rounds_to_whole_steps_and_refuses_what_is_out_of_its_way) {
  const auto motor = started();
  EXPECT_EQ(motor->apply(ActuatorState(12.4)), ActuatorState(12.0));
  EXPECT_EQ(motor->apply(ActuatorState(101.0)).error().code, Errc::out_of_range);
  EXPECT_EQ(motor->apply(ActuatorState(-1.0)).error().code, Errc::out_of_range);
  EXPECT_EQ(motor->apply(ActuatorState(std::string("far"))).error().code, Errc::unsupported);
}

TEST_F(Stepper, takes_what_its_options_say) {
  const auto& driver = *driver_named("stepper").driver;
  const auto output = driver.output_of(make_options(driver, {{"max_steps", "4076"}, {"min_steps", "-10"}}));
  EXPECT_EQ(output.range.low, -10);
  EXPECT_EQ(output.range.high, 4076);
  EXPECT_EQ(output.unit, "steps");
}

}  // namespace
}  // namespace b2m
