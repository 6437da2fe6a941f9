#include "daemon/flow/rules.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "drivers/api/options.hpp"

namespace b2m {
namespace {

using std::chrono::minutes;
using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr nanoseconds first_retry = seconds(10);
constexpr nanoseconds last_retry = minutes(10);

std::string spelled(const Condition& condition) {
  return condition.channel.empty() ? condition.source : condition.source + "." + condition.channel;
}

/// "above 30", "between 10 and 20".
std::string limits(const Condition& condition) {
  if (condition.above && condition.below) return fmt::format("between {} and {}", *condition.above, *condition.below);
  return condition.above ? fmt::format("above {}", *condition.above) : fmt::format("below {}", *condition.below);
}

std::string clock_time(minutes of_day) { return fmt::format("{:02}:{:02}", of_day.count() / 60, of_day.count() % 60); }

bool holds(const Condition& condition, double value, bool held) {
  const double slack = held ? condition.hysteresis : 0;
  return (!condition.above || value > *condition.above - slack) &&
         (!condition.below || value < *condition.below + slack);
}

bool says_the_same(const RuleConfig& a, const RuleConfig& b) {
  return a.when == b.when && a.then_actions == b.then_actions && a.else_actions == b.else_actions &&
         a.unknown == b.unknown;
}

/// How strongly a part decides: of `all` a no, of `any` a yes; then what is not known.
int weight(Truth truth, Truth decisive) {
  if (truth == decisive) return 3;
  if (truth == Truth::waiting) return 2;
  return truth == Truth::unknown ? 1 : 0;
}

}  // namespace

std::string_view name(RuleBranch branch) noexcept {
  switch (branch) {
    case RuleBranch::then: return "then";
    case RuleBranch::otherwise: return "else";
    case RuleBranch::undecided: break;
  }
  return "undecided";
}

void Rules::change(std::vector<RuleConfig> rules) {
  const auto memory_of = [](const auto& self, const Condition& condition) -> Memory {
    Memory memory;
    for (const auto& part : condition.parts) memory.parts.push_back(self(self, part));
    return memory;
  };
  auto before = std::exchange(rules_, std::move(rules));
  auto lived = std::exchange(live_, {});
  for (const auto& rule : rules_) {
    const auto at =
        std::find_if(before.begin(), before.end(), [&](const auto& old) { return says_the_same(old, rule); });
    if (at == before.end()) {
      live_.push_back({next_number_++, memory_of(memory_of, rule.when), {}, {first_retry, last_retry}, {}});
      continue;
    }
    const auto old = lived.begin() + (at - before.begin());
    live_.push_back(std::move(*old));
    before.erase(at);
    lived.erase(old);
  }
}

void Rules::forget(std::string_view source) {
  const auto at = origins_.find(source);
  if (at != origins_.end()) origins_.erase(at);
}

void Rules::reading(const std::string& source, const std::string& channel, const Result<double>& value,
                    nanoseconds expire_after, SteadyTime now) {
  auto& input = origins_[source].channels[channel];
  input.expire_after = expire_after;
  if (value) {
    input.value = *value;
    input.time = now;
    input.error.clear();
  } else {
    input.error = std::string(name(value.error().code));
  }
}

void Rules::online(const std::string& source, bool online) { origins_[source].online = online; }

std::vector<Rules::Firing> Rules::update(const RuleTime& now) { return decide(now, nullptr); }

std::vector<Rules::Firing> Rules::happened(const std::string& source, const std::string& event, const RuleTime& now) {
  const Event happening{source, event};
  auto firings = decide(now, &happening);
  const auto over = decide(now, nullptr);
  firings.insert(firings.end(), over.begin(), over.end());
  return firings;
}

std::vector<Rules::Firing> Rules::decide(const RuleTime& now, const Event* event) {
  std::vector<Firing> firings;
  next_due_.reset();
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    decide(i, tell(rules_[i].when, live_[i].memory, now, event), firings);
    take_retries(live_[i], now.steady, firings);
  }
  return firings;
}

