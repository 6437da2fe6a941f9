// The one road of commands: whoever gives one, MQTT, D-Bus, the command line or a rule, gives it here.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "daemon/flow/command.hpp"
#include "daemon/flow/command_ids.hpp"
#include "daemon/flow/commanded.hpp"
#include "daemon/flow/reading.hpp"

namespace b2m {

/// Commands the actuators of one configuration. Every command is answered, exactly once. Loop only.
class Commander {
 public:
  using Answer = std::function<void(const Outcome&)>;

  /// `actuators` outlive it.
  explicit Commander(const std::vector<std::unique_ptr<Commanded>>& actuators);

  /// `index` counts the configured actuators.
  void command(std::size_t index, const Command& command, Source source, Answer answer);
  /// What was asked for is no command; `outcome` says why, and is the answer unless its id has been answered before.
  void refuse(std::size_t index, const Outcome& outcome, const Answer& answer);
  /// None where there is no such actuator.
  [[nodiscard]] std::optional<std::size_t> find(std::string_view id) const;
  [[nodiscard]] const Commanded& actuator(std::size_t index) const { return *actuators_.at(index); }

  /// The broker was reached or lost, which `on_broker_lost` counts from.
  void broker(bool connected);

 private:
  const std::vector<std::unique_ptr<Commanded>>& actuators_;
  std::deque<CommandIds> ids_;  ///< of each actuator
};

/// Why a command is too old for `max_age`, or of an age that cannot be told; none without a limit, and for a command
/// that does not say when it was given. Errors: too_old, invalid_time, age_unknown. Pure.
[[nodiscard]] std::optional<Refusal> too_old(const Command& command, std::chrono::nanoseconds max_age,
                                             const Moment& now);

}  // namespace b2m
