// Outputs of every kind, with limits, on a clock of their own; what must hold at any time is watched, and throws.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/flow/actuator_group.hpp"
#include "daemon/flow/actuator_plan.hpp"

namespace b2m::fuzz {

/// std::logic_error.
void require(bool holds, const char* what);

/// An output as ActuatorDevice drives it, without loop and worker: what it is told is reached after `way`. A newer
/// state takes the place of one that is under way.
class LimitedOutput final : public Commanded {
 public:
  LimitedOutput(const ActuatorConfig& config, Interlocks& interlocks, std::chrono::nanoseconds way, SteadyTime& now);

  void start() override;
  void stop(std::function<void()> done) override;
  void release() override {}
  void command(const Command& command, Source source, Answer answer) override;
  void broker(bool connected) override { plan_.broker(connected, now_); }

  [[nodiscard]] const ActuatorConfig& config() const override { return config_; }
  [[nodiscard]] DeviceState device_state() const override { return DeviceState::ready; }
  [[nodiscard]] const std::optional<ActuatorState>& state() const override { return state_; }
  [[nodiscard]] const std::optional<Error>& last_error() const override { return no_error_; }
  [[nodiscard]] Source cause() const override { return Source::command; }

  /// Called whenever a state is reached.
  void on_reached(std::function<void()> listener) { listener_ = std::move(listener); }
  /// When it has something to do.
  [[nodiscard]] std::optional<SteadyTime> due() const;
  void on_time();
  /// Driven, or on its way there.
  [[nodiscard]] bool on() const noexcept { return on_; }
  void check() const;

 private:
  struct Journey {
    Switching what;
    SteadyTime arrival;
  };
  void follow(const ActuatorPlan::Steps& steps);
  void drive(const Switching& what);
  void arrive();
  void answer(std::uint64_t ticket, Outcome outcome);
  [[nodiscard]] bool fits(const ActuatorState& state) const;

  const ActuatorConfig& config_;
  ActuatorPlan plan_;
  std::chrono::nanoseconds way_;
  SteadyTime& now_;
  std::optional<ActuatorState> state_;
  std::optional<Error> no_error_;
  std::optional<Journey> journey_;
  std::function<void()> listener_ = [] {};
  bool on_ = false;
  SteadyTime changed_{};
  std::uint64_t tickets_ = 0;
  std::map<std::uint64_t, std::pair<std::string, Answer>> open_;  ///< with the command's id
};

/// Two switches that exclude each other, two dimmers, a stepper, a display, and groups of the alike and of the unlike.
class LimitedOutputs {
 public:
  LimitedOutputs();
  LimitedOutputs(const LimitedOutputs&) = delete;
  LimitedOutputs& operator=(const LimitedOutputs&) = delete;

  [[nodiscard]] const std::vector<ActuatorConfig>& configs() const { return configs_; }
  void command(std::size_t index, const Command& command);
  void pass(std::chrono::nanoseconds time);
  /// Every command has its result by then.
  void end();

 private:
  [[nodiscard]] Commanded& find(const std::string& id) const;
  void check() const;

  SteadyTime now_ = SteadyTime(std::chrono::hours(1));
  const std::vector<ActuatorConfig> configs_;
  Interlocks interlocks_;
  ActuatorSink sink_;
  std::deque<LimitedOutput> outputs_;
  std::deque<ActuatorGroup> groups_;
  std::vector<Commanded*> all_;  ///< as configured
  std::size_t commands_ = 0;
  std::size_t results_ = 0;
};

}  // namespace b2m::fuzz
