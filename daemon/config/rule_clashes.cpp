#include "daemon/config/rule_clashes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "daemon/config/condition_reader.hpp"
#include "daemon/flow/target.hpp"

namespace b2m {
namespace {

std::string pointer_of(std::size_t rule) { return fmt::format("/rules/{}", rule); }

void collect_sources(const Condition& condition, std::set<std::string>& sources) {
  if (!condition.source.empty()) sources.insert(condition.source);
  for (const auto& part : condition.parts) collect_sources(part, sources);
}

bool has_member(const ActuatorConfig& group, const std::string& id) {
  return std::find(group.members.begin(), group.members.end(), id) != group.members.end();
}

/// The actuators whose state an action on `id` may change: itself, the members of a group, and groups it is in or
/// shares a member with.
std::set<std::string> changed_with(const Config& config, const std::string& id) {
  std::set<std::string> changed{id};
  for (const auto& actuator : config.actuators)
    if (actuator.id == id) changed.insert(actuator.members.begin(), actuator.members.end());
  const auto outputs = changed;
  for (const auto& group : config.actuators)
    if (std::any_of(outputs.begin(), outputs.end(), [&](const auto& output) { return has_member(group, output); }))
      changed.insert(group.id);
  return changed;
}

std::vector<const RuleAction*> actions_of(const RuleConfig& rule) {
  std::vector<const RuleAction*> actions;
  for (const auto& action : rule.then_actions) actions.push_back(&action);
  for (const auto& action : rule.else_actions) actions.push_back(&action);
  return actions;
}

// ---- circles ----

struct Step {
  std::string to;
  std::size_t rule;
};
using Graph = std::map<std::string, std::vector<Step>>;

Graph graph_of(const Config& config) {
  Graph graph;
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    std::set<std::string> sources;
    collect_sources(config.rules[i].when, sources);
    for (const auto& source : sources)
      for (const auto* action : actions_of(config.rules[i]))
        for (const auto& changed : changed_with(config, action->actuator)) graph[source].push_back({changed, i});
  }
  return graph;
}

/// The way from `from` back to `goal`, if there is one.
bool find_way(const Graph& graph, const std::string& from, const std::string& goal, std::set<std::string>& seen,
              std::vector<Step>& way) {
  const auto steps = graph.find(from);
  if (steps == graph.end()) return false;
  for (const auto& step : steps->second) {
    way.push_back(step);
    if (step.to == goal) return true;
    if (seen.insert(step.to).second && find_way(graph, step.to, goal, seen, way)) return true;
    way.pop_back();
  }
  return false;
}

void check_circles(const Config& config, const std::vector<Place>& places, Diagnostics& diagnostics) {
  const auto graph = graph_of(config);
  std::set<std::size_t> told;
  for (const auto& [start, steps] : graph) {
    std::set<std::string> seen;
    std::vector<Step> way;
    if (!find_way(graph, start, start, seen, way)) continue;
    if (std::any_of(way.begin(), way.end(), [&](const Step& step) { return told.count(step.rule) != 0; })) continue;
    std::string words = start;
    for (const auto& step : way) {
      words += fmt::format(" -> {}", step.to);
      told.insert(step.rule);
    }
    const auto rule = way.back().rule;
    diagnostics.error(places[rule], pointer_of(rule), fmt::format("drives in a circle: {}", words),
                      "a rule must not depend on what it brings about");
  }
}

// ---- two rules for one actuator ----

/// Whether a condition on one number or state holds at `value`; none for all others.
std::optional<bool> holds_at(const Condition& condition, double value) {
  switch (condition.kind) {
    case ConditionKind::threshold:
      return (!condition.above || value > *condition.above) && (!condition.below || value < *condition.below);
    case ConditionKind::is_on: return value != 0;
    case ConditionKind::is_off: return value == 0;
    default: return std::nullopt;
  }
}

/// Values on both sides of every limit of the two, and the limits.
std::vector<double> values_to_try(const Condition& a, const Condition& b) {
  std::vector<double> limits{0, 1};
  for (const auto* condition : {&a, &b})
    for (const auto& limit : {condition->above, condition->below})
      if (limit) limits.push_back(*limit);
  std::sort(limits.begin(), limits.end());
  std::vector<double> values{limits.front() - 1, limits.back() + 1};
  for (std::size_t i = 0; i < limits.size(); ++i) {
    values.push_back(limits[i]);
    if (i + 1 < limits.size()) values.push_back((limits[i] + limits[i + 1]) / 2);
  }
  return values;
}

/// A branch of a rule with what it wants of the actuator.
struct Claim {
  std::size_t rule;
  bool when_true;
  ActuatorState state;
};

/// The actuator that an action is meant for where it reaches `actuator`: itself, or a group that it is in.
const ActuatorConfig* reached_through(const ActuatorConfig& actuator, const Config& config, const std::string& target) {
  const auto at = std::find_if(config.actuators.begin(), config.actuators.end(),
                               [&](const ActuatorConfig& other) { return other.id == target; });
  const bool reaches = at != config.actuators.end() && (at->id == actuator.id || has_member(*at, actuator.id));
  return reaches ? &*at : nullptr;
}

std::vector<Claim> claims_on(const ActuatorConfig& actuator, const Config& config) {
  std::vector<Claim> claims;
  for (std::size_t i = 0; i < config.rules.size(); ++i) {
    if (has_event(config.rules[i].when)) continue;  // it acts for a moment, and claims nothing
    const auto add = [&](const std::vector<RuleAction>& actions, bool when_true) {
      for (const auto& action : actions) {
        const auto* meant = reached_through(actuator, config, action.actuator);
        if (meant == nullptr || std::holds_alternative<Toggle>(action.command.target)) continue;
        auto state = resolve(action.command.target, meant->output(), std::nullopt, meant->id);
        // A group of unlike members is switched as each of them is.
        if (state && meant->output().kind != actuator.output().kind)
          state = is_on(*state) ? on_state(actuator.output()) : off_state(actuator.output());
        if (state) claims.push_back({i, when_true, std::move(*state)});
      }
    };
    add(config.rules[i].then_actions, true);
    add(config.rules[i].else_actions, false);
  }
  return claims;
}

enum class Overlap : std::uint8_t { never, perhaps, surely };

Overlap overlap(const Condition& a, bool a_when, const Condition& b, bool b_when) {
  const bool same = a.source == b.source && a.channel == b.channel;
  if (!same || !holds_at(a, 0) || !holds_at(b, 0)) return Overlap::perhaps;
  const auto values = values_to_try(a, b);
  const bool meet = std::any_of(values.begin(), values.end(), [&](double value) {
    return holds_at(a, value) == a_when && holds_at(b, value) == b_when;
  });
  return meet ? Overlap::surely : Overlap::never;
}

void check_claims(const ActuatorConfig& actuator, const Config& config, const std::vector<Place>& places,
                  Diagnostics& diagnostics) {
  const auto claims = claims_on(actuator, config);
  std::map<std::pair<std::size_t, std::size_t>, Overlap> worst;
  for (std::size_t i = 0; i < claims.size(); ++i) {
    for (std::size_t j = i + 1; j < claims.size(); ++j) {
      const auto& [a, b] =
          std::minmax(claims[i], claims[j], [](const Claim& x, const Claim& y) { return x.rule < y.rule; });
      if (a.rule == b.rule || a.state == b.state) continue;
      auto& known = worst[{a.rule, b.rule}];
      known = std::max(known, overlap(config.rules[a.rule].when, a.when_true, config.rules[b.rule].when, b.when_true));
    }
  }
  for (const auto& [rules, how] : worst) {
    const auto& first = config.rules[rules.first].name;
    if (how == Overlap::surely) {
      diagnostics.error(places[rules.second], pointer_of(rules.second),
                        fmt::format("wants another state of {} than {} for the same value", actuator.id, first),
                        "give the two rules values that do not overlap, or make them one");
    } else if (how == Overlap::perhaps) {
      diagnostics.warning(places[rules.second], pointer_of(rules.second),
                          fmt::format("drives {} as {} does: the one that changed last wins", actuator.id, first),
                          "one rule with \"all\" or \"any\" says which matters more");
    }
  }
}

}  // namespace

void check_rule_clashes(const Config& config, const std::vector<Place>& places, Diagnostics& diagnostics) {
  check_circles(config, places, diagnostics);
  for (const auto& actuator : config.actuators) check_claims(actuator, config, places, diagnostics);
}

}  // namespace b2m
