// One action of an actuator on its bus's worker: take hold, drive a state step by step, or stop where it is.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "daemon/flow/bus.hpp"
#include "drivers/api/board.hpp"
#include "drivers/api/driver.hpp"

namespace b2m {

/// What a way to the exit state may take; a longer one ends where it is.
inline constexpr std::chrono::milliseconds exit_patience{500};

/// An actuator and what it talks through. Made on the loop, then used by its worker alone; lives on when its device is
/// gone while a step hangs.
struct ActuatorHardware {
  std::shared_ptr<Board> board;
  std::unique_ptr<Actuator> actuator;  ///< null once it was let go of
  std::uint64_t turn = 1;              ///< of the job that may use the actuator
  std::uint64_t newest = 0;            ///< turn of the last job that has come
  std::chrono::microseconds pause{0};  ///< the last one that the actuator asked for
};

/// The jobs of an actuator end in the order of their turns. One that is pausing when a newer one comes gives way: it
/// ends as `cancelled` when its pause is over, and no step is cut short. The worker owns it while it is under way.
class ActuatorJob final : public BusJob {
 public:
  enum class Task : std::uint8_t { take_hold, drive, halt };
  /// The state that stands; none only after halt, where it is not known.
  using Outcome = Result<std::optional<ActuatorState>>;
  using Finished = std::function<void(const Outcome&)>;

  /// `turn` counts the posted jobs of this hardware from 1. `state` is what to drive, and must be there for `drive`.
  /// `finished` is called on the loop.
  ActuatorJob(std::shared_ptr<ActuatorHardware> hardware, std::uint64_t turn, Task task,
              std::optional<ActuatorState> state, Finished finished);

 private:
  enum class Phase : std::uint8_t { prepare, begin, advance, done };

  std::optional<std::chrono::microseconds> work() override;
  void finish() override;
  std::optional<std::chrono::microseconds> proceed();
  std::optional<std::chrono::microseconds> after(const Result<Progress>& progress, Phase next);
  std::optional<std::chrono::microseconds> end(Outcome outcome);
  Outcome begin();

  std::shared_ptr<ActuatorHardware> hardware_;
  std::uint64_t turn_;
  Task task_;
  std::optional<ActuatorState> state_;
  Finished finished_;
  Phase phase_;
  int repeats_ = 0;  ///< of the preparation
  Outcome outcome_ = fail(Errc::cancelled);
};

/// Drives a last state, if there is one, and lets go of the hardware, before whatever else is still under way with it.
/// Outlives its device.
class ActuatorRelease final : public BusJob {
 public:
  /// `id` is the actuator's, for the log.
  ActuatorRelease(std::shared_ptr<ActuatorHardware> hardware, std::string id, std::optional<ActuatorState> last);

 private:
  std::optional<std::chrono::microseconds> work() override;
  void finish() override;
  Result<Progress> move(const ActuatorState& target);

  std::shared_ptr<ActuatorHardware> hardware_;
  std::string id_;
  std::optional<ActuatorState> last_;
  bool begun_ = false;
  std::chrono::microseconds paused_{0};
  Result<> result_ = {};
};

}  // namespace b2m
