// Several actuators as one: a command goes to each of them, and what they are together is told like any state.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "daemon/flow/commanded.hpp"

namespace b2m {

/// Has no hardware and no limits of its own: the guards of its members hold. Loop only.
class ActuatorGroup final : public Commanded {
 public:
  /// `actuator` counts the configured ones, as Commander does.
  using Give = std::function<void(std::size_t actuator, const Command&, Source, Answer)>;
  struct Member {
    std::size_t actuator;
    const Commanded* device;
  };

  /// `config`, the members' devices and `sink` outlive it. `give` is the road of commands.
  ActuatorGroup(const ActuatorConfig& config, std::vector<Member> members, Give give, const ActuatorSink& sink);

  void start() override {}
  void stop(std::function<void()> done) override { done(); }
  void command(const Command& command, Source source, Answer answer) override;
  void broker(bool /*connected*/) override {}
  /// A member has told its state, or that it is there or gone.
  void member_changed(const Commanded& member);

  [[nodiscard]] const ActuatorConfig& config() const override { return config_; }
  /// Ready while one of its members is.
  [[nodiscard]] DeviceState device_state() const override;
  [[nodiscard]] const std::optional<ActuatorState>& state() const override { return state_; }
  [[nodiscard]] const std::optional<Error>& last_error() const override;
  [[nodiscard]] Source cause() const override { return cause_; }

 private:
  struct Round;
  void finish(const Round& round) const;
  [[nodiscard]] std::optional<ActuatorState> combined() const;
  [[nodiscard]] bool counts_more(const ActuatorState& a, const ActuatorState& b) const;

  const ActuatorConfig& config_;
  std::vector<Member> members_;
  Give give_;
  const ActuatorSink& sink_;
  std::shared_ptr<bool> alive_;  ///< answers on their way hold it weakly
  std::optional<ActuatorState> state_;
  bool online_ = false;  ///< as told last
  Source cause_ = Source::start;
};

}  // namespace b2m
