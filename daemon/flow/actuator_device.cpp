#include "daemon/flow/actuator_device.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "daemon/log/log.hpp"

namespace b2m {
namespace {

using std::chrono::seconds;

constexpr std::size_t remembered_ids = 256;
constexpr int most_repeats = 100;  // of a preparation

std::optional<ActuatorState> initial_state(InitialState initial) {
  switch (initial) {
    case InitialState::off: return false;
    case InitialState::on: return true;
    case InitialState::keep: break;
  }
  return std::nullopt;
}

}  // namespace

/// What the worker needs; lives on when the device is gone while an action hangs.
struct ActuatorDevice::Shared {
  std::shared_ptr<Board> board;
  std::unique_ptr<Actuator> actuator;
};

/// One action of the actuator: taking hold, or driving a state.
class ActuatorDevice::ActionJob final : public BusJob {
 public:
  ActionJob(std::shared_ptr<Shared> shared, bool init, std::optional<ActuatorState> target, std::weak_ptr<bool> alive,
            Finished finished)
      : shared_(std::move(shared)),
        init_(init),
        target_(std::move(target)),
        alive_(std::move(alive)),
        finished_(std::move(finished)) {}

 private:
  std::optional<std::chrono::microseconds> work() override try {
    if (init_ && !prepared_) {
      if (const auto pause = prepare()) return pause;
      if (!prepared_) return std::nullopt;
    }
    result_ = init_ ? shared_->actuator->init(target_) : shared_->actuator->apply(*target_);
    return std::nullopt;
  } catch (const std::exception& mistake) {
    result_ = b2m::fail(Errc::io, mistake.what());
    return std::nullopt;
  }
  void finish() override {
    if (!alive_.expired()) finished_(std::move(result_));
  }

  /// A pause, or none when the part is prepared or cannot be.
  std::optional<std::chrono::microseconds> prepare() {
    const auto progress = shared_->actuator->prepare();
    if (!progress || ++repeats_ > most_repeats) {
      result_ = tl::unexpected(progress ? Error{Errc::timeout, "the start did not end"} : progress.error());
      return std::nullopt;
    }
    prepared_ = !progress->again();
    const bool at_once = prepared_ && progress->pause().count() == 0;
    return at_once ? std::nullopt : std::optional(progress->pause());
  }

