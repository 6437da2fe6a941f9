// Commands that carry an id are carried out once.
#pragma once

#include <algorithm>
#include <cstddef>
#include <deque>
#include <optional>
#include <string_view>

#include "daemon/flow/command.hpp"

namespace b2m {

/// Remembers the outcomes of the newest commands that had an id. Pure.
class AnsweredIds {
 public:
  static constexpr std::size_t remembered = 256;

  /// The first outcome of a command with this id; none for an empty id.
  [[nodiscard]] std::optional<Outcome> find(std::string_view id) const {
    if (id.empty()) return std::nullopt;
    const auto at = std::find_if(outcomes_.begin(), outcomes_.end(), [&](const auto& known) { return known.id == id; });
    return at == outcomes_.end() ? std::nullopt : std::optional(*at);
  }
  void remember(const Outcome& outcome) {
    if (outcome.id.empty()) return;
    outcomes_.push_back(outcome);
    if (outcomes_.size() > remembered) outcomes_.pop_front();
  }

 private:
  std::deque<Outcome> outcomes_;
};

}  // namespace b2m
