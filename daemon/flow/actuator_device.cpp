#include "daemon/flow/actuator_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/flow/clock.hpp"
#include "daemon/flow/kept_state.hpp"
#include "daemon/flow/target.hpp"
#include "daemon/log/log.hpp"

namespace b2m {
namespace {

using std::chrono::seconds;

// The exit state gets this much of the stop; then what moves is stopped where it is.

std::string kept_key(const std::string& id) { return "actuator/" + id; }

/// For people and logs: "ON", "40 %".
std::string words(const ActuatorState& state, const OutputSpec& output) {
  if (const auto* number = std::get_if<double>(&state)) return fmt::format("{} {}", *number, output.unit);
  if (const auto* text = std::get_if<std::string>(&state)) return fmt::format("\"{}\"", shown(*text));
  return std::get<bool>(state) ? "ON" : "OFF";
}

}  // namespace

ActuatorDevice::ActuatorDevice(EventLoop& loop, ActuatorConfig config, Bus& bus, std::shared_ptr<Board> board,
                               std::unique_ptr<Actuator> actuator, KeptValues& kept, Interlocks& interlocks,
                               const ActuatorSink& sink)
    : loop_(loop),
      config_(std::move(config)),
      kept_(kept),
      interlocks_(interlocks),
      place_(interlocks.index_of(config_.id)),
      sink_(sink),
      hardware_(std::make_shared<ActuatorHardware>(ActuatorHardware{std::move(board), std::move(actuator)})),
      bus_(bus),
      plan_(config_, interlocks),
      backoff_(seconds(1), seconds(60)),
      timer_(loop_, [this] { on_timer(); }) {
  plan_.begin(find_kept(), SteadyClock::now());
  interlocks_.on_change(place_, [this] {
    plan_.partner_changed();
    rearm();
  });
}

ActuatorDevice::~ActuatorDevice() { interlocks_.on_change(place_, {}); }

std::optional<ActuatorPlan::Kept> ActuatorDevice::find_kept() const {
  const auto text = kept_.find(kept_key(config_.id));
  if (!text) return std::nullopt;
  auto kept = from_kept_text(*text, config_.output().kind);
  if (!kept) return std::nullopt;  // of another kind of output that had this name
  const auto now = this_moment();
  return ActuatorPlan::Kept{std::move(kept->state),
                            now.monotonic - std::chrono::duration_cast<SteadyClock::duration>(age(*kept, now))};
}

void ActuatorDevice::start() { init(); }

void ActuatorDevice::init() {
  auto start = plan_.start(SteadyClock::now());
  refuse(start.refused);
  const auto taken = [this, wanted = start.state](const ActuatorJob::Outcome& outcome) { taken_hold(wanted, outcome); };
  if (post(ActuatorJob::Task::take_hold, with_idle_text(std::move(start.state)), taken)) return;
  plan_.failed(SteadyClock::now());
  lose({Errc::bus_stuck, bus_.name()});
}

void ActuatorDevice::taken_hold(const std::optional<ActuatorState>& wanted, const ActuatorJob::Outcome& outcome) {
  if (!outcome) {
    plan_.failed(SteadyClock::now());
    return stopped_ ? void() : lose(outcome.error());
  }
  if (last_error_) log::notice({.device = config_.id, .message_id = log::id_device_recovered}, "can be driven again");
  last_error_.reset();
  backoff_.reset();
  device_state_ = DeviceState::ready;
  cause_ = Source::start;
  const auto state = is_text() ? wanted.value_or(std::string()) : **outcome;
  take(state);  // before it is told: whoever hears that it is there may command it at once
  sink_.availability(config_, true);
  sink_.reached(config_, state);
}

/// False when the bus takes nothing now; `finished` is then not called.
bool ActuatorDevice::post(ActuatorJob::Task task, std::optional<ActuatorState> state, ActuatorJob::Finished finished) {
  auto job = std::make_shared<ActuatorJob>(hardware_, last_turn_ + 1, task, std::move(state),
                                           [this, finished = std::move(finished)](const auto& outcome) {
                                             --under_way_;
                                             finished(outcome);
                                             refresh();
                                             end_if_idle();
                                           });
  if (!bus_.post(std::move(job), Worker::Lane::command)) {
    refreshed_ = !is_text();
    return false;
  }
  ++last_turn_;
  ++under_way_;
  return true;
}

void ActuatorDevice::on_timer() {
  if (stopped_) return halt();
  if (device_state_ != DeviceState::ready) return init();
  carry_out(plan_.on_time(SteadyClock::now()));
}

void ActuatorDevice::rearm() {
  if (device_state_ != DeviceState::ready || stopped_) return;
  if (const auto due = plan_.due()) {
    timer_.arm(std::max(*due, SteadyClock::now()));
  } else {
    timer_.cancel();
  }
}

void ActuatorDevice::stop(std::function<void()> done) {
  stopped_ = true;
  timer_.cancel();
  when_stopped_ = std::move(done);
  auto steps = plan_.leave(SteadyClock::now(), stopping(config_.id));
  refuse(steps.refused);
  if (steps.drive) {
    drive(*steps.drive);
    timer_.arm_after(exit_patience);
  } else {
    halt();
  }
  end_if_idle();
}

void ActuatorDevice::show(std::string text) {
  if (text == idle_text_) return;
  idle_text_ = std::move(text);
  refreshed_ = false;
  refresh();
}

/// An empty text stands for the idle text, which is then as new as it can be.
std::optional<ActuatorState> ActuatorDevice::with_idle_text(std::optional<ActuatorState> state) {
  if (!is_text() || (state && is_on(*state))) return state;
  refreshed_ = true;
  return idle_text_;
}

/// Shows a new idle text where nobody has commanded another one. It takes no command's place: it waits for its end.
void ActuatorDevice::refresh() {
  if (refreshed_ || stopped_ || device_state_ != DeviceState::ready || under_way_ != 0) return;
  if (!state_ || is_on(*state_)) return;
  const auto shown = [this](const ActuatorJob::Outcome& outcome) {
    if (!outcome && outcome.error().code != Errc::cancelled) lose(outcome.error());
  };
  refreshed_ = post(ActuatorJob::Task::drive, idle_text_, shown);
}

/// What is still on its way, if anything is, is given up.
void ActuatorDevice::halt() {
  if (under_way_ == 0) return;
  const bool posted = post(ActuatorJob::Task::halt, std::nullopt, [this](const ActuatorJob::Outcome& outcome) {
    if (outcome && *outcome) return reached(**outcome);
    if (!outcome) log::warning({.device = config_.id}, "does not stop: {}", to_string(outcome.error()));
  });
  if (!posted && when_stopped_) std::exchange(when_stopped_, {})();  // a bus that hangs is not waited for
}

void ActuatorDevice::end_if_idle() {
  if (!stopped_ || under_way_ != 0 || !when_stopped_) return;
  timer_.cancel();
  std::exchange(when_stopped_, {})();
}

void ActuatorDevice::release() {
  stopped_ = true;
  timer_.cancel();
  auto steps = plan_.leave(SteadyClock::now(), reloading(config_.id));
  refuse(steps.refused);
  let_go(steps.drive ? std::optional(std::move(steps.drive->state)) : std::nullopt);
}

std::optional<ActuatorDevice::Inheritance> ActuatorDevice::hand_over() {
  stopped_ = true;
  timer_.cancel();
  const bool held = device_state_ == DeviceState::ready;
  auto handover = plan_.hand_over(reloading(config_.id));
  refuse(handover.refused);
  let_go({});
  return held ? std::optional(Inheritance{std::move(handover.revert)}) : std::nullopt;
}

/// A bus that takes nothing lets go when what is under way on it has ended.
void ActuatorDevice::let_go(std::optional<ActuatorState> last) {
  bus_.bus().post(std::make_shared<ActuatorRelease>(hardware_, config_.id, std::move(last)), Worker::Lane::command);
  while (!waiting_.empty()) answer(waiting_.begin()->first, {.refusal = reloading(config_.id)});
}

void ActuatorDevice::broker(bool connected) {
  plan_.broker(connected, SteadyClock::now());
  rearm();
}

void ActuatorDevice::command(const Command& command, Source source, Answer answer) {
  auto why = unavailable();
  auto state = resolve(command.target, config_.output(), plan_.newest(), config_.id);
  if (!why && !state) why = std::move(state).error();
  if (!why && command.duration && is_text() && !is_on(*state))
    why = Refusal{"unsupported", fmt::format("{} shows text; an empty one has no opposite to follow", config_.id)};
  if (why) return answer({.id = command.id, .refusal = std::move(why)});
  const auto ticket = ++last_ticket_;
  waiting_.emplace(ticket, Waiting{command.id, std::move(answer)});
  carry_out(plan_.wish({std::move(*state), source, command.duration, ticket}, SteadyClock::now()));
}

void ActuatorDevice::carry_out(ActuatorPlan::Steps steps) {
  refuse(steps.refused);
  if (steps.drive) drive(*steps.drive);
  rearm();
}

/// Posts a state to the worker.
void ActuatorDevice::drive(const Switching& what) {
  const auto finished = [this, what](const ActuatorJob::Outcome& outcome) { driven(what, outcome); };
  auto state = what.source == Source::exit ? what.state : with_idle_text(what.state);
  if (post(ActuatorJob::Task::drive, std::move(state), finished)) return refuse(plan_.posted(what, SteadyClock::now()));
  if (what.ticket != 0)
    answer(what.ticket, {.refusal = bus_.stuck() ? Refusal{"bus_stuck", fmt::format("{} hangs", bus_.name())}
                                                 : Refusal{"busy", "too many commands are on their way already"}});
  // Nobody would ask again for what a limit wants.
  if (what.source != Source::command && what.source != Source::rule) lose({Errc::bus_stuck, bus_.name()});
}

void ActuatorDevice::driven(const Switching& what, const ActuatorJob::Outcome& outcome) {
  if (!outcome && outcome.error().code == Errc::cancelled) return given_up(what);
  if (!outcome) {
    const auto& error = outcome.error();
    plan_.failed(SteadyClock::now());
    lose(error);
    return answer(what.ticket, {.refusal = Refusal{std::string(name(error.code)), to_string(error)}});
  }
  const auto& state = is_text() ? what.state : outcome->value();
  if (what.source != Source::command && what.source != Source::rule)
    log::notice({.device = config_.id}, "{} by {}", words(state, config_.output()), name(what.source));
  cause_ = what.source;
  reached(state);
  answer(what.ticket, {.state = state});
}

/// A state that was under way and gave way to a newer one.
void ActuatorDevice::given_up(const Switching& what) {
  plan_.gave_way(SteadyClock::now());
  answer(what.ticket,
         {.refusal = stopped_ ? stopping(config_.id)
                              : Refusal{"superseded", "a newer command took its place while it was under way"}});
}

void ActuatorDevice::refuse(const std::vector<ActuatorPlan::Refused>& refused) {
  for (const auto& [what, why] : refused) {
    if (what.ticket != 0) {
      answer(what.ticket, {.refusal = why});
    } else if (!stopped_) {
      log::warning({.device = config_.id, .error = why.error}, "not {} by {}: {}", words(what.state, config_.output()),
                   name(what.source), why.message);
    }
  }
}

void ActuatorDevice::answer(std::uint64_t ticket, Outcome outcome) {
  auto waiting = waiting_.extract(ticket);
  if (waiting.empty()) return;
  outcome.id = std::move(waiting.mapped().id);
  waiting.mapped().answer(outcome);
}

/// Why nothing can be carried out now, if so.
std::optional<Refusal> ActuatorDevice::unavailable() const {
  if (bus_.stuck()) return Refusal{"bus_stuck", fmt::format("{} hangs", bus_.name())};
  if (device_state_ == DeviceState::ready) return std::nullopt;
  return Refusal{"unavailable", fmt::format("{} cannot be driven now: {}", config_.id,
                                            last_error_ ? to_string(*last_error_) : "it is starting")};
}

void ActuatorDevice::reached(const ActuatorState& state) {
  take(state);
  sink_.reached(config_, state);
}

void ActuatorDevice::take(const ActuatorState& state) {
  const auto before = plan_.kept();
  plan_.reached(state, SteadyClock::now());
  if (plan_.kept() != before) {
    const auto now = this_moment();
    kept_.keep(kept_key(config_.id), to_kept_text({state, now.wall, now.synchronised}));
  }
  state_ = state;
  rearm();
}

void ActuatorDevice::lose(const Error& error) {
  if (last_error_ != error)
    log::warning(
        {.device = config_.id, .bus = bus_.name(), .error = name(error.code), .message_id = log::id_device_failed},
        "cannot be driven: {}", to_string(error));
  last_error_ = error;
  // Also of one that was never reached: an earlier process may have left its "online" with the broker.
  const bool is_news = std::exchange(device_state_, DeviceState::absent) != DeviceState::absent;
  if (is_news) sink_.availability(config_, false);
  refuse(plan_.lost());
  if (!stopped_) timer_.arm_after(backoff_.next(0));
}

}  // namespace b2m
