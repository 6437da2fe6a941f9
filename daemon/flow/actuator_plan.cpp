#include "daemon/flow/actuator_plan.hpp"

#include <algorithm>
#include <utility>

#include "daemon/flow/target.hpp"

namespace b2m {

void ActuatorPlan::begin(std::optional<Kept> kept, SteadyTime now) {
  kept_ = std::move(kept);
  guard_.begin(kept_ ? std::optional(Guard::Kept{is_on(kept_->state), kept_->since}) : std::nullopt, now);
  broker(false, now);
}

std::optional<ActuatorState> ActuatorPlan::initial_state() const {
  switch (config_.initial) {
    case InitialState::off: return off_state(config_.output());
    case InitialState::on: return on_state(config_.output());
    case InitialState::keep: return std::nullopt;
    case InitialState::restore: break;
  }
  return kept_ ? kept_->state : off_state(config_.output());
}

ActuatorPlan::Start ActuatorPlan::start(SteadyTime now) {
  if (!seen_ && config_.initial == InitialState::on) {
    guard_.forget_kept_on(now);
    kept_.reset();
  }
  Start start{initial_state()};
  if (must_go_off(now)) start.state = off_state(config_.output());
  if (start.state && is_on(*start.state)) {
    const auto verdict = guard_.ask(true, std::nullopt, Source::start, now);
    if (const auto* wait = std::get_if<Wait>(&verdict)) {
      waiting_ = Switching{std::move(*start.state), Source::start};
      ask_at_ = wait->until;
      start.state.reset();  // an output that was on before stays on
      if (!ask_at_) start.state = off_state(config_.output());
    } else if (const auto* why = std::get_if<Refusal>(&verdict)) {
      start.refused.push_back({{std::move(*start.state), Source::start}, *why});
      start.state = off_state(config_.output());
    }
  }
  guard_.posted(start.state ? std::optional(is_on(*start.state)) : std::nullopt, now);
  newest_ = start.state;
  return start;
}

ActuatorPlan::Steps ActuatorPlan::wish(Switching wish, SteadyTime now) {
  if (leaving_)
    return {.refused = {{std::move(wish), {"stopping", config_.id + " is left as it is: the gateway stops"}}}};
  return settle(std::move(wish), now);
}

ActuatorPlan::Steps ActuatorPlan::settle(Switching wish, SteadyTime now) {
  Steps steps;
  const auto verdict = guard_.ask(is_on(wish.state), wish.lasting, wish.source, now);
  if (const auto* why = std::get_if<Refusal>(&verdict)) {
    steps.refused.push_back({std::move(wish), *why});
  } else if (const auto* wait = std::get_if<Wait>(&verdict)) {
    take_waiting(steps.refused, "superseded", "a newer command took its place while it waited");
    waiting_ = std::move(wish);
    ask_at_ = wait->until;
  } else {
    steps.drive = std::move(wish);
  }
  return steps;
}

ActuatorPlan::Steps ActuatorPlan::on_time(SteadyTime now) {
  if (!ready_ || leaving_) return {};
  if (guard_.heading() == true && (must_go_off(now) || guard_.conflict())) {
    Switching off{off_state(config_.output()), guard_.conflict() ? Source::interlock : Source::max_on};
    if (waiting_ && !is_on(waiting_->state)) off.ticket = std::exchange(waiting_, {})->ticket;
    return {.drive = std::move(off)};
  }
  if (waiting_ && (ask_again_ || (ask_at_ && *ask_at_ <= now))) {
    ask_again_ = false;
    return settle(*std::exchange(waiting_, {}), now);
  }
  if (revert_ && revert_->at <= now) return settle({std::exchange(revert_, {})->state, Source::revert}, now);
  if (broker_lost_at_ && *broker_lost_at_ <= now) {
    broker_lost_at_.reset();
    const auto& output = config_.output();
    return settle({config_.on_broker_lost->on ? on_state(output) : off_state(output), Source::broker_lost}, now);
  }
  return {};
}

ActuatorPlan::Steps ActuatorPlan::leave(SteadyTime now) {
  Steps steps;
  take_waiting(steps.refused, "stopping", config_.id + " is left as it is: the gateway stops");
  revert_.reset();
  broker_lost_at_.reset();
  leaving_ = true;
  if (!ready_ || config_.on_exit == ExitState::keep) return steps;
  const bool on = config_.on_exit == ExitState::on;
  Switching last{on ? on_state(config_.output()) : off_state(config_.output()), Source::exit};
  const auto verdict = guard_.ask(on, std::nullopt, Source::exit, now);
  if (std::holds_alternative<Go>(verdict)) {
    steps.drive = std::move(last);
  } else if (const auto* why = std::get_if<Refusal>(&verdict)) {
    steps.refused.push_back({std::move(last), *why});
  }
  return steps;
}

std::vector<ActuatorPlan::Refused> ActuatorPlan::posted(const Switching& what, SteadyTime now) {
  std::vector<Refused> refused;
  take_waiting(refused, "superseded", "a newer command took its place while it waited");
  revert_.reset();
  if (what.lasting) revert_ = Revert{opposite(what.state), now + *what.lasting};
  newest_ = what.state;
  guard_.posted(is_on(what.state), now);
  return refused;
}

void ActuatorPlan::reached(const ActuatorState& state, SteadyTime now) {
  guard_.reached(is_on(state), now);
  ready_ = true;
  seen_ = true;
  if (!kept_ || kept_->state != state) kept_ = Kept{state, now};
  if (!newest_ || guard_.known()) newest_ = state;
}

void ActuatorPlan::failed(SteadyTime now) { guard_.failed(now); }

void ActuatorPlan::gave_way(SteadyTime now) { guard_.gave_way(now); }

std::vector<ActuatorPlan::Refused> ActuatorPlan::lost() {
  std::vector<Refused> refused;
  ready_ = false;
  take_waiting(refused, "unavailable", config_.id + " was lost while the command waited");
  return refused;
}

void ActuatorPlan::broker(bool connected, SteadyTime now) {
  broker_lost_at_.reset();
  if (!config_.on_broker_lost) return;
  if (!connected) {
    broker_lost_at_ = now + config_.on_broker_lost->after;
  } else if (waiting_ && waiting_->source == Source::broker_lost) {
    waiting_.reset();
  }
}

std::optional<SteadyTime> ActuatorPlan::due() const {
  if (!ready_ || leaving_) return std::nullopt;
  if (ask_again_ && waiting_) return SteadyTime::min();
  std::optional<SteadyTime> next;
  const auto consider = [&](const std::optional<SteadyTime>& time) {
    if (time && (!next || *time < *next)) next = time;
  };
  if (guard_.heading() == true) {
    if (guard_.conflict()) return SteadyTime::min();
    consider(guard_.latest_off());
  }
  if (waiting_) consider(ask_at_);
  if (revert_) consider(revert_->at);
  consider(broker_lost_at_);
  return next;
}

void ActuatorPlan::take_waiting(std::vector<Refused>& refused, std::string_view error, std::string_view message) {
  if (waiting_) refused.push_back({*std::exchange(waiting_, {}), {std::string(error), std::string(message)}});
  ask_again_ = false;
}

ActuatorState ActuatorPlan::opposite(const ActuatorState& state) const {
  if (is_on(state)) return off_state(config_.output());
  return newest_ && is_on(*newest_) ? *newest_ : on_state(config_.output());
}

bool ActuatorPlan::must_go_off(SteadyTime now) const {
  const auto latest = guard_.latest_off();
  return latest && *latest <= now;
}

}  // namespace b2m
