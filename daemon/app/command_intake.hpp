// From an incoming message to the actuator it commands, and from the outcome to the answer.
#pragma once

#include <cstdint>

#include "daemon/app/devices.hpp"
#include "daemon/mqtt/message.hpp"
#include "daemon/mqtt/publisher.hpp"
#include "daemon/mqtt/router.hpp"

namespace b2m {

/// Every message on a command topic is answered, whatever is in it. Loop only.
class CommandIntake {
 public:
  /// All outlive it; the router's indices are those of the devices' actuators.
  CommandIntake(const Router& router, Devices& devices, Publisher& publisher)
      : router_(router), devices_(devices), publisher_(publisher) {}

  /// False when the topic is no actuator's.
  bool take(const Message& message, bool retained);

 private:
  void carry_out(ActuatorDevice& actuator, const Message& message, CommandForm form);
  void answer(const ActuatorConfig& config, const Outcome& outcome, const ReplyTo& reply);

  const Router& router_;
  Devices& devices_;
  Publisher& publisher_;
};

}  // namespace b2m
