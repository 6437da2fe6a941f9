// From what was written, in a message or elsewhere, to the actuator it commands, and from the outcome to the answer.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/flow/commander.hpp"
#include "daemon/mqtt/message.hpp"
#include "daemon/mqtt/publisher.hpp"
#include "daemon/mqtt/router.hpp"

namespace b2m {

/// Every message on a command topic is answered, whatever is in it. Loop only.
class CommandIntake {
 public:
  /// All outlive it; the router's indices are those of the commander.
  CommandIntake(const Router& router, Commander& commander, Publisher& publisher)
      : router_(router), commander_(commander), publisher_(publisher) {}

  /// False when the topic is no actuator's.
  bool take(const Message& message, bool retained);
  /// A payload that came by another way than MQTT; whoever gave it gets the answer, and nobody else.
  void give(std::size_t actuator, std::string_view payload, const Commander::Answer& answer);

 private:
  [[nodiscard]] bool acts_on_retained(const Message& message, std::size_t actuator);
  void answer(const ActuatorConfig& config, const Outcome& outcome, const ReplyTo& reply);

  const Router& router_;
  Commander& commander_;
  Publisher& publisher_;
  std::map<std::size_t, std::string> retained_;  ///< the last retained payload acted on, by actuator
};

}  // namespace b2m
