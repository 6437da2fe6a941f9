// Which actuators may not be on together, and which of them may be on now.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/config/model.hpp"

namespace b2m {

/// What is known of an output. `leaving` is on and being switched off.
enum class OutputState : std::uint8_t { off, leaving, on, unknown };

/// `interlock` of every actuator, in both directions: who is named may not be on with who names. An actuator is unknown
/// until it is told. The place of an actuator stays the same for as long as it is configured. Pure. Loop only.
class Interlocks {
 public:
  struct Blocker {
    std::string id;
    OutputState state;  ///< not off
  };

  explicit Interlocks(std::span<const ActuatorConfig> actuators) { change(actuators); }

  /// Of these actuators from now on. What is known of those that stay is kept; tells every listener.
  void change(std::span<const ActuatorConfig> actuators);

  /// The place of an actuator here. It must be there.
  [[nodiscard]] std::size_t index_of(std::string_view id) const;
  /// Tells the partners' listeners when it is a change.
  void set(std::size_t index, OutputState state);
  /// The partner that is in the way most: on, then unknown, then leaving. None when all are off.
  [[nodiscard]] std::optional<Blocker> blocker(std::size_t index) const;
  /// Whether a partner is known to be on.
  [[nodiscard]] bool partner_is_on(std::size_t index) const;
  /// Called when a partner has changed.
  void on_change(std::size_t index, std::function<void()> listener) { rows_.at(index).listener = std::move(listener); }

 private:
  struct Row {
    std::string id = {};  ///< empty: free
    std::vector<std::size_t> partners = {};
    OutputState state = OutputState::unknown;
    std::function<void()> listener = {};
  };
  Row& row_of(const std::string& id);

  std::vector<Row> rows_;
};

}  // namespace b2m
