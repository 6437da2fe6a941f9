// The rules at work: readings, events and time in, commands out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/flow/rule.hpp"
#include "daemon/loop/backoff.hpp"

namespace b2m {

/// What a condition is now. `waiting`: it could not be told yet since the start.
enum class Truth : std::uint8_t { no, yes, unknown, waiting };

/// Now, on both clocks. The time of day is local; none while the clock has never been set.
struct RuleTime {
  SteadyTime steady;
  std::optional<std::chrono::minutes> of_day = {};
};

/// What a rule has last done: "then", "else", or "undecided" before its condition could be told.
enum class RuleBranch : std::uint8_t { undecided, then, otherwise };
[[nodiscard]] std::string_view name(RuleBranch branch) noexcept;

/// A rule acts when its condition becomes true, and when it becomes false; in between, what others command stands.
/// While its condition is `waiting` it does nothing. Pure: time comes in. Loop only.
class Rules {
 public:
  using Branch = RuleBranch;

  /// Something to be done. `why` is for people: "climate.temperature 31.2 above 30". `rule` is the number of the rule:
  /// its place in the first configuration; one that came with a later configuration has a number of its own.
  struct Firing {
    std::size_t rule;
    Branch branch;
    std::size_t action;  ///< of that branch
    std::string why;
  };
  struct Status {
    Branch branch = Branch::undecided;
    std::string why = {};
    std::uint64_t fired = 0;  ///< how often it has acted
  };

  explicit Rules(std::vector<RuleConfig> rules) { change(std::move(rules)); }

  /// Follows these rules from now on. A rule that says the same as one before, whatever it is called, goes on where
  /// that one is: its holds, what it decided last, its attempts.
  void change(std::vector<RuleConfig> rules);
  /// What was told of a source that is gone, or made anew, is worth nothing.
  void forget(std::string_view source);

  /// A number in published units (1 and 0 for states), or why there is none. `expire_after` 0: it stays valid until its
  /// sensor is offline.
  void reading(const std::string& source, const std::string& channel, const Result<double>& value,
               std::chrono::nanoseconds expire_after, SteadyTime now);
  void online(const std::string& source, bool online);

  /// What follows from what has been told, at `now`. An event is over when the call returns.
  std::vector<Firing> update(const RuleTime& now);
  std::vector<Firing> happened(const std::string& source, const std::string& event, const RuleTime& now);
  /// An action could not be carried out: it comes again, more and more slowly, for as long as its rule says the same.
  /// With `unavailable`, the actuator is not there, or not yet: then also as soon as it is.
  void failed(const Firing& firing, SteadyTime now, bool unavailable = false);
  /// It is too early for an action: it comes when an actuator tells something. False after an event, whose moment will
  /// have passed.
  bool postpone(const Firing& firing);
  /// An actuator has told that it is there or not, or its state: what waits for it is due, and what is postponed.
  void told(std::string_view actuator, SteadyTime now);

  /// When time alone may bring something, other than a time of day.
  [[nodiscard]] std::optional<SteadyTime> next_due() const noexcept { return next_due_; }
  [[nodiscard]] const std::vector<RuleConfig>& rules() const noexcept { return rules_; }
  [[nodiscard]] const Status& status(std::size_t rule) const { return live_.at(rule).status; }
  /// The rule that a firing is of; null when it is followed no more.
  [[nodiscard]] const RuleConfig* find(const Firing& firing) const;
  /// Of a rule that is followed.
  [[nodiscard]] const RuleAction& action(const Firing& firing) const;

 private:
  struct Input {
    std::optional<double> value = {};  ///< the last good one
    SteadyTime time{};
    std::chrono::nanoseconds expire_after{0};
    std::string error = {};  ///< of the last reading
  };
  struct Origin {
    std::optional<bool> online = {};
    std::map<std::string, Input> channels = {};
  };
  /// What a condition has to remember.
  struct Memory {
    bool held = false;                     ///< a threshold was passed and the way back not gone yet
    std::optional<SteadyTime> since = {};  ///< it is so since then
    std::vector<Memory> parts = {};
  };
  struct Told {
    Truth truth;
    std::string why = {};
  };
  struct Retry {
    Firing firing;
    std::optional<SteadyTime> at;  ///< none: when an actuator tells something
    bool unavailable = false;
  };
  struct Live {
    std::size_t number = 0;  ///< never given twice
    Memory memory;
    Status status;
    Backoff backoff;
    std::vector<Retry> retries = {};
  };
  struct Event {
    const std::string& source;
    const std::string& name;
  };

  std::vector<Firing> decide(const RuleTime& now, const Event* event);
  void decide(std::size_t rule, const Told& told, std::vector<Firing>& firings);
  void take_retries(Live& live, SteadyTime now, std::vector<Firing>& firings);
  Told tell(const Condition& condition, Memory& memory, const RuleTime& now, const Event* event);
  Told tell_plain(const Condition& condition, Memory& memory, const RuleTime& now, const Event* event);
  Told tell_number(const Condition& condition, Memory& memory, SteadyTime now);
  Told tell_state(const Condition& condition, SteadyTime now);
  Told tell_stale(const Condition& condition, SteadyTime now);
  Told tell_time(const Condition& condition, const RuleTime& now) const;
  Told tell_parts(const Condition& condition, Memory& memory, const RuleTime& now, const Event* event);
  Told tell_input(const std::string& source, const std::string& channel, SteadyTime now, double& value);
  Truth tell_last(const Condition& condition, Memory& memory, Truth truth, SteadyTime now);
  void consider(SteadyTime due);
  [[nodiscard]] std::optional<std::size_t> index_of(const Firing& firing) const;

  std::vector<RuleConfig> rules_;
  std::vector<Live> live_;
  std::map<std::string, Origin, std::less<>> origins_;
  std::size_t next_number_ = 0;
  std::optional<SteadyTime> next_due_;
};

}  // namespace b2m
