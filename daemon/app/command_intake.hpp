// From an incoming message to the actuator or total it commands, and from the outcome to the answer.
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
  /// All outlive it; the router's indices are those of the configuration's actuators and sensors.
  CommandIntake(const Router& router, const Config& config, Devices& devices, Publisher& publisher)
      : router_(router), config_(config), devices_(devices), publisher_(publisher) {}

  /// False when the topic commands nothing.
  bool take(const Message& message, bool retained);

 private:
  void carry_out(ActuatorDevice& actuator, const Message& message, CommandForm form);
  void set_total(EdgeDevice& sensor, const Message& message);
  /// Of an actuator, or of a sensor with a total.
  template <class Commanded>
  void answer(const Commanded& config, const Outcome& outcome, const ReplyTo& reply);
  template <class Commanded>
  void refuse_retained(const Commanded& config, const Message& message);

  const Router& router_;
  const Config& config_;
  Devices& devices_;
  Publisher& publisher_;
};

}  // namespace b2m
