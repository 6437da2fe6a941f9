#include "daemon/flow/interlocks.hpp"

#include <algorithm>
#include <array>

namespace b2m {

void Interlocks::change(std::span<const ActuatorConfig> actuators) {
  for (auto& row : rows_) {
    row.partners.clear();
    const bool stays =
        std::any_of(actuators.begin(), actuators.end(), [&](const auto& actuator) { return actuator.id == row.id; });
    if (!stays) row = {};
  }
  for (const auto& actuator : actuators) row_of(actuator.id).id = actuator.id;
  for (const auto& actuator : actuators) {
    const auto own = index_of(actuator.id);
    for (const auto& partner : actuator.interlock) {
      const auto other = index_of(partner);
      rows_[own].partners.push_back(other);
      rows_[other].partners.push_back(own);
    }
  }
  for (const auto& row : rows_)
    if (row.listener) row.listener();
}

/// The actuator's, or a free one.
Interlocks::Row& Interlocks::row_of(const std::string& id) {
  for (const auto& wanted : {id, std::string()}) {
    const auto at = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.id == wanted; });
    if (at != rows_.end()) return *at;
  }
  return rows_.emplace_back();
}

std::size_t Interlocks::index_of(std::string_view id) const {
  const auto at = std::find_if(rows_.begin(), rows_.end(), [&](const Row& row) { return row.id == id; });
  return static_cast<std::size_t>(at - rows_.begin());
}

void Interlocks::set(std::size_t index, OutputState state) {
  auto& row = rows_.at(index);
  if (row.state == state) return;
  row.state = state;
  for (const auto partner : row.partners)
    if (rows_[partner].listener) rows_[partner].listener();
}

std::optional<Interlocks::Blocker> Interlocks::blocker(std::size_t index) const {
  for (const auto state : {OutputState::on, OutputState::unknown, OutputState::leaving})
    for (const auto partner : rows_.at(index).partners)
      if (rows_[partner].state == state) return Blocker{rows_[partner].id, state};
  return std::nullopt;
}

bool Interlocks::partner_is_on(std::size_t index) const {
  const auto& partners = rows_.at(index).partners;
  return std::any_of(partners.begin(), partners.end(),
                     [&](std::size_t partner) { return rows_[partner].state == OutputState::on; });
}

}  // namespace b2m