  std::shared_ptr<Shared> shared_;
  bool init_;
  std::optional<ActuatorState> target_;
  std::weak_ptr<bool> alive_;
  Finished finished_;
  bool prepared_ = false;
  int repeats_ = 0;
  Result<ActuatorState> result_ = b2m::fail(Errc::cancelled);
};

ActuatorDevice::ActuatorDevice(EventLoop& loop, const ActuatorConfig& config, Bus& bus, std::shared_ptr<Board> board,
                               std::unique_ptr<Actuator> actuator, const ActuatorSink& sink)
    : loop_(loop),
      config_(config),
      bus_(bus),
      sink_(sink),
      shared_(std::make_shared<Shared>(Shared{std::move(board), std::move(actuator)})),
      alive_(std::make_shared<bool>(true)),
      backoff_(seconds(1), seconds(60)),
      retry_timer_(loop_, [this] { init(); }),
      revert_timer_(loop_, [this] { drive(revert_to_, {}); }) {}

ActuatorDevice::~ActuatorDevice() = default;

void ActuatorDevice::start() { init(); }

void ActuatorDevice::init() {
  auto job = std::make_shared<ActionJob>(
      shared_, true, initial_state(config_.initial), alive_, [this](Result<ActuatorState> result) {
        if (!result) return lose(result.error());
        if (last_error_)
          log::notice({.device = config_.id, .message_id = log::id_device_recovered}, "can be driven again");
        last_error_.reset();
        backoff_.reset();
        device_state_ = DeviceState::ready;
        sink_.availability(config_, true);
        reached(*result);
      });
  if (!bus_.post(std::move(job), Worker::Lane::command)) lose({Errc::bus_stuck, bus_.name()});
}

void ActuatorDevice::stop(std::function<void()> done) {
  retry_timer_.cancel();
  revert_timer_.cancel();
  if (config_.on_exit == ExitState::keep || device_state_ != DeviceState::ready) return done();
  drive(config_.on_exit == ExitState::on, [done](const Result<ActuatorState>&) { done(); });
}

/// Applies `target` on the worker. `finished` may be empty; what was reached is told in any case.
void ActuatorDevice::drive(ActuatorState target, Finished finished) {
  wanted_ = target;
  auto job = std::make_shared<ActionJob>(shared_, false, std::move(target), alive_,
                                         [this, finished](Result<ActuatorState> result) {
                                           if (result) {
                                             reached(*result);
                                           } else {
                                             lose(result.error());
                                           }
                                           if (finished) finished(std::move(result));
                                         });
  if (!bus_.post(std::move(job), Worker::Lane::command)) {
    const Error error{Errc::bus_stuck, bus_.name()};
    if (finished) finished(tl::unexpected(error));
  }
}

void ActuatorDevice::command(const Command& command, Answer answer) {
  if (!command.id.empty()) {
    const auto before = std::find_if(answered_.begin(), answered_.end(),
                                     [&](const Outcome& outcome) { return outcome.id == command.id; });
    if (before != answered_.end()) return answer(*before);
  }
  if (auto why = refusal(command)) {
    const Outcome outcome{.id = command.id, .refusal = std::move(why)};
    remember(outcome);
    return answer(outcome);
  }
  carry_out(command, answer);
}

void ActuatorDevice::carry_out(const Command& command, const Answer& answer) {
  revert_timer_.cancel();
  const auto target = resolve(command.target);
  drive(target, [this, id = command.id, answer](const Result<ActuatorState>& result) {
    Outcome outcome{.id = id};
    if (result) {
      outcome.state = *result;
    } else {
      outcome.refusal = Refusal{std::string(name(result.error().code)), to_string(result.error())};
    }
    remember(outcome);
    answer(outcome);
  });
  if (command.duration) {
    revert_to_ = !std::get<bool>(target);
    revert_timer_.arm_after(*command.duration);
  }
}

/// Why the command cannot be carried out now, if so. For outputs that are on or off.
std::optional<Refusal> ActuatorDevice::refusal(const Command& command) const {
  if (std::holds_alternative<double>(command.target) || std::holds_alternative<std::string>(command.target))
    return Refusal{"unsupported", fmt::format("{} is switched on or off and takes no other value", config_.id)};
  if (device_state_ != DeviceState::ready)
    return Refusal{"unavailable", fmt::format("{} cannot be driven now: {}", config_.id,
                                              last_error_ ? to_string(*last_error_) : "it is starting")};
  if (bus_.stuck()) return Refusal{"bus_stuck", fmt::format("{} hangs", bus_.name())};
  return std::nullopt;
}

ActuatorState ActuatorDevice::resolve(const Target& target) const {
  if (const auto* on = std::get_if<bool>(&target)) return *on;
  const auto* now = wanted_ ? std::get_if<bool>(&*wanted_) : nullptr;
  return now == nullptr || !*now;
}

void ActuatorDevice::remember(const Outcome& outcome) {
  if (outcome.id.empty()) return;
  answered_.push_back(outcome);
  if (answered_.size() > remembered_ids) answered_.pop_front();
}

void ActuatorDevice::reached(const ActuatorState& state) {
  state_ = state;
  if (!wanted_) wanted_ = state;
  sink_.reached(config_, state);
}

void ActuatorDevice::lose(const Error& error) {
  if (last_error_ != error)
    log::warning(
        {.device = config_.id, .bus = bus_.name(), .error = name(error.code), .message_id = log::id_device_failed},
        "cannot be driven: {}", to_string(error));
  last_error_ = error;
  if (device_state_ == DeviceState::ready) sink_.availability(config_, false);
  device_state_ = DeviceState::absent;
  retry_timer_.arm_after(backoff_.next(0));
}

}  // namespace b2m
