// The life of an actuator: its hardware on a worker, its state on the loop, and the answer to each command.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "daemon/config/model.hpp"
#include "daemon/flow/bus.hpp"
#include "daemon/flow/command.hpp"
#include "daemon/flow/sensor_device.hpp"
#include "daemon/loop/backoff.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// Where an actuator's news go. Called on the loop.
struct ActuatorSink {
  std::function<void(const ActuatorConfig&, const ActuatorState&)> reached;
  std::function<void(const ActuatorConfig&, bool online)> availability;
};

/// Loop only.
class ActuatorDevice {
 public:
  using Answer = std::function<void(const Outcome&)>;

  /// `config` and `sink` outlive the device.
  ActuatorDevice(EventLoop& loop, const ActuatorConfig& config, Bus& bus, std::shared_ptr<Board> board,
                 std::unique_ptr<Actuator> actuator, const ActuatorSink& sink);
  ~ActuatorDevice();
  ActuatorDevice(const ActuatorDevice&) = delete;
  ActuatorDevice& operator=(const ActuatorDevice&) = delete;

  /// Takes hold of the hardware with the configured initial state; while that fails, tries again for ever, more and
  /// more slowly.
  void start();
  /// Drives the configured exit state, if there is one; `done` is called when it stands or has failed.
  void stop(std::function<void()> done);
  /// Carries a command out and answers it, exactly once. A newer command takes the place of what an older one left
  /// pending; an id seen before gets its first answer again.
  void command(const Command& command, Answer answer);

  [[nodiscard]] const ActuatorConfig& config() const noexcept { return config_; }
  [[nodiscard]] DeviceState device_state() const noexcept { return device_state_; }
  [[nodiscard]] const std::optional<ActuatorState>& state() const noexcept { return state_; }
  [[nodiscard]] const std::optional<Error>& last_error() const noexcept { return last_error_; }

 private:
  class ActionJob;
  struct Shared;
  using Finished = std::function<void(Result<ActuatorState>)>;

  void init();
  void drive(ActuatorState target, Finished finished);
  void carry_out(const Command& command, const Answer& answer);
  void reached(const ActuatorState& state);
  void lose(const Error& error);
  [[nodiscard]] std::optional<Refusal> refusal(const Command& command) const;
  [[nodiscard]] ActuatorState resolve(const Target& target) const;
  void remember(const Outcome& outcome);

  EventLoop& loop_;
  const ActuatorConfig& config_;
  Bus& bus_;
  const ActuatorSink& sink_;
  std::shared_ptr<Shared> shared_;  ///< what the worker uses
  std::shared_ptr<bool> alive_;     ///< jobs under way hold it weakly
  Backoff backoff_;
  Timer retry_timer_;
  Timer revert_timer_;
  ActuatorState revert_to_ = false;

  DeviceState device_state_ = DeviceState::starting;
  std::optional<ActuatorState> state_;
  std::optional<ActuatorState> wanted_;  ///< the target of the newest command, which Toggle counts from
  std::optional<Error> last_error_;
  std::deque<Outcome> answered_;  ///< the newest outcomes with an id
};

}  // namespace b2m
