#include "daemon/flow/edge_device.hpp"

#include <string>
#include <utility>

#include "daemon/flow/clock.hpp"
#include "daemon/log/log.hpp"

namespace b2m {
namespace {

using std::chrono::seconds;

SteadyClock::duration quiet_time(const Options& options) {
  if (!options.has("debounce")) return {};
  return std::chrono::duration_cast<SteadyClock::duration>(options.duration("debounce"));
}

/// The wall time of a moment that the kernel stamped on the monotonic clock.
Moment moment_of(SteadyTime time) {
  const auto now = this_moment();
  return {now.wall - std::chrono::duration_cast<WallClock::duration>(now.monotonic - time), time, now.synchronised};
}

}  // namespace

InputSettings input_settings(const Options& options) {
  InputSettings settings{.active_low = options.flag("active_low")};
  if (!options.has("pull")) return settings;
  const auto& pull = options.text("pull");
  if (pull == "up") settings.bias = Bias::pull_up;
  if (pull == "down") settings.bias = Bias::pull_down;
  if (pull == "none") settings.bias = Bias::disabled;
  return settings;
}

EdgeDevice::EdgeDevice(EventLoop& loop, const SensorConfig& config, GpioPort& gpio, std::unique_ptr<EdgeSensor> sensor,
                       const SensorSink& sink)
    : loop_(loop),
      config_(config),
      gpio_(gpio),
      sensor_(std::move(sensor)),
      sink_(sink),
      channels_(config),
      samples_(0),
      debounce_(quiet_time(config.options)),
      backoff_(seconds(1), seconds(60)),
      retry_timer_(loop, [this] { open(); }),
      settle_timer_(loop, [this] { settle(); }) {}

void EdgeDevice::start() { open(); }

void EdgeDevice::stop() {
  retry_timer_.cancel();
  settle_timer_.cancel();
  watch_.reset();
  line_.reset();
}

void EdgeDevice::open() {
  auto line = gpio_.request_input(config_.lines.at("line"), input_settings(config_.options));
  if (!line) return lose(line.error());
  line_ = std::move(*line);
  const auto level = line_->active();
  if (!level) return lose(level.error());
  channels_.assign(sensor_->channels());
  if (last_error_)
    log::notice({.device = config_.id, .message_id = log::id_device_recovered}, "its line is there again");
  last_error_.reset();
  backoff_.reset();
  state_ = DeviceState::ready;
  set_online(true);
  watch_.emplace(loop_, line_->fd(), [this] { on_readable(); });
  debounce_.on_edge(*level, SteadyClock::now() - quiet_time(config_.options));  // found standing still
  settle();
}

void EdgeDevice::on_readable() {
  for (;;) {
    const auto event = line_->next_event();
    if (!event) return lose(event.error());
    if (!*event) break;
    // An edge may come late to the loop: the level before it may already have stood still for long enough.
    if (const auto settled = debounce_.settle((*event)->time)) tell(settled->active, settled->since);
    debounce_.on_edge((*event)->active, (*event)->time);
  }
  settle();
}

void EdgeDevice::settle() {
  if (const auto settled = debounce_.settle(SteadyClock::now())) tell(settled->active, settled->since);
  if (const auto deadline = debounce_.deadline()) settle_timer_.arm(*deadline);
}

void EdgeDevice::tell(bool active, SteadyTime time) {
  samples_.clear(channels_.channels().size());
  if (!sensor_->on_level(active, time, samples_)) return;
  ++counters_.good;
  std::vector<Result<double>> values;
  values.reserve(samples_.size());
  for (std::size_t i = 0; i < samples_.size(); ++i) values.push_back(samples_[i]);
  sink_.measured(config_, channels_.channels(), channels_.measure(std::move(values), moment_of(time)));
}

void EdgeDevice::lose(const Error& error) {
  ++counters_.failed;
  watch_.reset();
  line_.reset();
  settle_timer_.cancel();
  if (last_error_ != error)
    log::warning({.device = config_.id, .error = name(error.code), .message_id = log::id_device_failed},
                 "its line cannot be used: {}", to_string(error));
  last_error_ = error;
  state_ = DeviceState::absent;
  set_online(false);
  retry_timer_.arm_after(backoff_.next(0));
}

void EdgeDevice::set_online(bool online) {
  if (online_ == online) return;
  online_ = online;
  sink_.availability(config_, online);
}

}  // namespace b2m
