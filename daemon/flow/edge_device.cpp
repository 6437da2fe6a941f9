#include "daemon/flow/edge_device.hpp"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <utility>

#include "daemon/flow/clock.hpp"
#include "daemon/log/log.hpp"

namespace b2m {
namespace {

using std::chrono::seconds;

/// The wall time of a moment that the kernel stamped on the monotonic clock.
Moment moment_of(SteadyTime time) {
  const auto now = this_moment();
  return {now.wall - std::chrono::duration_cast<WallClock::duration>(now.monotonic - time), time, now.synchronised};
}

std::string kept_key(const SensorConfig& config) { return "counter/" + config.id; }

std::optional<double> parse_total(std::string_view text) {
  double total = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), total);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(total)) return std::nullopt;
  return total;
}

}  // namespace

EdgeDevice::EdgeDevice(EventLoop& loop, SensorConfig config, std::shared_ptr<Board> board,
                       std::unique_ptr<EdgeSensor> sensor, EdgeLines::PollBus poll_bus, KeptValues& kept,
                       const SensorSink& sink)
    : config_(std::move(config)),
      kept_(kept),
      sink_(sink),
      sensor_(std::move(sensor)),
      channels_(config_),
      samples_(0),
      backoff_(seconds(1), seconds(60)),
      retry_timer_(loop, [this] { open(); }),
      due_timer_(loop, [this] { lines_.catch_up(); }),
      grid_timer_(loop, [this] { on_grid(); }),
      keep_timer_(loop, [this] { keep_in_pace(); }),
      grid_(SteadyClock::now(), std::chrono::duration_cast<Schedule::Duration>(config_.every)),
      lines_(loop, config_, std::move(board), sensor_->lines(), std::move(poll_bus),
             {.changed = [this](std::span<const LineChange> changes, SteadyTime until) { on_changes(changes, until); },
              .lost = [this](const Error& error) { lose(error); }}) {
  if (const auto rule = sensor_->keep_rule()) pace_.emplace(*rule);
  restore_total();
}

void EdgeDevice::start() {
  if (!std::exchange(started_, true)) open();
}

void EdgeDevice::stop() {
  lines_.catch_up();
  keep_total();
  for (auto* timer : {&retry_timer_, &due_timer_, &grid_timer_, &keep_timer_}) timer->cancel();
  lines_.close();
}

void EdgeDevice::open() {
  const auto levels = lines_.open();
  if (!levels) return lose(levels.error());
  const auto now = SteadyClock::now();
  channels_.assign(sensor_->channels());
  if (last_error_)
    log::notice({.device = config_.id, .message_id = log::id_device_recovered}, "its line is there again");
  last_error_.reset();
  backoff_.reset();
  state_ = DeviceState::ready;
  set_online(true);
  if (config_.driver.driver->on_grid) grid_timer_.arm(grid_.next(now));
  take(sensor_->start(*levels, now), now);
  arm_due_timer();
}

void EdgeDevice::on_changes(std::span<const LineChange> changes, SteadyTime until) {
  for (const auto& change : changes) {
    advance(change.time);
    take(sensor_->on_change(change), change.time);
  }
  advance(until);
  arm_due_timer();
  keep_in_pace();
}

/// Lets the time go by until then.
void EdgeDevice::advance(SteadyTime until) {
  for (auto due = sensor_->next_due(); due && *due <= until; due = sensor_->next_due())
    take(sensor_->on_time(until), until);
}

/// While it is not certain what the lines do, what they settle to calls instead.
void EdgeDevice::arm_due_timer() {
  const auto due = sensor_->next_due();
  if (due && *due > SteadyClock::now()) {
    due_timer_.arm(*due);
  } else {
    due_timer_.cancel();
  }
}

void EdgeDevice::take(const EdgeNews& news, SteadyTime time) {
  if (news.changed) measure(time);
  for (const auto& event : news.events) {
    ++counters_.good;
    if (sink_.happened) sink_.happened(config_, event.name, moment_of(event.time));
  }
}

void EdgeDevice::measure(SteadyTime time) {
  samples_.clear(channels_.channels().size());
  sensor_->measure(time, samples_);
  ++counters_.good;
  std::vector<Result<double>> values;
  values.reserve(samples_.size());
  for (std::size_t i = 0; i < samples_.size(); ++i) values.push_back(samples_[i]);
  sink_.measured(config_, channels_.channels(), channels_.measure(std::move(values), moment_of(time)));
}

void EdgeDevice::on_grid() {
  grid_timer_.arm(grid_.next(SteadyClock::now()));
  read_now();
}

void EdgeDevice::read_now() {
  if (state_ != DeviceState::ready) return;
  lines_.catch_up();
  if (state_ == DeviceState::ready) measure(SteadyClock::now());
}

void EdgeDevice::lose(const Error& error) {
  ++counters_.failed;
  due_timer_.cancel();
  grid_timer_.cancel();
  lines_.close();
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

void EdgeDevice::restore_total() {
  if (!pace_) return;
  if (const auto text = kept_.find(kept_key(config_))) {
    const auto total = parse_total(*text);
    if (total && channels_.channels().front().range.contains(*total)) {
      sensor_->set_total(*total);
    } else {
      log::warning({.device = config_.id}, "the total that was kept, \"{}\", is not one: it begins anew", *text);
    }
  }
  pace_->kept(sensor_->total(), SteadyClock::now());
}

void EdgeDevice::keep_in_pace() {
  const auto due = pace_ ? pace_->due(sensor_->total()) : std::nullopt;
  if (!due) return;
  if (*due <= SteadyClock::now()) {
    keep_total();
  } else {
    keep_timer_.arm(*due);
  }
}

void EdgeDevice::keep_total() {
  const double total = sensor_->total();
  if (!pace_ || !pace_->changed(total)) return;
  kept_.keep(kept_key(config_), fmt::format("{}", total));
  pace_->kept(total, SteadyClock::now());
  keep_timer_.cancel();
}

void EdgeDevice::command(const Command& command, const Answer& answer) {
  if (!command.id.empty() && ids_.repeats(command.id, answer)) return;
  const auto outcome = set_total(command);
  if (!command.id.empty()) ids_.settle(outcome);
  answer(outcome);
}

Outcome EdgeDevice::set_total(const Command& command) {
  const auto refused = [&](std::string error, std::string message) {
    return Outcome{.id = command.id, .refusal = Refusal{std::move(error), std::move(message)}};
  };
  const auto& channel = channels_.channels().front();
  const auto& quantity = info(channel.quantity);
  const auto* number = std::get_if<double>(&command.target);
  if (number == nullptr || command.duration)
    return refused("unsupported", fmt::format("{} takes a number, the new {}{}{}, and nothing else", config_.id,
                                              channel.key, quantity.unit.empty() ? "" : " in ", quantity.unit));
  const double total = *number / quantity.scale;
  if (!channel.range.contains(total))
    return refused("out_of_range",
                   fmt::format("{} is not between {} and {}", *number, channel.range.low * quantity.scale,
                               channel.range.high * quantity.scale));
  lines_.catch_up();  // what came before the command counts before it
  sensor_->set_total(total);
  keep_total();
  if (state_ == DeviceState::ready) measure(SteadyClock::now());
  return {.id = command.id, .state = *number};
}

}  // namespace b2m
