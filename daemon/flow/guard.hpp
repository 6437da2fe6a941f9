// What protects an output: how long it may be on, how long it must be on or off, and what it may not be on with.
#pragma once

#include <deque>
#include <optional>
#include <variant>

#include "daemon/config/model.hpp"
#include "daemon/flow/command.hpp"
#include "daemon/flow/interlocks.hpp"

namespace b2m {

/// Do it now.
struct Go {};
/// Ask again then; without a time, when a partner has changed.
struct Wait {
  std::optional<SteadyTime> until = {};
};
using Verdict = std::variant<Go, Wait, Refusal>;

/// The limits of one actuator, and what is known of its output: jobs on their way to the hardware count as the worse of
/// before and after. min_on and min_off count from when a state was confirmed, max_on from when it may have begun.
/// Pure: time comes in. Loop only.
class Guard {
 public:
  /// The state that an earlier process has left, and since when.
  struct Kept {
    bool on;
    SteadyTime since;
  };

  /// `config` and `interlocks`, where it has its row, outlive it.
  Guard(const ActuatorConfig& config, Interlocks& interlocks);

  /// Nothing is known of the output but what was kept.
  void begin(std::optional<Kept> kept, SteadyTime now);

  /// Whether the output may be switched now. `lasting`: until the opposite follows. Refusals: interlock, max_on,
  /// min_on, min_off.
  [[nodiscard]] Verdict ask(bool on, std::optional<std::chrono::nanoseconds> lasting, Source source,
                            SteadyTime now) const;

  /// A job is on its way to the hardware: to drive a state, or to find out (none).
  void posted(std::optional<bool> on, SteadyTime now);
  /// The oldest job on its way has come back.
  void reached(bool on, SteadyTime now);
  void failed(SteadyTime now);
  /// The oldest job on its way was given up for a newer one: the output is somewhere between before and after.
  void gave_way(SteadyTime now);
  /// The output is switched on by the start itself: it has not been on since what was kept.
  void forget_kept_on(SteadyTime now) { on_from_ = now; }

  /// When the output must be switched off at the latest, if it may be on.
  [[nodiscard]] std::optional<SteadyTime> latest_off() const;
  /// Confirmed, with nothing on its way.
  [[nodiscard]] std::optional<bool> known() const { return in_flight_.empty() ? level_ : std::nullopt; }
  /// What the newest job will make of it; none when nobody knows.
  [[nodiscard]] std::optional<bool> heading() const { return in_flight_.empty() ? level_ : in_flight_.back(); }
  /// Whether it is on together with a partner that is on, which only a state that was found can bring about.
  [[nodiscard]] bool conflict() const { return level_ == true && interlocks_.partner_is_on(index_); }

 private:
  [[nodiscard]] Verdict ask_on(std::optional<std::chrono::nanoseconds> lasting, Source source, SteadyTime now) const;
  [[nodiscard]] Verdict ask_off(std::optional<std::chrono::nanoseconds> lasting, Source source, SteadyTime now) const;
  [[nodiscard]] std::optional<Refusal> too_long_or_short(std::chrono::nanoseconds lasting, SteadyTime now) const;
  [[nodiscard]] Refusal blocked(const Interlocks::Blocker& blocker) const;
  [[nodiscard]] SteadyTime on_again_at(SteadyTime now) const;
  [[nodiscard]] bool may_be_on() const;
  void tell();

  const ActuatorConfig& config_;
  Interlocks& interlocks_;
  std::size_t index_;
  std::optional<bool> level_;                  ///< confirmed; none: unknown
  std::deque<std::optional<bool>> in_flight_;  ///< what each job on its way drives, oldest first
  SteadyTime since_{};                         ///< level_ was confirmed; or became unknown
  SteadyTime on_from_{};                       ///< it may be on since then
  std::optional<SteadyTime> kept_off_;         ///< until something is driven, it is off since then
};

}  // namespace b2m
