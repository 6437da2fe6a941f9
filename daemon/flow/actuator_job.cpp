#include "daemon/flow/actuator_job.hpp"

#include <algorithm>
#include <exception>
#include <utility>

#include "daemon/log/log.hpp"

namespace b2m {
namespace {

using std::chrono::microseconds;

constexpr int most_repeats = 100;  // of a preparation

}  // namespace

ActuatorJob::ActuatorJob(std::shared_ptr<ActuatorHardware> hardware, std::uint64_t turn, Task task,
                         std::optional<ActuatorState> state, Finished finished)
    : hardware_(std::move(hardware)),
      turn_(turn),
      task_(task),
      state_(std::move(state)),
      finished_(std::move(finished)),
      phase_(task == Task::take_hold ? Phase::prepare : Phase::begin) {}

std::optional<microseconds> ActuatorJob::work() try {
  auto& hardware = *hardware_;
  if (!hardware.actuator) return std::nullopt;  // let go of meanwhile
  hardware.newest = std::max(hardware.newest, turn_);
  if (hardware.turn != turn_) return hardware.pause;  // until the one under way has given way
  if (hardware.newest != turn_) return end(fail(Errc::cancelled, "a newer one took its place"));
  return proceed();
} catch (const std::exception& mistake) {  // a driver does not throw; if one does, it must not take the daemon with it
  return end(fail(Errc::io, mistake.what()));
}

void ActuatorJob::finish() { finished_(outcome_); }

/// The pause before the next step; none when the outcome stands.
std::optional<microseconds> ActuatorJob::proceed() {
  switch (phase_) {
    case Phase::prepare:
      if (++repeats_ > most_repeats) return end(fail(Errc::timeout, "the start did not end"));
      return after(hardware_->actuator->prepare(), Phase::begin);
    case Phase::begin:
      outcome_ = begin();
      if (!outcome_ || task_ == Task::halt) return end(std::move(outcome_));
      phase_ = Phase::advance;
      return proceed();
    case Phase::advance: return after(hardware_->actuator->advance(), Phase::done);
    case Phase::done: break;
  }
  return end(std::move(outcome_));
}

/// What needs no pause follows at once, so that an actuator without steps never gives way.
std::optional<microseconds> ActuatorJob::after(const Result<Progress>& progress, Phase next) {
  if (!progress) return end(tl::unexpected(progress.error()));
  if (!progress->again()) phase_ = next;
  if (!progress->again() && progress->pause().count() == 0) return proceed();
  hardware_->pause = progress->pause();
  return progress->pause();
}

ActuatorJob::Outcome ActuatorJob::begin() {
  auto& actuator = *hardware_->actuator;
  if (task_ == Task::halt) return actuator.halt();
  auto reached = task_ == Task::take_hold ? actuator.init(state_) : actuator.apply(state_.value());
  return std::move(reached).map([](ActuatorState state) { return std::optional(std::move(state)); });
}

std::optional<microseconds> ActuatorJob::end(Outcome outcome) {
  outcome_ = std::move(outcome);
  hardware_->turn = turn_ + 1;
  return std::nullopt;
}

ActuatorRelease::ActuatorRelease(std::shared_ptr<ActuatorHardware> hardware, std::string id,
                                 std::optional<ActuatorState> last)
    : hardware_(std::move(hardware)), id_(std::move(id)), last_(std::move(last)) {}

std::optional<microseconds> ActuatorRelease::work() try {
  auto progress = last_ ? move(*last_) : Result<Progress>(Progress::done());
  if (progress && progress->again() && (paused_ += progress->pause()) <= exit_patience) return progress->pause();
  if (!progress) result_ = tl::unexpected(std::move(progress).error());
  static_cast<void>(hardware_->actuator->halt());  // what has arrived stays as it is; what has not ends on its way
  hardware_->actuator.reset();
  return std::nullopt;
} catch (const std::exception& mistake) {
  result_ = fail(Errc::io, mistake.what());
  hardware_->actuator.reset();
  return std::nullopt;
}

void ActuatorRelease::finish() {
  if (!result_)
    log::warning({.device = id_, .error = name(result_.error().code)}, "its exit state cannot be driven: {}",
                 to_string(result_.error()));
}

Result<Progress> ActuatorRelease::move(const ActuatorState& target) {
  if (!std::exchange(begun_, true)) B2M_TRY(hardware_->actuator->apply(target));
  return hardware_->actuator->advance();
}

}  // namespace b2m
