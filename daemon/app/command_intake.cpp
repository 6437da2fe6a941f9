#include "daemon/app/command_intake.hpp"

#include <utility>

#include "daemon/flow/clock.hpp"
#include "daemon/log/log.hpp"
#include "daemon/mqtt/command_payload.hpp"

namespace b2m {

bool CommandIntake::take(const Message& message, bool retained) {
  const auto route = router_.route(message.topic);
  if (!route) return false;
  auto& actuator = *devices_.actuators().at(route->actuator);
  if (retained && !actuator.config().accept_retained) {
    // An empty payload is how a retained message is cleared; nothing was asked for then.
    if (!message.payload.empty())
      answer(actuator.config(),
             {.refusal = Refusal{"retained",
                                 "a retained command is old and not carried out; send it without the retain flag"}},
             {message.response_topic, message.correlation_data});
    return true;
  }
  carry_out(actuator, message, route->form);
  return true;
}

void CommandIntake::carry_out(ActuatorDevice& actuator, const Message& message, CommandForm form) {
  const auto& config = actuator.config();
  ReplyTo reply{message.response_topic, message.correlation_data};
  auto command = parse_command(message.payload, command_kind(actuator.state().value_or(false)), form);
  if (!command) return answer(config, {.refusal = std::move(command).error()}, reply);
  actuator.command(
      *command, [this, &config, reply = std::move(reply)](const Outcome& outcome) { answer(config, outcome, reply); });
}

void CommandIntake::answer(const ActuatorConfig& config, const Outcome& outcome, const ReplyTo& reply) {
  if (outcome.refusal)
    log::warning({.device = config.id, .error = outcome.refusal->error}, "command refused: {}",
                 outcome.refusal->message);
  publisher_.outcome(config, outcome, this_moment(), reply);
}

}  // namespace b2m
