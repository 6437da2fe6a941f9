// An actuator as those see it who command it or look at it: one output, or a group of them.
#pragma once

#include <functional>
#include <optional>

#include "daemon/config/model.hpp"
#include "daemon/flow/command.hpp"
#include "daemon/flow/sensor_device.hpp"

namespace b2m {

/// Where an actuator's news go. Called on the loop.
struct ActuatorSink {
  std::function<void(const ActuatorConfig&, const ActuatorState&)> reached;
  std::function<void(const ActuatorConfig&, bool online)> availability;
};

/// Loop only.
class Commanded {
 public:
  using Answer = std::function<void(const Outcome&)>;

  virtual ~Commanded() = default;
  virtual void start() = 0;
  /// Begins nothing new. `done` is called once, when it is left as it is to be left.
  virtual void stop(std::function<void()> done) = 0;
  /// The configuration has it no more, and it is to be destroyed now: answers what waits for an answer, and lets go of
  /// its hardware in its exit state. That is done on the worker; what is posted there afterwards finds the hardware
  /// free.
  virtual void release() = 0;
  /// Carries a command out and answers it, exactly once: when it is done, when it cannot be done, or when a newer one
  /// has taken its place. Commander gives it.
  virtual void command(const Command& command, Source source, Answer answer) = 0;
  /// The broker was reached or lost.
  virtual void broker(bool connected) = 0;

  [[nodiscard]] virtual const ActuatorConfig& config() const = 0;
  [[nodiscard]] virtual DeviceState device_state() const = 0;
  /// Not yet known to be there or not, or of a group a member of it.
  [[nodiscard]] virtual bool is_starting() const { return device_state() == DeviceState::starting; }
  /// What stands; none while nobody knows.
  [[nodiscard]] virtual const std::optional<ActuatorState>& state() const = 0;
  [[nodiscard]] virtual const std::optional<Error>& last_error() const = 0;
  /// What made it what it is.
  [[nodiscard]] virtual Source cause() const = 0;
};

}  // namespace b2m
