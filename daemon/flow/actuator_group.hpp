// Several actuators as one: a command goes to each of them, and what they are together is told like any state.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "daemon/flow/commanded.hpp"

namespace b2m {

/// Has no hardware and no limits of its own: the guards of its members hold. Loop only.
class ActuatorGroup final : public Commanded {
 public:
  using Give = std::function<void(const std::string& actuator, const Command&, Source, Answer)>;

  /// The members and `sink` outlive it. `give` is the road of commands.
  ActuatorGroup(ActuatorConfig config, std::vector<const Commanded*> members, Give give, const ActuatorSink& sink);

  void start() override { look(Source::start); }
  void stop(std::function<void()> done) override { done(); }
  void release() override;
  void command(const Command& command, Source source, Answer answer) override;
  void broker(bool /*connected*/) override {}
  /// A member has told its state, or that it is there or gone.
  void member_changed(const Commanded& member) { look(member.cause()); }

  [[nodiscard]] const ActuatorConfig& config() const override { return config_; }
  /// Ready while one of its members is.
  [[nodiscard]] DeviceState device_state() const override;
  [[nodiscard]] bool is_starting() const override;
  [[nodiscard]] const std::optional<ActuatorState>& state() const override { return state_; }
  [[nodiscard]] const std::optional<Error>& last_error() const override;
  [[nodiscard]] Source cause() const override { return cause_; }

 private:
  struct Round;
  void look(Source cause);
  void member_answered(Round& round, const std::string& member, const Outcome& outcome);
  void finish(const Round& round) const;
  [[nodiscard]] std::optional<ActuatorState> combined() const;
  [[nodiscard]] bool counts_more(const ActuatorState& a, const ActuatorState& b) const;

  const ActuatorConfig config_;
  std::vector<const Commanded*> members_;
  Give give_;
  const ActuatorSink& sink_;
  std::list<std::shared_ptr<Round>> rounds_;  ///< under way; answers on their way to them hold them weakly
  std::optional<ActuatorState> state_;
  std::optional<bool> online_;  ///< as told last
  Source cause_ = Source::start;
};

}  // namespace b2m
