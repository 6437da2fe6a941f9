#include "daemon/flow/rule_runner.hpp"

#include <algorithm>
#include <utility>

#include "daemon/log/log.hpp"

namespace b2m {
namespace {

RuleTime rule_time() { return {SteadyClock::now(), minute_of_day(WallClock::now())}; }

void collect_times(const Condition& condition, std::vector<std::chrono::minutes>& times) {
  if (condition.kind == ConditionKind::between) times.insert(times.end(), {condition.from, condition.to});
  for (const auto& part : condition.parts) collect_times(part, times);
}

std::vector<std::chrono::minutes> times_of(const std::vector<RuleConfig>& rules) {
  std::vector<std::chrono::minutes> times;
  for (const auto& rule : rules) collect_times(rule.when, times);
  return times;
}

/// Whether a refused action is worth trying again: not when somebody else was given way.
bool comes_again(const Refusal& refusal) { return refusal.error != "superseded" && refusal.error != "stopping"; }

}  // namespace

RuleRunner::RuleRunner(EventLoop& loop, std::vector<RuleConfig> rules, Commander& commander)
    : commander_(commander),
      rules_(std::move(rules)),
      timer_(loop, [this] { look(); }),
      wall_timer_(loop, [this] { look(); }) {
  day_times_.watch(times_of(rules_.rules()));
}

void RuleRunner::change(std::vector<RuleConfig> rules) {
  rules_.change(std::move(rules));
  day_times_.watch(times_of(rules_.rules()));
  timer_.cancel();
  wall_timer_.cancel();
}

void RuleRunner::stop() {
  stopped_ = true;
  timer_.cancel();
  wall_timer_.cancel();
}

void RuleRunner::measured(const SensorConfig& sensor, std::span<const Channel> channels,
                          const Measurement& measurement) {
  for (const auto& reading : measurement.readings) {
    if (reading.channel >= channels.size()) continue;
    const auto& channel = channels[reading.channel];
    const double scale = info(channel.quantity).scale;
    rules_.reading(sensor.id, channel.key, reading.value.map([&](double value) { return value * scale; }),
                   sensor.expire_after, measurement.moment.monotonic);
  }
  look();
}

void RuleRunner::reached(const ActuatorConfig& actuator, const ActuatorState& state) {
  const auto* number = std::get_if<double>(&state);
  rules_.reading(actuator.id, "", number != nullptr ? *number : is_on(state) ? 1.0 : 0.0, {}, SteadyClock::now());
  rules_.told(actuator.id, SteadyClock::now());
  look();
}

void RuleRunner::online(const std::string& device, bool online) {
  rules_.online(device, online);
  rules_.told(device, SteadyClock::now());
  look();
}

void RuleRunner::happened(const SensorConfig& sensor, std::string_view event) {
  if (stopped_ || rules_.rules().empty()) return;
  carry_out(rules_.happened(sensor.id, std::string(event), rule_time()));
}

void RuleRunner::look() {
  if (stopped_ || rules_.rules().empty()) return;
  carry_out(rules_.update(rule_time()));
}

void RuleRunner::carry_out(const std::vector<Rules::Firing>& firings) {
  for (const auto& firing : firings) {
    const auto& action = rules_.action(firing);
    const auto& name = rules_.find(firing)->name;
    const auto index = commander_.find(action.actuator);
    if (!index) continue;  // the configuration was checked
    if (commander_.actuator(*index).is_starting() && rules_.postpone(firing)) continue;
    log::notice({.device = action.actuator}, "commanded by {}: {}", name, firing.why);
    commander_.command(*index, action.command, Source::rule, [this, firing](const Outcome& outcome) {
      if (!outcome.refusal || !comes_again(*outcome.refusal)) return;
      const auto* rule = rules_.find(firing);
      if (rule == nullptr) return;  // of a configuration that is no more
      log::warning({.device = rules_.action(firing).actuator, .error = outcome.refusal->error}, "refused to {}: {}",
                   rule->name, outcome.refusal->message);
      rules_.failed(firing, SteadyClock::now(), outcome.refusal->error == "unavailable");
      rearm();
    });
  }
  rearm();
}

void RuleRunner::rearm() {
  if (stopped_) return;
  if (const auto due = rules_.next_due()) {
    timer_.arm(*due);
  } else {
    timer_.cancel();
  }
  if (const auto next = day_times_.look_ahead(WallClock::now())) wall_timer_.arm(*next);
}

}  // namespace b2m
