#include "tests/vectors/run_case.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "tests/fakes/poll_once.hpp"

namespace b2m::vectors {
namespace {

Result<double> in_range(const Channel& channel, Result<double> value) {
  if (value && !channel.range.contains(*value))
    return fail(Errc::out_of_range,
                fmt::format("{} is outside {} to {}", *value, channel.range.low, channel.range.high));
  return value;
}

/// The actions of the format in the words of drivers.
struct Action {
  std::string_view text;
  std::string_view option;
  std::string_view value;
  ActuatorState state;
};
const std::array<Action, 1> actions{Action{"set PWM frequency 50 Hz", "frequency_hz", "50", 0.0}};

Result<Outcome> run_action(const DriverRef& driver, const std::string& text, Options& options, CaseBoard& board) {
  const auto action = std::find_if(actions.begin(), actions.end(), [&](const Action& a) { return a.text == text; });
  if (action == actions.end()) return fail(Errc::unsupported, fmt::format("the action \"{}\" is not known", text));
  if (!driver.driver->make_actuator || !set_option(driver, action->option, action->value, options))
    return fail(Errc::unsupported, fmt::format("{} has no option for the action \"{}\"", driver.name(), text));
  const auto actuator = driver.driver->make_actuator(context_for(driver, options, board));
  Outcome outcome;
  if (const auto prepared = actuator->prepare(); !prepared) {
    outcome.init_error = prepared.error();
  } else if (const auto state = actuator->init(std::nullopt); !state) {
    outcome.init_error = state.error();
  } else if (const auto reached = actuator->apply(action->state); !reached) {
    outcome.read_error = reached.error();
  }
  return outcome;
}

/// The actions of an expander: which lines are then driven, and how.
struct ExpanderAction {
  std::string_view text;
  ExpanderLines lines;
};
constexpr std::array<ExpanderAction, 1> expander_actions{ExpanderAction{"set pin A7 output low", {.outputs = 0x80}}};

/// Without an action, every line is an input and the port is read, as a channel "gpio".
Result<Outcome> run_expander(const DriverRef& driver, const std::string& text, CaseBoard& board) {
  const auto& traits = driver.driver->models[driver.model].expander;
  const auto expander = driver.driver->make_expander({&board.recorder, *board.address}, traits);
  const auto action = std::find_if(expander_actions.begin(), expander_actions.end(),
                                   [&](const ExpanderAction& a) { return a.text == text; });
  if (!text.empty() && action == expander_actions.end())
    return fail(Errc::unsupported, fmt::format("the action \"{}\" is not known", text));
  const auto lines = text.empty() ? ExpanderLines{} : action->lines;
  Outcome outcome;
  if (const auto ready = expander->set_up(lines); !ready) outcome.init_error = ready.error();
  const auto levels = expander->read(lines);
  if (!levels) outcome.read_error = levels.error();
  outcome.channels.push_back({.key = "gpio", .quantity = Quantity::count, .range = {0, 65535}});
  outcome.values.push_back(levels.map([](std::uint16_t word) { return static_cast<double>(word); }));
  return outcome;
}

}  // namespace

DriverContext context_for(const DriverRef& driver, const Options& options, CaseBoard& board) {
  DriverContext context{.options = options, .model = driver.model};
  if (driver.driver->bus == BusKind::i2c) context.i2c = &board.recorder;
  if (driver.driver->bus == BusKind::files || driver.driver->bus == BusKind::w1) context.files = &board.files;
  if (driver.driver->bus == BusKind::spi) context.spi = &board.spi;
  if (driver.driver->bus == BusKind::serial) context.serial = &board.serial;
  if (driver.driver->bus == BusKind::timed_lines) context.timed_lines = &board.timed_lines;
  for (const auto& spec : driver.driver->options)
    if (spec.type == OptionType::line) context.lines[std::string(spec.key)] = case_line;
  return context;
}

Outcome read_sensor(Sensor& sensor) {
  Outcome outcome;
  if (const auto ready = run_step(sensor, &Sensor::init); !ready) {
    outcome.init_error = ready.error();
    return outcome;
  }
  outcome.channels = sensor.channels();
  const auto poll = poll_again(sensor);
  if (!poll) outcome.read_error = poll.error();
  for (std::size_t i = 0; i < outcome.channels.size(); ++i)
    outcome.values.push_back(poll ? in_range(outcome.channels[i], poll->samples[i]) : tl::unexpected(poll.error()));
  return outcome;
}

Result<Outcome> run_case(const DriverRef& driver, const VectorCase& one, CaseBoard& board) {
  B2M_ASSIGN(auto options, options_for(driver, one, board));
  Outcome outcome;
  if (driver.driver->is_expander()) {
    B2M_ASSIGN(outcome, run_expander(driver, one.expect.action, board));
  } else if (!one.expect.action.empty()) {
    B2M_ASSIGN(outcome, run_action(driver, one.expect.action, options, board));
  } else if (driver.driver->make_sensor) {
    outcome = read_sensor(*driver.driver->make_sensor(context_for(driver, options, board)));
  } else {
    return fail(Errc::unsupported, fmt::format("{} is not a sensor that is polled", driver.name()));
  }
  outcome.writes = board.recorder.writes();
  outcome.register_now = board.register_now;
  return outcome;
}

}  // namespace b2m::vectors
