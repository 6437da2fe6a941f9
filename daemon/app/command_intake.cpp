#include "daemon/app/command_intake.hpp"

#include <utility>

#include "daemon/flow/clock.hpp"
#include "daemon/log/log.hpp"
#include "daemon/mqtt/command_payload.hpp"

namespace b2m {

bool CommandIntake::take(const Message& message, bool retained) {
  const auto route = router_.route(message.topic);
  if (!route) return false;
  const auto index = route->actuator;
  if (retained && !acts_on_retained(message, index)) return true;
  const auto& config = commander_.actuator(index).config();
  const auto reply = [this, &config, to = ReplyTo{message.response_topic, message.correlation_data}](
                         const Outcome& outcome) { answer(config, outcome, to); };
  const auto command = parse_command(message.payload, config.output().kind, route->form);
  if (command) {
    commander_.command(index, *command, Source::command, reply);
  } else {
    commander_.refuse(index, command.error(), reply);
  }
  return true;
}

void CommandIntake::give(std::size_t actuator, std::string_view payload, const Commander::Answer& answer) {
  const auto command = parse_command(payload, commander_.actuator(actuator).config().output().kind);
  if (command) return commander_.command(actuator, *command, Source::command, answer);
  commander_.refuse(actuator, command.error(), answer);
}

/// A retained message comes again with every connect; what it asks for is done once for as long as it stays the same,
/// so that an interrupted connection does not undo what has been commanded since.
bool CommandIntake::acts_on_retained(const Message& message, std::size_t actuator) {
  const auto& config = commander_.actuator(actuator).config();
  if (message.payload.empty()) return false;  // how a retained message is cleared: nothing was asked for
  if (!config.accept_retained) {
    answer(config,
           {.refusal =
                Refusal{"retained", "a retained command is old and not carried out; send it without the retain flag"}},
           {message.response_topic, message.correlation_data});
    return false;
  }
  const auto [known, is_new] = retained_.try_emplace(actuator, message.payload);
  if (is_new) return true;
  return std::exchange(known->second, message.payload) != message.payload;
}

void CommandIntake::answer(const ActuatorConfig& config, const Outcome& outcome, const ReplyTo& reply) {
  if (outcome.refusal)
    log::warning({.device = config.id, .error = outcome.refusal->error}, "command refused: {}",
                 outcome.refusal->message);
  publisher_.outcome(config, outcome, this_moment(), reply);
}

}  // namespace b2m
