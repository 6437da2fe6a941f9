// The life of an actuator: its hardware on a worker, its state on the loop, and the answer to each command.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "daemon/config/model.hpp"
#include "daemon/flow/actuator_job.hpp"
#include "daemon/flow/actuator_plan.hpp"
#include "daemon/flow/bus.hpp"
#include "daemon/flow/commanded.hpp"
#include "daemon/flow/kept_values.hpp"
#include "daemon/loop/backoff.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// What is to be driven is its ActuatorPlan's business; here it is driven, and what becomes of it is told. Loop only.
class ActuatorDevice final : public Commanded {
 public:
  /// `bus`, `kept`, `interlocks`, which has a row of it, and `sink` outlive the device.
  ActuatorDevice(EventLoop& loop, ActuatorConfig config, Bus& bus, std::shared_ptr<Board> board,
                 std::unique_ptr<Actuator> actuator, KeptValues& kept, Interlocks& interlocks,
                 const ActuatorSink& sink);
  ~ActuatorDevice() override;
  ActuatorDevice(const ActuatorDevice&) = delete;
  ActuatorDevice& operator=(const ActuatorDevice&) = delete;

  /// Takes hold of the hardware with the configured initial state; while that fails, tries again for ever, more and
  /// more slowly.
  void start() override;
  /// Drives the configured exit state, if there is one, and gives up what is under way. `done` is called once, when
  /// nothing is on its way any more; a movement to the exit state that takes longer than half a second ends where it
  /// is.
  void stop(std::function<void()> done) override;
  void release() override;
  /// Another device takes its place at the same output: lets go as release() does, but leaves the output as it is.
  struct Inheritance {
    std::optional<ActuatorPlan::Revert> revert;  ///< the end of a `for` that is under way
  };
  /// None when it did not hold the hardware.
  std::optional<Inheritance> hand_over();
  /// Before start(): the output is taken as it is.
  void inherit(Inheritance from) { plan_.continue_from(std::move(from.revert)); }
  void command(const Command& command, Source source, Answer answer) override;
  void broker(bool connected) override;
  /// What an output of text shows while no text is commanded.
  void show(std::string text);

  [[nodiscard]] const ActuatorConfig& config() const noexcept override { return config_; }
  [[nodiscard]] DeviceState device_state() const noexcept override { return device_state_; }
  [[nodiscard]] const std::optional<ActuatorState>& state() const noexcept override { return state_; }
  [[nodiscard]] const std::optional<Error>& last_error() const noexcept override { return last_error_; }
  [[nodiscard]] Source cause() const noexcept override { return cause_; }

 private:
  struct Waiting {
    std::string id;
    Answer answer;
  };

  void init();
  void taken_hold(const std::optional<ActuatorState>& wanted, const ActuatorJob::Outcome& outcome);
  bool post(ActuatorJob::Task task, std::optional<ActuatorState> state, ActuatorJob::Finished finished);
  void refresh();
  [[nodiscard]] bool is_text() const { return config_.output().kind == ActuatorKind::text; }
  [[nodiscard]] std::optional<ActuatorState> with_idle_text(std::optional<ActuatorState> state);
  void halt();
  void end_if_idle();
  void on_timer();
  void rearm();
  void carry_out(ActuatorPlan::Steps steps);
  void drive(const Switching& what);
  void driven(const Switching& what, const ActuatorJob::Outcome& outcome);
  void given_up(const Switching& what);
  void refuse(const std::vector<ActuatorPlan::Refused>& refused);
  void let_go(std::optional<ActuatorState> last);
  void answer(std::uint64_t ticket, Outcome outcome);
  void reached(const ActuatorState& state);
  void take(const ActuatorState& state);
  void lose(const Error& error);
  [[nodiscard]] std::optional<Refusal> unavailable() const;
  [[nodiscard]] std::optional<ActuatorPlan::Kept> find_kept() const;

  EventLoop& loop_;
  const ActuatorConfig config_;
  KeptValues& kept_;
  Interlocks& interlocks_;
  std::size_t place_;  ///< in the interlocks
  const ActuatorSink& sink_;
  std::shared_ptr<ActuatorHardware> hardware_;  ///< what the worker uses
  BusMember bus_;
  ActuatorPlan plan_;
  Backoff backoff_;
  Timer timer_;  ///< of the plan while the hardware is there, of the next attempt while it is not

  DeviceState device_state_ = DeviceState::starting;
  bool stopped_ = false;
  std::function<void()> when_stopped_;
  std::uint64_t last_turn_ = 0;  ///< of the newest job
  std::size_t under_way_ = 0;    ///< jobs that have not come back
  std::optional<ActuatorState> state_;
  std::string idle_text_;  ///< of an output of text
  bool refreshed_ = true;  ///< it is shown, or on its way, where nothing else is
  Source cause_ = Source::start;
  std::optional<Error> last_error_;
  std::map<std::uint64_t, Waiting> waiting_;  ///< for an outcome, by ticket
  std::uint64_t last_ticket_ = 0;
};

}  // namespace b2m
