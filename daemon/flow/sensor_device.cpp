#include "daemon/flow/sensor_device.hpp"

#include <algorithm>
#include <utility>

#include "daemon/flow/clock.hpp"
#include "daemon/log/log.hpp"

namespace b2m {
namespace {

using std::chrono::seconds;

constexpr unsigned failures_until_offline = 3;
constexpr std::chrono::nanoseconds longest_probe_pause = seconds(60);

/// A part that is there but is the wrong one, or cannot do what is wanted, is looked at again only now and then.
bool hopeless(const Error& error) { return policy(error.code) == Policy::fatal; }
bool missing(const Error& error) { return policy(error.code) == Policy::drop_device || hopeless(error); }

double jitter() {
  thread_local std::minstd_rand generator{std::random_device{}()};
  return std::uniform_real_distribution<double>(0, 1)(generator);
}

Schedule::Duration steady(std::chrono::nanoseconds duration) {
  return std::chrono::duration_cast<Schedule::Duration>(duration);
}

}  // namespace

std::string_view name(DeviceState state) noexcept {
  switch (state) {
    case DeviceState::starting: return "starting";
    case DeviceState::ready: return "ready";
    case DeviceState::failing: return "failing";
    case DeviceState::absent: return "absent";
  }
  return "";
}

SensorDevice::SensorDevice(EventLoop& loop, SensorConfig config, Bus& bus, std::shared_ptr<Board> board,
                           std::unique_ptr<Sensor> sensor, bool simulated, SteadyTime first, const SensorSink& sink)
    : config_(std::move(config)),
      sink_(sink),
      schedule_(first, steady(config_.every)),
      channels_(config_),
      simulated_(simulated),
      job_(std::make_shared<SensorJob>(std::move(board), std::move(sensor),
                                       [this](PollOutcome outcome) { on_outcome(std::move(outcome)); })),
      bus_(bus, [this](bool stuck) { on_bus_stuck(stuck); }),
      timer_(loop, [this] { on_due(); }),
      probe_backoff_(std::clamp<std::chrono::nanoseconds>(config_.every, seconds(1), longest_probe_pause),
                     longest_probe_pause),
      due_(first) {}

void SensorDevice::stop() {
  stopped_ = true;
  timer_.cancel();
}

void SensorDevice::on_due() {
  const auto now = SteadyClock::now();
  delay_ = std::max(delay_, now - due_);
  counters_.skipped += schedule_.missed(due_, now);
  due_ = schedule_.next(now);
  timer_.arm(due_);
  poll();
}

void SensorDevice::poll() {
  if (stopped_) return;
  if (!under_way_ && bus_.post(job_, Worker::Lane::poll)) {
    under_way_ = true;
  } else {
    ++counters_.skipped;
  }
}

void SensorDevice::on_outcome(PollOutcome outcome) {
  under_way_ = false;
  if (stopped_) return;
  if (std::exchange(abandoned_, false)) {  // its answer comes too late: only that it is there again counts
    job_->restart();
    return;
  }
  if (outcome.channels) {
    channels_.assign(std::move(*outcome.channels));
    knows_channels_ = true;
  }
  if (outcome.result) {
    succeed(outcome);
  } else {
    fail(outcome.result.error(), outcome.moment);
  }
}

void SensorDevice::succeed(const PollOutcome& outcome) {
  const auto bad = std::find_if(outcome.values.begin(), outcome.values.end(), [](const auto& value) { return !value; });
  const bool whole = bad == outcome.values.end();
  ++(whole ? counters_.good : counters_.failed);
  if (!whole && last_error_ != bad->error())
    log::warning({.device = config_.id, .error = name(bad->error().code)}, "{}", to_string(bad->error()));
  if (whole && failures_ > 0)
    log::notice({.device = config_.id, .message_id = log::id_device_recovered},
                "answers again after {} failed readings", failures_);
  last_error_ = whole ? std::nullopt : std::optional(bad->error());
  failures_ = 0;
  probe_backoff_.reset();
  if (state_ == DeviceState::absent) {  // back on the grid
    due_ = schedule_.next(SteadyClock::now());
    timer_.arm(due_);
  }
  become(DeviceState::ready);
  set_online(true);
  auto measurement = channels_.measure(outcome.values, outcome.moment);
  measurement.simulated = simulated_;
  sink_.measured(config_, channels_.channels(), measurement);
  if (sink_.raw) sink_.raw(config_, {channels_.own_channels(), outcome.values, outcome.moment, simulated_});
}

void SensorDevice::tell_fault(const Error& error, const Moment& moment) {
  sink_.measured(config_, channels_.channels(), channels_.fault(error, moment));
  if (sink_.raw) sink_.raw(config_, {channels_.own_channels(), tl::unexpected(error), moment, simulated_});
}

void SensorDevice::fail(const Error& error, const Moment& moment) {
  ++counters_.failed;
  ++failures_;
  if (failures_ == 1 || last_error_ != error) log_failure(error);
  last_error_ = error;
  if (missing(error)) {
    if (state_ == DeviceState::ready || state_ == DeviceState::failing) tell_fault(error, moment);
    become(DeviceState::absent);
    set_online(false);
    due_ = SteadyClock::now() + steady(hopeless(error) ? longest_probe_pause : probe_backoff_.next(jitter()));
    timer_.arm(due_);
    return;
  }
  tell_fault(error, moment);
  become(state_ == DeviceState::starting || state_ == DeviceState::absent ? state_ : DeviceState::failing);
  if (failures_ >= failures_until_offline || state_ != DeviceState::failing) set_online(false);
}

void SensorDevice::become(DeviceState state) {
  if (state == state_) return;
  log::debug({.device = config_.id}, "{} -> {}", name(state_), name(state));
  state_ = state;
}

void SensorDevice::set_online(bool online) {
  if (online_ == online) return;
  online_ = online;
  sink_.availability(config_, online);
}

void SensorDevice::on_bus_stuck(bool stuck) {
  if (!stuck || stopped_) return;
  abandoned_ = under_way_;
  fail({Errc::bus_stuck, bus_.name()}, this_moment());
  failures_ = std::max(failures_, failures_until_offline);
  set_online(false);
}

void SensorDevice::log_failure(const Error& error) {
  log::warning(
      {.device = config_.id, .bus = bus_.name(), .error = name(error.code), .message_id = log::id_device_failed},
      "cannot be read: {}", to_string(error));
}

}  // namespace b2m
