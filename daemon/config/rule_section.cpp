#include "daemon/config/rule_section.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "daemon/config/condition_reader.hpp"
#include "daemon/config/keys.hpp"
#include "daemon/config/rule_clashes.hpp"
#include "daemon/config/suggest.hpp"
#include "daemon/flow/target.hpp"

namespace b2m {
namespace {

constexpr std::size_t most_rules = 1000;

Node without_state(Node node) {
  node.members.erase(
      std::remove_if(node.members.begin(), node.members.end(),
                     [](const Member& member) { return member.key == "state" || member.key == "value"; }),
      node.members.end());
  return node;
}

/// Reads one rule after the other. Lives during one load().
class RuleReader {
 public:
  RuleReader(const ObjectReader& top, LoadContext& context, const Config& config)
      : diagnostics_(context.diagnostics),
        config_(config),
        conditions_(top, context.diagnostics, config),
        actuators_(object_or_empty(top, "actuators")) {}

  RuleConfig read(const ObjectReader& reader, std::size_t number);

 private:
  std::vector<RuleAction> read_actions(const ObjectReader& reader, std::string_view key);
  std::optional<Command> read_command(const Node& node, const std::string& pointer, const ActuatorConfig& actuator);
  std::optional<Target> read_target(const Node& node, const std::string& pointer, const ActuatorConfig& actuator);

  Diagnostics& diagnostics_;
  const Config& config_;
  ConditionReader conditions_;
  const Node& actuators_;
};

RuleConfig RuleReader::read(const ObjectReader& reader, std::size_t number) {
  RuleConfig rule;
  rule.name = reader.text_or("name", fmt::format("rule {}", number));
  rule.when = conditions_.read(reader);
  rule.then_actions = read_actions(reader, "then");
  rule.else_actions = read_actions(reader, "else");
  const auto& unknown = reader.options().text("unknown");
  if (unknown == "keep") rule.unknown = WhenUnknown::keep;
  if (unknown == "then") rule.unknown = WhenUnknown::then;
  if (!reader.given("then") && !reader.given("else"))
    reader.error("then", "the rule does nothing", "write \"then\": {\"actuator\": \"ON\"}");
  if (reader.given("else") && has_event(rule.when))
    reader.error("else", "an event is over at once: there is no \"else\"", "write a second rule for another event");
  return rule;
}

std::vector<RuleAction> RuleReader::read_actions(const ObjectReader& reader, std::string_view key) {
  std::vector<RuleAction> actions;
  const auto* node = reader.nested(key);
  if (node == nullptr) return actions;
  if (node->members.empty()) reader.error(key, "there is no action in it");
  for (const auto& member : node->members) {
    const auto pointer = child_pointer(reader.pointer(key), member.key);
    const auto at = std::find_if(config_.actuators.begin(), config_.actuators.end(),
                                 [&](const ActuatorConfig& actuator) { return actuator.id == member.key; });
    if (at == config_.actuators.end()) {
      if (actuators_.find(member.key) != nullptr) continue;  // it is there, and wrong itself
      std::vector<std::string_view> ids;
      for (const auto& actuator : actuators_.members) ids.push_back(actuator.key);
      diagnostics_.error(member.place, pointer, fmt::format("there is no actuator {}", in_quotes(member.key)),
                         did_you_mean(member.key, ids));
    } else if (auto command = read_command(member.value, pointer, *at)) {
      actions.push_back({member.key, std::move(*command)});
    }
  }
  return actions;
}

/// A state as it stands, or {"state": …, "for": "5s"}.
std::optional<Command> RuleReader::read_command(const Node& node, const std::string& pointer,
                                                const ActuatorConfig& actuator) {
  const Node* state = &node;
  Command command;
  if (node.is_object()) {
    const auto* word = node.find("state");
    const auto* number = node.find("value");
    if ((word == nullptr) == (number == nullptr)) {
      diagnostics_.error(node.place, pointer, "either \"state\" or \"value\" is expected");
      return std::nullopt;
    }
    state = &(word != nullptr ? word : number)->value;
    const auto rest = without_state(node);
    const ObjectReader reader(rest, pointer, keys::rule_action(), diagnostics_);
    if (reader.valid("for")) command.duration = reader.options().duration("for");
    if (command.duration && actuator.max_on.count() != 0 && *command.duration > actuator.max_on)
      reader.error("for",
                   fmt::format("is longer than max_on of {} ({})", actuator.id, format_duration(actuator.max_on)));
  }
  auto target = read_target(*state, pointer, actuator);
  if (!target) return std::nullopt;
  command.target = std::move(*target);
  return command;
}

std::optional<Target> RuleReader::read_target(const Node& node, const std::string& pointer,
                                              const ActuatorConfig& actuator) {
  const auto kind = actuator.output().kind;
  tl::expected<Target, Refusal> target = tl::unexpected(Refusal{"", "a state is expected, not " + describe(node)});
  if (node.kind == NodeKind::text) target = parse_target(node.text(), kind);
  if (node.kind == NodeKind::boolean) target = Target(std::get<bool>(node.scalar));
  if (node.kind == NodeKind::integer)
    target = number_target(static_cast<double>(std::get<std::int64_t>(node.scalar)), kind);
  if (node.kind == NodeKind::number) target = number_target(std::get<double>(node.scalar), kind);
  if (target) {
    if (const auto state = resolve(*target, actuator.output(), std::nullopt, actuator.id); state)
      return *target;
    else
      target = tl::unexpected(state.error());
  }
  diagnostics_.error(node.place, pointer, target.error().message);
  return std::nullopt;
}

}  // namespace

void read_rules(const ObjectReader& top, LoadContext& context, Config& config) {
  const auto* list = top.nested("rules");
  if (list == nullptr) return;
  if (list->items.size() > most_rules)
    return top.error("rules", fmt::format("there are more than {} entries", most_rules));
  RuleReader rules(top, context, config);
  std::vector<Place> places;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    const auto pointer = fmt::format("/rules/{}", i);
    if (!expect_object(list->items[i], pointer, context.diagnostics)) continue;
    const ObjectReader reader(list->items[i], pointer, keys::rule(), context.diagnostics);
    auto rule = rules.read(reader, i + 1);
    const auto twin = std::find_if(config.rules.begin(), config.rules.end(),
                                   [&](const RuleConfig& other) { return other.name == rule.name; });
    if (twin != config.rules.end())
      reader.error("name", fmt::format("another rule is called {}", in_quotes(rule.name)));
    config.rules.push_back(std::move(rule));
    places.push_back(list->items[i].place);
  }
  if (!context.diagnostics.has_errors()) check_rule_clashes(config, places, context.diagnostics);
}

}  // namespace b2m
