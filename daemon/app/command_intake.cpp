#include "daemon/app/command_intake.hpp"

#include <utility>

#include "daemon/flow/clock.hpp"
#include "daemon/log/log.hpp"
#include "daemon/mqtt/command_payload.hpp"

namespace b2m {

bool CommandIntake::take(const Message& message, bool retained) {
  const auto route = router_.route(message.topic);
  if (!route) return false;
  if (route->to == Route::To::sensor) {
    auto& sensor = find_total_(route->index);
    if (retained) {
      refuse_retained(sensor.config(), message);
    } else {
      set_total(sensor, message);
    }
    return true;
  }
  const auto index = route->index;
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

template <class Commanded>
void CommandIntake::refuse_retained(const Commanded& config, const Message& message) {
  if (message.payload.empty()) return;  // this is how a retained message is cleared; nothing was asked for
  answer(config,
         {.refusal =
              Refusal{"retained", "a retained command is old and not carried out; send it without the retain flag"}},
         {message.response_topic, message.correlation_data});
}

void CommandIntake::set_total(EdgeDevice& sensor, const Message& message) {
  const auto& config = sensor.config();
  const ReplyTo reply{message.response_topic, message.correlation_data};
  const auto command = parse_command(message.payload, ActuatorKind::range);
  if (!command) return answer(config, command.error(), reply);
  sensor.command(*command, [&](const Outcome& outcome) { answer(config, outcome, reply); });
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
    refuse_retained(config, message);
    return false;
  }
  const auto [known, is_new] = retained_.try_emplace(config.id, message.payload);
  if (is_new) return true;
  return std::exchange(known->second, message.payload) != message.payload;
}

template <class Commanded>
void CommandIntake::answer(const Commanded& config, const Outcome& outcome, const ReplyTo& reply) {
  if (outcome.refusal)
    log::warning({.device = config.id, .error = outcome.refusal->error}, "command refused: {}",
                 outcome.refusal->message);
  publisher_.outcome(config, outcome, this_moment(), reply);
}

}  // namespace b2m
