#include "daemon/flow/sensor_job.hpp"

#include <fmt/format.h>

#include <exception>
#include <utility>

#include "daemon/flow/clock.hpp"

namespace b2m {
namespace {

using std::chrono::microseconds;

// No part takes longer to start or convert; one that asks for more will never be ready.
constexpr int most_repeats = 1000;
constexpr microseconds longest_step = std::chrono::seconds(15);

std::string_view phase_name(bool starting) { return starting ? "start" : "conversion"; }

}  // namespace

SensorJob::SensorJob(std::shared_ptr<Board> board, std::unique_ptr<Sensor> sensor,
                     std::function<void(PollOutcome)> finished)
    : board_(std::move(board)), sensor_(std::move(sensor)), finished_(std::move(finished)) {}

std::optional<microseconds> SensorJob::work() try {
  if (!polling_) begin();
  return advance();
} catch (const std::exception& mistake) {  // a driver does not throw; if one does, it must not take the daemon with it
  return fail_with({Errc::io, mistake.what()});
}

void SensorJob::begin() {
  polling_ = true;
  retried_ = false;
  repeats_ = 0;
  waited_ = {};
  outcome_ = {};
  if (phase_ == Phase::init) return;
  phase_ = sensor_->has_changed() ? Phase::init : Phase::trigger;
}

std::optional<microseconds> SensorJob::advance() {
  switch (phase_) {
    case Phase::init: return after(sensor_->init(), Phase::trigger);
    case Phase::trigger: return after(sensor_->trigger(), Phase::read);
    case Phase::read: break;
  }
  return read();
}

/// Goes on to `next` when the step is done, or has it repeated after the pause that it wants.
std::optional<microseconds> SensorJob::after(Result<Progress> progress, Phase next) {
  const bool starting = phase_ == Phase::init;
  if (!progress) return fail_with(std::move(progress).error());
  if (progress->again()) {
    waited_ += progress->pause();
    if (++repeats_ > most_repeats || waited_ > longest_step)
      return fail_with({Errc::timeout, fmt::format("the {} did not end", phase_name(starting))});
    return progress->pause();
  }
  if (starting) {
    channels_ = sensor_->channels();
    samples_ = Samples(channels_.size());
    outcome_.channels = channels_;
  }
  phase_ = next;
  repeats_ = 0;
  waited_ = {};
  return progress->pause();
}

std::optional<microseconds> SensorJob::read() {
  samples_.clear(channels_.size());
  if (auto result = sensor_->read(samples_); !result) return fail_with(std::move(result).error());
  outcome_.moment = this_moment();
  refuse_impossible();
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    if (samples_[i] || !worth_another_try(samples_[i].error())) continue;
    retried_ = true;
    phase_ = Phase::trigger;
    return microseconds(0);
  }
  outcome_.values.reserve(samples_.size());
  for (std::size_t i = 0; i < samples_.size(); ++i) outcome_.values.push_back(samples_[i]);
  return finish_with({});
}

/// A value that the part cannot output is damage that no checksum caught.
void SensorJob::refuse_impossible() {
  for (std::size_t i = 0; i < samples_.size(); ++i) {
    if (samples_[i] && !channels_[i].range.contains(*samples_[i]))
      samples_.set(i, fail(Errc::out_of_range, fmt::format("{} is beyond what the part can measure", *samples_[i])));
  }
}

bool SensorJob::worth_another_try(const Error& error) const {
  return !retried_ && policy(error.code) == Policy::retry_now;
}

std::optional<microseconds> SensorJob::fail_with(Error error) {
  if (worth_another_try(error)) {
    retried_ = true;
    repeats_ = 0;
    waited_ = {};
    if (phase_ != Phase::init) phase_ = Phase::trigger;
    return microseconds(0);
  }
  outcome_.moment = this_moment();
  const auto wanted = policy(error.code);
  if (phase_ == Phase::init || (wanted != Policy::retry_now && wanted != Policy::retry_next_poll)) {
    phase_ = Phase::init;
    outcome_.channels.reset();
  }
  return finish_with(tl::unexpected(std::move(error)));
}

std::optional<microseconds> SensorJob::finish_with(Result<> result) {
  polling_ = false;
  outcome_.result = std::move(result);
  return std::nullopt;
}

}  // namespace b2m
