#include "tests/fuzz/limited_outputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "daemon/flow/target.hpp"
#include "drivers/engine/font_5x8.hpp"
#include "drivers/engine/text_grid.hpp"

namespace b2m::fuzz {
namespace {

using namespace std::chrono_literals;

constexpr OutputSpec percent{.kind = ActuatorKind::range, .range = {0, 100}, .unit = "%"};
constexpr OutputSpec steps{.kind = ActuatorKind::range, .range = {-100, 4000}, .unit = "steps"};
constexpr OutputSpec text{.kind = ActuatorKind::text};

ActuatorConfig make(const char* id, OutputSpec output) {
  ActuatorConfig config;
  config.id = id;
  config.command_topic = fmt::format("base/{}/set", id);
  config.own_output = output;
  return config;
}

std::vector<ActuatorConfig> make_configs() {
  auto up = make("up", {});
  up.interlock = {"down"};
  up.max_on = 20s;
  up.min_off = 1s;
  auto down = make("down", {});
  down.max_on = 10s;
  down.min_on = 500ms;
  auto lamp = make("lamp", percent);
  lamp.max_on = 1h;
  lamp.command_topic = "$share/group/+/lamp/#";
  auto shutter = make("shutter", steps);
  shutter.max_on = 30min;
  auto pair = make("pair", percent);
  pair.members = {"lamp", "spot"};
  auto house = make("house", {});
  house.members = {"down", "lamp", "shutter"};
  house.group_state = GroupState::all;
  return {up, down, lamp, make("spot", percent), shutter, make("panel", text), pair, house};
}

/// What takes its time gets there later.
std::chrono::nanoseconds way_of(const ActuatorConfig& config) {
  if (config.id == "shutter") return 3s;
  return config.id == "panel" ? 40ms : 0ms;
}

bool is_group(const ActuatorConfig& config) { return !config.members.empty(); }

}  // namespace

void require(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

LimitedOutput::LimitedOutput(const ActuatorConfig& config, Interlocks& interlocks, std::chrono::nanoseconds way,
                             SteadyTime& now)
    : config_(config), plan_(config, interlocks), way_(way), now_(now) {
  interlocks.on_change(interlocks.index_of(config.id), [this] { plan_.partner_changed(); });
}

void LimitedOutput::start() {
  plan_.begin(std::nullopt, now_);
  const auto begun = plan_.start(now_);
  require(begun.state.has_value(), "it starts with no state");
  state_ = begun.state;
  plan_.reached(*state_, now_);
}

void LimitedOutput::stop(std::function<void()> done) {
  follow(plan_.leave(now_, {"stopping", "the gateway stops"}));
  if (auto last = std::exchange(journey_, {})) {
    plan_.gave_way(now_);
    answer(last->what.ticket, {.refusal = Refusal{"stopping", "the gateway stops"}});
  }
  require(open_.empty(), "a command without a result");
  done();
}

void LimitedOutput::command(const Command& command, Source source, Answer answer) {
  const auto state = resolve(command.target, config_.output(), plan_.newest(), config_.id);
  std::optional<Refusal> why;
  if (!state) why = state.error();
  if (state) require(fits(*state), "a state that it does not take is driven");
  if (state && command.duration && config_.output().kind == ActuatorKind::text && !is_on(*state))
    why = Refusal{"unsupported", "an empty text has no opposite to follow"};
  if (why) return answer({.id = command.id, .refusal = std::move(why)});
  const auto ticket = ++tickets_;
  open_.emplace(ticket, std::pair(command.id, std::move(answer)));
  follow(plan_.wish({*state, source, command.duration, ticket}, now_));
}

bool LimitedOutput::fits(const ActuatorState& state) const {
  const auto& output = config_.output();
  if (const auto* number = std::get_if<double>(&state))
    return output.kind == ActuatorKind::range && std::isfinite(*number) && output.range.contains(*number);
  return std::holds_alternative<std::string>(state) == (output.kind == ActuatorKind::text) &&
         output.kind != ActuatorKind::range;
}

void LimitedOutput::follow(const ActuatorPlan::Steps& steps) {
  for (const auto& refused : steps.refused) answer(refused.what.ticket, {.refusal = refused.why});
  if (steps.drive) drive(*steps.drive);
}

void LimitedOutput::drive(const Switching& what) {
  require(fits(what.state), "a state that it does not take follows from another");
  for (const auto& refused : plan_.posted(what, now_)) answer(refused.what.ticket, {.refusal = refused.why});
  if (auto older = std::exchange(journey_, Journey{what, now_ + way_})) {
    plan_.gave_way(now_);
    answer(older->what.ticket, {.refusal = Refusal{"superseded", "a newer one took its place"}});
  }
  if (const bool on = is_on(what.state); on != on_) changed_ = now_, on_ = on;
  if (way_ == 0ns) arrive();
}

void LimitedOutput::arrive() {
  const auto what = std::exchange(journey_, {})->what;
  state_ = what.state;
  plan_.reached(what.state, now_);
  listener_();
  answer(what.ticket, {.state = what.state});
}

void LimitedOutput::answer(std::uint64_t ticket, Outcome outcome) {
  if (ticket == 0) return;
  auto waiting = open_.extract(ticket);
  require(!waiting.empty(), "a second result");
  outcome.id = std::move(waiting.mapped().first);
  waiting.mapped().second(outcome);
}

std::optional<SteadyTime> LimitedOutput::due() const {
  auto next = plan_.due();
  if (journey_ && (!next || journey_->arrival < *next)) next = journey_->arrival;
  return next;
}

void LimitedOutput::on_time() {
  if (journey_ && journey_->arrival <= now_) arrive();
  if (const auto next = plan_.due(); next && *next <= now_) follow(plan_.on_time(now_));
}

void LimitedOutput::check() const {
  require(!on_ || config_.max_on == 0ns || now_ - changed_ <= config_.max_on, "on for longer than max_on");
  const auto* shown = std::get_if<std::string>(&*state_);
  if (shown == nullptr) return;
  for (const auto& [columns, rows] : {std::pair(16, 2), std::pair(21, 8)})
    for (const auto cell : lay_out(*shown, static_cast<std::size_t>(columns), static_cast<std::size_t>(rows)).cells)
      require(find_glyph(cell) != nullptr, "a character that no display has");
}

LimitedOutputs::LimitedOutputs() : configs_(make_configs()), interlocks_(configs_) {
  sink_.reached = [](const ActuatorConfig&, const ActuatorState&) {};
  sink_.availability = [](const ActuatorConfig&, bool) {};
  const auto give = [this](const std::string& id, const Command& command, Source source, Commanded::Answer answer) {
    find(id).command(command, source, std::move(answer));
  };
  for (const auto& config : configs_) {
    if (!is_group(config)) {
      all_.push_back(&outputs_.emplace_back(config, interlocks_, way_of(config), now_));
      continue;
    }
    std::vector<const Commanded*> members;
    for (const auto& id : config.members) members.push_back(&find(id));
    all_.push_back(&groups_.emplace_back(config, std::move(members), give, sink_));
  }
  for (auto& output : outputs_)
    output.on_reached([&] {
      for (auto& group : groups_) group.member_changed(output);
      require(!(outputs_[0].on() && outputs_[1].on()), "two of an interlock are on");
    });
  for (auto* each : all_) each->start();
}

Commanded& LimitedOutputs::find(const std::string& id) const {
  const auto at = std::find_if(all_.begin(), all_.end(), [&](const auto* each) { return each->config().id == id; });
  require(at != all_.end(), "a command for nobody");
  return **at;
}

void LimitedOutputs::command(std::size_t index, const Command& command) {
  ++commands_;
  all_.at(index)->command(
      command, Source::command, [this, id = command.id, done = false](const Outcome& outcome) mutable {
        require(!std::exchange(done, true), "a second result");
        require(outcome.id == id, "a result of another command");
        require(outcome.state || (outcome.refusal && !outcome.refusal->message.empty()), "a result that says nothing");
        ++results_;
      });
}

void LimitedOutputs::pass(std::chrono::nanoseconds time) {
  const auto until = now_ + time;
  for (int turns = 0;; ++turns) {
    require(turns < 10'000, "time stands still");
    std::optional<SteadyTime> next;
    for (const auto& output : outputs_)
      if (const auto due = output.due(); due && (!next || *due < *next)) next = due;
    if (!next || *next > until) break;
    now_ = std::max(now_, *next);
    for (auto& output : outputs_)
      if (const auto due = output.due(); due && *due <= now_) output.on_time();
    check();
  }
  now_ = until;
  check();
}

void LimitedOutputs::end() {
  for (auto* each : all_) each->stop([] {});
  require(results_ == commands_, "a command without a result");
}

void LimitedOutputs::check() const {
  for (const auto& output : outputs_) output.check();
  const auto number = [&](const char* id) { return std::get<double>(*find(id).state()); };
  const auto on = [&](const char* id) { return is_on(*find(id).state()); };
  require(number("pair") == std::max(number("lamp"), number("spot")), "a group that is not what its members are");
  require(on("house") == (on("down") && on("lamp") && on("shutter")), "a group that is on without a member");
}

}  // namespace b2m::fuzz
