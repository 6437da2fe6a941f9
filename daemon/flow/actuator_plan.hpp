// What an actuator is to do and when: the newest wish, what waits for its time, and what follows from it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "daemon/flow/guard.hpp"

namespace b2m {

/// A state that an output is to have. `ticket` names who waits for the outcome; 0 for nobody.
struct Switching {
  ActuatorState state;
  Source source = Source::command;
  std::optional<std::chrono::nanoseconds> lasting = {};  ///< then the opposite
  std::uint64_t ticket = 0;
};

/// Everything that switches an output goes through here, and through its Guard: commands, rules, the end of a `for`,
/// the loss of the broker, the start and the exit. At most one wish waits for its time; a newer one takes its place.
/// The owner drives what it is given, tells what became of it, and calls on_time() when it is due. Pure: time comes in.
/// Loop only.
class ActuatorPlan {
 public:
  struct Refused {
    Switching what;
    Refusal why;
  };
  /// What follows: at most one state to drive, and wishes that will not be carried out.
  struct Steps {
    std::optional<Switching> drive = {};
    std::vector<Refused> refused = {};
  };
  struct Kept {
    ActuatorState state;
    SteadyTime since;
    friend bool operator==(const Kept&, const Kept&) = default;
  };
  /// How to take hold of the hardware.
  struct Start {
    std::optional<ActuatorState> state;  ///< driven together with taking hold; none: the output stays as it is found
    std::vector<Refused> refused = {};
  };

  /// Both outlive it.
  ActuatorPlan(const ActuatorConfig& config, Interlocks& interlocks) : config_(config), guard_(config, interlocks) {}

  /// To be called first. `kept`: what an earlier process has left.
  void begin(std::optional<Kept> kept, SteadyTime now);
  /// The owner posts a job that takes hold of the hardware, at the start and after each loss.
  Start start(SteadyTime now);

  Steps wish(Switching wish, SteadyTime now);
  /// At or after due(); to be called again while due() is not later than `now`.
  Steps on_time(SteadyTime now);
  /// Ends the plan: what waits is refused, and the exit state is driven, unless its guard forbids it.
  Steps leave(SteadyTime now);

  /// The state to drive has been posted to the hardware; what it takes the place of is refused.
  std::vector<Refused> posted(const Switching& what, SteadyTime now);
  /// The oldest job on its way has come back with the state that now stands.
  void reached(const ActuatorState& state, SteadyTime now);
  void failed(SteadyTime now);
  /// The oldest job on its way was given up for a newer one.
  void gave_way(SteadyTime now);
  /// The hardware is gone: nothing is due until it is reached again.
  std::vector<Refused> lost();

  void broker(bool connected, SteadyTime now);
  void partner_changed() noexcept { ask_again_ = waiting_.has_value(); }

  /// When on_time() has something to do. In the past: at once.
  [[nodiscard]] std::optional<SteadyTime> due() const;
  /// The newest state that was wished for or found, which TOGGLE counts from.
  [[nodiscard]] const std::optional<ActuatorState>& newest() const noexcept { return newest_; }
  /// The state that stands and since when, for the next process.
  [[nodiscard]] const std::optional<Kept>& kept() const noexcept { return kept_; }
  [[nodiscard]] const std::optional<Switching>& waiting() const noexcept { return waiting_; }

 private:
  struct Revert {
    ActuatorState state;
    SteadyTime at;
  };
  Steps settle(Switching wish, SteadyTime now);
  void take_waiting(std::vector<Refused>& refused, std::string_view error, std::string_view message);
  [[nodiscard]] std::optional<ActuatorState> initial_state() const;
  [[nodiscard]] ActuatorState opposite(const ActuatorState& state) const;
  [[nodiscard]] bool must_go_off(SteadyTime now) const;

  const ActuatorConfig& config_;
  Guard guard_;
  bool ready_ = false;      ///< the hardware has been reached since the last loss
  bool seen_ = false;       ///< it has been reached at all
  bool ask_again_ = false;  ///< a partner has changed
  bool leaving_ = false;
  std::optional<ActuatorState> newest_;
  std::optional<Kept> kept_;
  std::optional<Switching> waiting_;
  std::optional<SteadyTime> ask_at_;  ///< about what waits; none: when a partner has changed
  std::optional<Revert> revert_;
  std::optional<SteadyTime> broker_lost_at_;  ///< when on_broker_lost takes effect
};

}  // namespace b2m
