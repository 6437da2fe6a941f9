// From what was written, in a message or elsewhere, to the actuator or total it commands, and from the outcome to the
// answer.
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/flow/commander.hpp"
#include "daemon/flow/edge_device.hpp"
#include "daemon/mqtt/message.hpp"
#include "daemon/mqtt/publisher.hpp"
#include "daemon/mqtt/router.hpp"

namespace b2m {

/// Every message on a command topic is answered, whatever is in it. Loop only.
class CommandIntake {
 public:
  /// The sensor with a total that a route's index stands for.
  using FindTotal = std::function<EdgeDevice&(std::size_t sensor)>;

  /// The references outlive it; the router's indices are those of the commander and of `find_total`, at every call.
  CommandIntake(const Router& router, Commander& commander, FindTotal find_total, Publisher& publisher)
      : router_(router), commander_(commander), find_total_(std::move(find_total)), publisher_(publisher) {}

  /// False when the topic commands nothing.
  bool take(const Message& message, bool retained);
  /// A payload that came by another way than MQTT; whoever gave it gets the answer, and nobody else.
  void give(std::size_t actuator, std::string_view payload, const Commander::Answer& answer);
  /// There is no such actuator any more.
  void forget(const std::string& id) { retained_.erase(id); }

 private:
  [[nodiscard]] bool acts_on_retained(const Message& message, std::size_t actuator);
  void set_total(EdgeDevice& sensor, const Message& message);
  /// Of an actuator, or of a sensor with a total.
  template <class Commanded>
  void answer(const Commanded& config, const Outcome& outcome, const ReplyTo& reply);
  template <class Commanded>
  void refuse_retained(const Commanded& config, const Message& message);

  const Router& router_;
  Commander& commander_;
  FindTotal find_total_;
  Publisher& publisher_;
  std::map<std::string, std::string> retained_;  ///< the last retained payload acted on, by actuator
};

}  // namespace b2m
