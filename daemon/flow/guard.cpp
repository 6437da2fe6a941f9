#include "daemon/flow/guard.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "drivers/api/options.hpp"

namespace b2m {
namespace {

using std::chrono::nanoseconds;

/// What no limit can hold back.
bool is_forced(Source source) {
  return source == Source::max_on || source == Source::interlock || source == Source::exit;
}

Verdict go_or_wait(SteadyTime ready, SteadyTime now) {
  if (ready <= now) return Go{};
  return Wait{ready};
}

}  // namespace

Guard::Guard(const ActuatorConfig& config, Interlocks& interlocks)
    : config_(config), interlocks_(interlocks), index_(interlocks.index_of(config.id)) {}

void Guard::begin(std::optional<Kept> kept, SteadyTime now) {
  level_.reset();
  in_flight_.clear();
  since_ = now;
  on_from_ = kept && kept->on ? std::min(kept->since, now) : now;
  if (kept && !kept->on) kept_off_ = std::min(kept->since, now);
  tell();
}

Verdict Guard::ask(bool on, std::optional<nanoseconds> lasting, Source source, SteadyTime now) const {
  return on ? ask_on(lasting, source, now) : ask_off(lasting, source, now);
}

Verdict Guard::ask_on(std::optional<nanoseconds> lasting, Source source, SteadyTime now) const {
  if (lasting)
    if (auto why = too_long_or_short(*lasting, now)) return *why;
  if (heading() == true) return Go{};
  if (const auto blocker = interlocks_.blocker(index_)) {
    // At the start everything is unknown for a moment.
    const bool will_be_known = source == Source::start && blocker->state == OutputState::unknown;
    if (blocker->state == OutputState::leaving || will_be_known) return Wait{};
    return blocked(*blocker);
  }
  return go_or_wait(on_again_at(now), now);
}

Verdict Guard::ask_off(std::optional<nanoseconds> lasting, Source source, SteadyTime now) const {
  if (lasting && *lasting < config_.min_off)
    return Refusal{"min_off", fmt::format("{} stays off for at least {}, longer than {}", config_.id,
                                          format_duration(config_.min_off), format_duration(*lasting))};
  if (is_forced(source) || heading() != true) return Go{};
  return go_or_wait((known() == true ? since_ : now) + config_.min_on, now);
}

/// Whether it can be on until `lasting` from now and then go off.
std::optional<Refusal> Guard::too_long_or_short(nanoseconds lasting, SteadyTime now) const {
  const bool is_on = heading() == true;
  const auto end = now + lasting;
  if (config_.max_on.count() != 0 && end > (is_on ? on_from_ : now) + config_.max_on) {
    const auto used = is_on && now > on_from_ ? fmt::format(", and is on already") : std::string();
    return Refusal{"max_on", fmt::format("{} may be on for at most {} at a time{}", config_.id,
                                         format_duration(config_.max_on), used)};
  }
  if (end < (known() == true ? since_ : now) + config_.min_on)
    return Refusal{"min_on", fmt::format("{} stays on for at least {}, longer than {}", config_.id,
                                         format_duration(config_.min_on), format_duration(lasting))};
  return std::nullopt;
}

Refusal Guard::blocked(const Interlocks::Blocker& blocker) const {
  return {"interlock", fmt::format("{} may not be on together with {}, {}", config_.id, blocker.id,
                                   blocker.state == OutputState::on ? "which is on" : "whose state is not known")};
}

/// The end of min_off.
SteadyTime Guard::on_again_at(SteadyTime now) const {
  if (!in_flight_.empty()) return now + config_.min_off;
  return (kept_off_ && !level_ ? *kept_off_ : since_) + config_.min_off;
}

void Guard::posted(std::optional<bool> on, SteadyTime now) {
  if (on == true && !may_be_on()) on_from_ = now;
  if (on == true) kept_off_.reset();
  in_flight_.push_back(on);
  tell();
}

void Guard::reached(bool on, SteadyTime now) {
  if (!in_flight_.empty()) in_flight_.pop_front();
  if (level_ != on) since_ = !level_ && !on && kept_off_ ? *kept_off_ : now;
  level_ = on;
  kept_off_.reset();
  tell();
}

void Guard::failed(SteadyTime now) {
  if (!may_be_on()) on_from_ = now;
  if (!in_flight_.empty()) in_flight_.pop_front();
  if (level_) since_ = now;
  level_.reset();
  tell();
}

void Guard::gave_way(SteadyTime now) {
  const bool no_change = level_ && !in_flight_.empty() && in_flight_.front() == level_;
  if (!no_change) return failed(now);
  in_flight_.pop_front();
  tell();
}

std::optional<SteadyTime> Guard::latest_off() const {
  if (config_.max_on.count() == 0 || !may_be_on()) return std::nullopt;
  return on_from_ + config_.max_on;
}

bool Guard::may_be_on() const {
  return level_ != false || std::find(in_flight_.begin(), in_flight_.end(), true) != in_flight_.end();
}

void Guard::tell() {
  auto state = OutputState::unknown;
  if (!may_be_on()) {
    state = OutputState::off;
  } else if (heading() == false) {
    state = OutputState::leaving;
  } else if (heading() == true) {
    state = OutputState::on;
  }
  interlocks_.set(index_, state);
}

}  // namespace b2m
