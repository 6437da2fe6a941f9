#include "daemon/flow/commander.hpp"

#include <fmt/format.h>

#include <utility>

#include "daemon/flow/clock.hpp"
#include "drivers/api/options.hpp"

namespace b2m {

Commander::Commander(const std::vector<std::unique_ptr<Commanded>>& actuators)
    : actuators_(actuators), ids_(actuators.size()) {}

void Commander::command(std::size_t index, const Command& command, Source source, Answer answer) {
  auto& ids = ids_.at(index);
  if (!command.id.empty()) {
    if (ids.repeats(command.id, answer)) return;
    answer = [&ids, first = std::move(answer)](const Outcome& outcome) {
      first(outcome);
      ids.settle(outcome);
    };
  }
  auto& actuator = *actuators_.at(index);
  if (auto why = too_old(command, actuator.config().max_command_age, this_moment()))
    return answer({.id = command.id, .refusal = std::move(why)});
  actuator.command(command, source, std::move(answer));
}

void Commander::refuse(std::size_t index, const Outcome& outcome, const Answer& answer) {
  if (outcome.id.empty()) return answer(outcome);
  auto& ids = ids_.at(index);
  if (ids.repeats(outcome.id, answer)) return;
  answer(outcome);
  ids.settle(outcome);
}

std::optional<std::size_t> Commander::find(std::string_view id) const {
  for (std::size_t i = 0; i < actuators_.size(); ++i)
    if (actuators_[i]->config().id == id) return i;
  return std::nullopt;
}

void Commander::broker(bool connected) {
  for (const auto& actuator : actuators_) actuator->broker(connected);
}

std::optional<Refusal> too_old(const Command& command, std::chrono::nanoseconds max_age, const Moment& now) {
  if (max_age.count() == 0 || !command.time) return std::nullopt;
  if (!now.synchronised)
    return Refusal{"age_unknown", "how old the command is cannot be told: the gateway's clock is not synchronised"};
  const auto age = now.wall - *command.time;
  if (age > max_age) return Refusal{"too_old", fmt::format("the command is older than {}", format_duration(max_age))};
  if (age < -max_age) return Refusal{"invalid_time", "the command's \"time\" is in the future: compare the clocks"};
  return std::nullopt;
}

}  // namespace b2m