void Rules::decide(std::size_t rule, const Told& told, std::vector<Firing>& firings) {
  const auto& config = rules_[rule];
  auto& live = live_[rule];
  auto branch = told.truth == Truth::yes ? Branch::then : Branch::otherwise;
  if (told.truth == Truth::waiting) return;
  if (told.truth == Truth::unknown) {
    if (config.unknown == WhenUnknown::keep) return;
    branch = config.unknown == WhenUnknown::then ? Branch::then : Branch::otherwise;
  }
  if (branch == live.status.branch) return;
  live.status.branch = branch;
  live.status.why = told.why;
  live.retries.clear();
  live.backoff.reset();
  const auto& actions = branch == Branch::then ? config.then_actions : config.else_actions;
  for (std::size_t i = 0; i < actions.size(); ++i) firings.push_back({live.number, branch, i, told.why});
  if (!actions.empty()) ++live.status.fired;
}

void Rules::take_retries(Live& live, SteadyTime now, std::vector<Firing>& firings) {
  for (auto at = live.retries.begin(); at != live.retries.end();) {
    if (at->at && *at->at <= now) {
      firings.push_back(std::move(at->firing));
      at = live.retries.erase(at);
    } else {
      if (at->at) consider(*at->at);
      ++at;
    }
  }
}

void Rules::failed(const Firing& firing, SteadyTime now, bool unavailable) {
  const auto rule = index_of(firing);
  if (!rule) return;
  auto& live = live_[*rule];
  if (live.status.branch != firing.branch) return;
  const auto at = now + live.backoff.next(0);
  live.retries.push_back({firing, at, unavailable});
  consider(at);
}

bool Rules::postpone(const Firing& firing) {
  const auto rule = index_of(firing);
  if (!rule || live_[*rule].status.branch != firing.branch) return false;
  live_[*rule].retries.push_back({firing, std::nullopt});
  return true;
}

void Rules::told(std::string_view actuator, SteadyTime now) {
  for (auto& live : live_)
    for (auto& retry : live.retries) {
      const bool waits_for_it = retry.unavailable && action(retry.firing).actuator == actuator;
      if (waits_for_it || !retry.at) retry.at = std::min(retry.at.value_or(now), now);
    }
}

std::optional<std::size_t> Rules::index_of(const Firing& firing) const {
  for (std::size_t i = 0; i < live_.size(); ++i)
    if (live_[i].number == firing.rule) return i;
  return std::nullopt;
}

const RuleConfig* Rules::find(const Firing& firing) const {
  const auto index = index_of(firing);
  return index ? &rules_[*index] : nullptr;
}

const RuleAction& Rules::action(const Firing& firing) const {
  const auto& rule = rules_.at(index_of(firing).value());
  return (firing.branch == Branch::then ? rule.then_actions : rule.else_actions).at(firing.action);
}

Rules::Told Rules::tell(const Condition& condition, Memory& memory, const RuleTime& now, const Event* event) {
  auto told = tell_plain(condition, memory, now, event);
  if (condition.lasting.count() == 0) return told;
  const bool began = told.truth == Truth::yes;
  told.truth = tell_last(condition, memory, told.truth, now.steady);
  if (began && told.truth == Truth::yes) told.why += " for " + format_duration(condition.lasting);
  if (began && told.truth == Truth::no) told.why += ", not yet for " + format_duration(condition.lasting);
  return told;
}

Truth Rules::tell_last(const Condition& condition, Memory& memory, Truth truth, SteadyTime now) {
  if (truth != Truth::yes) {
    memory.since.reset();
    return truth;
  }
  if (!memory.since) memory.since = now;
  const auto due = *memory.since + condition.lasting;
  if (due <= now) return Truth::yes;
  consider(due);
  return Truth::no;
}

Rules::Told Rules::tell_plain(const Condition& condition, Memory& memory, const RuleTime& now, const Event* event) {
  switch (condition.kind) {
    case ConditionKind::threshold: return tell_number(condition, memory, now.steady);
    case ConditionKind::is_on:
    case ConditionKind::is_off: return tell_state(condition, now.steady);
    case ConditionKind::stale: return tell_stale(condition, now.steady);
    case ConditionKind::between: return tell_time(condition, now);
    case ConditionKind::event: {
      const bool is_it = event != nullptr && event->source == condition.source && event->name == condition.event;
      return {is_it ? Truth::yes : Truth::no, fmt::format("{} {}", condition.source, condition.event)};
    }
    case ConditionKind::all:
    case ConditionKind::any: break;
  }
  return tell_parts(condition, memory, now, event);
}

