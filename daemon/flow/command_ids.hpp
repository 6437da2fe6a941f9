// Commands that carry an id are carried out once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "daemon/flow/command.hpp"

namespace b2m {

/// Remembers the outcomes of the newest commands that had an id, and who else waits for one that is not there yet.
/// Pure. Loop only.
class CommandIds {
 public:
  using Answer = std::function<void(const Outcome&)>;
  static constexpr std::size_t remembered = 256;
  static constexpr std::size_t most_waiting = 64;  ///< repetitions of one command that is still under way

  /// False when the id is new, and from now on known. Otherwise the first outcome is the answer, now or when it is
  /// there.
  bool repeats(const std::string& id, const Answer& answer) {
    const auto at = std::find_if(outcomes_.begin(), outcomes_.end(), [&](const auto& known) { return known.id == id; });
    if (at != outcomes_.end()) return answer(*at), true;
    const auto [pending, is_new] = pending_.try_emplace(id);
    if (is_new) return false;
    if (pending->second.size() < most_waiting) {
      pending->second.push_back(answer);
    } else {
      answer({.id = id, .refusal = Refusal{"busy", "the same command is still under way"}});
    }
    return true;
  }

  /// The outcome of a command whose id was new.
  void settle(const Outcome& outcome) {
    outcomes_.push_back(outcome);
    if (outcomes_.size() > remembered) outcomes_.pop_front();
    const auto pending = pending_.extract(outcome.id);
    if (pending.empty()) return;
    for (const auto& answer : pending.mapped()) answer(outcome);
  }

 private:
  std::deque<Outcome> outcomes_;
  std::map<std::string, std::vector<Answer>> pending_;
};

}  // namespace b2m
