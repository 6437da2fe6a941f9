#include "daemon/flow/actuator_job.hpp"

#include <algorithm>
#include <exception>
#include <utility>

namespace b2m {
namespace {

using std::chrono::microseconds;

constexpr int most_repeats = 100;  // of a preparation

}  // namespace

ActuatorJob::ActuatorJob(std::shared_ptr<ActuatorHardware> hardware, std::uint64_t turn, Task task,
                         std::optional<ActuatorState> state, std::weak_ptr<bool> alive, Finished finished)
    : hardware_(std::move(hardware)),
      turn_(turn),
      task_(task),
      state_(std::move(state)),
      alive_(std::move(alive)),
      finished_(std::move(finished)),
      phase_(task == Task::take_hold ? Phase::prepare : Phase::begin) {}

std::optional<microseconds> ActuatorJob::work() try {
  auto& hardware = *hardware_;
  hardware.newest = std::max(hardware.newest, turn_);
  if (hardware.turn != turn_) return hardware.pause;  // until the one under way has given way
  if (hardware.newest != turn_) return end(fail(Errc::cancelled, "a newer one took its place"));
  return go_on();
} catch (const std::exception& mistake) {  // a driver does not throw; if one does, it must not take the daemon with it
  return end(fail(Errc::io, mistake.what()));
}

void ActuatorJob::finish() {
  if (!alive_.expired()) finished_(outcome_);
}

/// The pause before the next step; none when the outcome stands.
std::optional<microseconds> ActuatorJob::go_on() {
  switch (phase_) {
    case Phase::prepare:
      if (++repeats_ > most_repeats) return end(fail(Errc::timeout, "the start did not end"));
      return after(hardware_->actuator->prepare(), Phase::begin);
    case Phase::begin:
      outcome_ = begin();
      if (!outcome_ || task_ == Task::halt) return end(std::move(outcome_));
      phase_ = Phase::advance;
      return go_on();
    case Phase::advance: return after(hardware_->actuator->advance(), Phase::done);
    case Phase::done: break;
  }
  return end(std::move(outcome_));
}

/// What needs no pause follows at once, so that an actuator without steps never gives way.
std::optional<microseconds> ActuatorJob::after(const Result<Progress>& progress, Phase next) {
  if (!progress) return end(tl::unexpected(progress.error()));
  if (!progress->again()) phase_ = next;
  if (!progress->again() && progress->pause().count() == 0) return go_on();
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

}  // namespace b2m
