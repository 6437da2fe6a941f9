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
    auto& sensor = *devices_.find_edge(config_.sensors.at(route->index).id);
    if (retained) {
      refuse_retained(sensor.config(), message);
    } else {
      set_total(sensor, message);
    }
    return true;
  }
  auto& actuator = *devices_.actuators().at(route->index);
  if (retained && !actuator.config().accept_retained) {
    refuse_retained(actuator.config(), message);
  } else {
    carry_out(actuator, message, route->form);
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
  const auto command = parse_command(message.payload, CommandKind::range);
  if (!command) return answer(config, {.refusal = command.error()}, reply);
  sensor.command(*command, [&](const Outcome& outcome) { answer(config, outcome, reply); });
}

void CommandIntake::carry_out(ActuatorDevice& actuator, const Message& message, CommandForm form) {
  const auto& config = actuator.config();
  ReplyTo reply{message.response_topic, message.correlation_data};
  auto command = parse_command(message.payload, command_kind(actuator.state().value_or(false)), form);
  if (!command) return answer(config, {.refusal = std::move(command).error()}, reply);
  actuator.command(
      *command, [this, &config, reply = std::move(reply)](const Outcome& outcome) { answer(config, outcome, reply); });
}

template <class Commanded>
void CommandIntake::answer(const Commanded& config, const Outcome& outcome, const ReplyTo& reply) {
  if (outcome.refusal)
    log::warning({.device = config.id, .error = outcome.refusal->error}, "command refused: {}",
                 outcome.refusal->message);
  publisher_.outcome(config, outcome, this_moment(), reply);
}

}  // namespace b2m