/// `value` is set when the answer is yes: there is one.
Rules::Told Rules::tell_input(const std::string& source, const std::string& channel, SteadyTime now, double& value) {
  const auto& origin = origins_[source];
  const auto where = channel.empty() ? source : source + "." + channel;
  const auto at = origin.channels.find(channel);
  const bool known = at != origin.channels.end() && at->second.value;
  if (origin.online == false) return {Truth::unknown, where + " is offline"};
  if (!known) {
    if (at == origin.channels.end()) return {Truth::waiting, where + " has not been read yet"};
    return {Truth::waiting, fmt::format("{} has not been read yet: {}", where, at->second.error)};
  }
  const auto& input = at->second;
  if (input.expire_after.count() != 0) {
    const auto end = input.time + input.expire_after;
    if (end <= now)
      return {Truth::unknown, fmt::format("{} is older than {}", where, format_duration(input.expire_after))};
    consider(end);
  }
  value = *input.value;
  return {Truth::yes};
}

Rules::Told Rules::tell_number(const Condition& condition, Memory& memory, SteadyTime now) {
  double value = 0;
  if (auto told = tell_input(condition.source, condition.channel, now, value); told.truth != Truth::yes) {
    memory.held = false;
    return told;
  }
  memory.held = holds(condition, value, memory.held);
  return {memory.held ? Truth::yes : Truth::no,
          fmt::format("{} {:.6g} {}{}", spelled(condition), value, memory.held ? "" : "not ", limits(condition))};
}

Rules::Told Rules::tell_state(const Condition& condition, SteadyTime now) {
  double value = 0;
  if (auto told = tell_input(condition.source, condition.channel, now, value); told.truth != Truth::yes) return told;
  const bool on = value != 0;
  return {on == (condition.kind == ConditionKind::is_on) ? Truth::yes : Truth::no,
          fmt::format("{} is {}", spelled(condition), on ? "ON" : "OFF")};
}

Rules::Told Rules::tell_stale(const Condition& condition, SteadyTime now) {
  if (!condition.channel.empty()) {
    double value = 0;
    const auto told = tell_input(condition.source, condition.channel, now, value);
    if (told.truth == Truth::unknown) return {Truth::yes, told.why};
    if (told.truth == Truth::waiting) return told;
    return {Truth::no, spelled(condition) + " is read"};
  }
  const auto& origin = origins_[condition.source];
  if (!origin.online) return {Truth::waiting, condition.source + " has not been read yet"};
  return {*origin.online ? Truth::no : Truth::yes,
          fmt::format("{} is {}", condition.source, *origin.online ? "online" : "offline")};
}

Rules::Told Rules::tell_time(const Condition& condition, const RuleTime& now) const {
  if (!now.of_day) return {Truth::unknown, "the clock has not been set"};
  const auto time = *now.of_day;
  const bool inside = condition.from <= condition.to ? time >= condition.from && time < condition.to
                                                     : time >= condition.from || time < condition.to;
  return {inside ? Truth::yes : Truth::no,
          fmt::format("time {} {}between {} and {}", clock_time(time), inside ? "" : "not ", clock_time(condition.from),
                      clock_time(condition.to))};
}

/// Three-valued logic: a part that decides does so whatever is unknown. Every part is asked, since each has a memory.
Rules::Told Rules::tell_parts(const Condition& condition, Memory& memory, const RuleTime& now, const Event* event) {
  const auto decisive = condition.kind == ConditionKind::all ? Truth::no : Truth::yes;
  std::vector<Told> parts;
  for (std::size_t i = 0; i < condition.parts.size(); ++i)
    parts.push_back(tell(condition.parts[i], memory.parts[i], now, event));
  int strongest = 0;
  for (const auto& part : parts) strongest = std::max(strongest, weight(part.truth, decisive));
  Told told{decisive == Truth::no ? Truth::yes : Truth::no};
  for (const auto& part : parts) {
    if (weight(part.truth, decisive) != strongest) continue;
    if (strongest != 0) told.truth = part.truth;
    told.why += (told.why.empty() ? "" : strongest != 3 ? " and " : ", ") + part.why;
  }
  return told;
}

void Rules::consider(SteadyTime due) {
  if (!next_due_ || due < *next_due_) next_due_ = due;
}

}  // namespace b2m
