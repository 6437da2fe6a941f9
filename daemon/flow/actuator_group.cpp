#include "daemon/flow/actuator_group.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "daemon/flow/target.hpp"

namespace b2m {

/// A command on its way to all members.
struct ActuatorGroup::Round {
  std::string id;
  Answer answer;
  std::size_t left;
  std::vector<std::pair<std::string, Refusal>> refused = {};  ///< by member
};

ActuatorGroup::ActuatorGroup(ActuatorConfig config, std::vector<const Commanded*> members, Give give,
                             const ActuatorSink& sink)
    : config_(std::move(config)), members_(std::move(members)), give_(std::move(give)), sink_(sink) {}

/// What is meant is decided once for all, so that TOGGLE does not exchange who is on.
void ActuatorGroup::command(const Command& command, Source source, Answer answer) {
  auto state = resolve(command.target, config_.output(), state_, config_.id);
  if (!state) return answer({.id = command.id, .refusal = std::move(state).error()});
  Command each{.target = {}, .duration = command.duration, .id = {}, .time = command.time};
  std::visit([&](auto& value) { each.target = std::move(value); }, *state);
  const auto round =
      rounds_.emplace_back(std::make_shared<Round>(Round{command.id, std::move(answer), members_.size()}));
  for (const auto* member : members_) {
    const auto& id = member->config().id;
    give_(id, each, source, [this, id, under_way = std::weak_ptr<Round>(round)](const Outcome& outcome) {
      if (const auto answered = under_way.lock()) member_answered(*answered, id, outcome);
    });
  }
}

void ActuatorGroup::member_answered(Round& round, const std::string& member, const Outcome& outcome) {
  if (outcome.refusal) round.refused.emplace_back(member, *outcome.refusal);
  if (--round.left > 0) return;
  finish(round);
  rounds_.remove_if([&](const auto& other) { return other.get() == &round; });
}

void ActuatorGroup::release() {
  for (const auto& round : std::exchange(rounds_, {}))
    round->answer({.id = round->id, .refusal = reloading(config_.id)});
}

void ActuatorGroup::finish(const Round& round) const {
  if (round.refused.empty()) return round.answer({.id = round.id, .state = state_});
  const auto& first = round.refused.front().second.error;
  const bool alike = std::all_of(round.refused.begin(), round.refused.end(),
                                 [&](const auto& refused) { return refused.second.error == first; });
  std::vector<std::string> reasons;
  for (const auto& [id, why] : round.refused) reasons.push_back(fmt::format("{}: {}", id, why.message));
  auto message = fmt::format("{} of {} refused: {}", round.refused.size(), members_.size(), fmt::join(reasons, "; "));
  round.answer({.id = round.id, .refusal = Refusal{alike ? first : "several", std::move(message)}});
}

/// Tells what the members have become together.
void ActuatorGroup::look(Source cause) {
  const auto together = device_state();
  const bool online = together == DeviceState::ready;
  // Nothing is told before all members have tried.
  const bool is_known = online_.has_value() || together != DeviceState::starting;
  if (is_known && online != online_) {
    online_ = online;
    sink_.availability(config_, online);
  }
  auto now = combined();
  if (!now || now == state_) return;
  state_ = std::move(now);
  cause_ = cause;
  sink_.reached(config_, *state_);
}

/// Of the members' states the one farthest from off, or for `all` the nearest; none until all are known.
std::optional<ActuatorState> ActuatorGroup::combined() const {
  const bool range = config_.output().kind == ActuatorKind::range;
  std::optional<ActuatorState> result;
  for (const auto* member : members_) {
    const auto& state = member->state();
    if (!state) return std::nullopt;
    const auto each = range ? *state : ActuatorState(is_on(*state));
    const bool any = config_.group_state == GroupState::any;
    if (!result || (any ? counts_more(each, *result) : counts_more(*result, each))) result = each;
  }
  return result;
}

/// Whether `a` is farther from off than `b`.
bool ActuatorGroup::counts_more(const ActuatorState& a, const ActuatorState& b) const {
  const auto off = off_state(config_.output());
  const auto* from = std::get_if<double>(&off);
  const auto* left = std::get_if<double>(&a);
  const auto* right = std::get_if<double>(&b);
  if (from == nullptr || left == nullptr || right == nullptr) return is_on(a) && !is_on(b);
  return std::abs(*left - *from) > std::abs(*right - *from);
}

DeviceState ActuatorGroup::device_state() const {
  const auto any = [&](DeviceState state) {
    return std::any_of(members_.begin(), members_.end(),
                       [&](const Commanded* member) { return member->device_state() == state; });
  };
  if (any(DeviceState::ready)) return DeviceState::ready;
  return any(DeviceState::starting) ? DeviceState::starting : DeviceState::absent;
}

bool ActuatorGroup::is_starting() const {
  return std::any_of(members_.begin(), members_.end(), [](const Commanded* member) { return member->is_starting(); });
}

const std::optional<Error>& ActuatorGroup::last_error() const {
  static const std::optional<Error> none;
  const auto at = std::find_if(members_.begin(), members_.end(),
                               [](const Commanded* member) { return member->last_error().has_value(); });
  return at == members_.end() ? none : (*at)->last_error();
}

}  // namespace b2m
