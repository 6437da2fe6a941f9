#include "drivers/engine/pulse_meter.hpp"

#include <algorithm>

namespace b2m {
namespace {

constexpr int marks_in_window = 32;

using Seconds = std::chrono::duration<double>;

std::optional<std::chrono::nanoseconds> optional_duration(const Options& options, std::string_view key) {
  return options.has(key) ? std::optional(options.duration(key)) : std::nullopt;
}

}  // namespace

void PulseRate::add(std::uint64_t pulses, TimePoint time) {
  if (!marks_.empty() && time - last_.time >= silence_) marks_.clear();  // a pause is no part of a rate
  last_ = {time, last_.pulses + pulses};
  if (marks_.empty() || time - marks_.back().time >= window_ / marks_in_window) marks_.push_back(last_);
  while (marks_.size() > 1 && marks_[1].time <= time - window_) marks_.pop_front();
}

double PulseRate::at(TimePoint now) const {
  if (marks_.empty() || now - last_.time >= silence_) return 0;
  const auto& first = marks_.front();
  const double pulses = static_cast<double>(last_.pulses - first.pulses);
  const double seconds = Seconds(last_.time - first.time).count();
  if (pulses == 0 || seconds <= 0) return 0;
  const double since_last = Seconds(now - last_.time).count();
  return 1 / std::max(seconds / pulses, since_last);
}

PulseMeter::PulseMeter(const PulseMeterTable& table, double per_pulse, const Options& options)
    : table_(table),
      per_pulse_(per_pulse),
      edge_(options.text("edge") == "active" ? Edges::to_active : Edges::to_inactive),
      debounce_(options.duration("debounce")),
      min_interval_(optional_duration(options, "min_interval")),
      rate_(options.duration("window"), options.duration("silence")) {
  if (table.has_total())
    keep_rule_ = KeepRule{.step = static_cast<double>(options.integer("keep_pulses")) * per_pulse,
                          .at_most = options.duration("keep_at_most"),
                          .at_least = options.duration("keep_at_least")};
}

std::vector<LineUse> PulseMeter::lines() const { return {{.edges = edge_, .debounce = debounce_}}; }

/// The level found is no pulse.
EdgeNews PulseMeter::start(const std::vector<bool>& /*levels*/, TimePoint now) {
  told_ = now;
  tell_at_.reset();
  return {.changed = true};
}

EdgeNews PulseMeter::on_change(const LineChange& change) {
  if (change.active != (edge_ == Edges::to_active)) return {};
  const auto pulses = change.lost_before + 1;
  pulses_ += pulses;
  rate_.add(pulses, change.time);
  if (!min_interval_ || tell_at_) return {};
  const auto earliest = told_ ? *told_ + *min_interval_ : change.time;
  if (earliest <= change.time) return on_time(change.time);
  tell_at_ = earliest;
  return {};
}

EdgeNews PulseMeter::on_time(TimePoint now) {
  tell_at_.reset();
  told_ = now;
  return {.changed = true};
}

void PulseMeter::measure(TimePoint now, Samples& samples) {
  const double rate = rate_.at(now) * per_pulse_ * table_.rate_scale;
  if (table_.has_total()) samples.set(0, total());
  samples.set(table_.channels.size() - 1, rate);
}

std::optional<KeepRule> PulseMeter::keep_rule() const { return keep_rule_; }

void PulseMeter::set_total(double value) {
  base_ = value;
  pulses_ = 0;
}

}  // namespace b2m
