#include "daemon/flow/interlocks.hpp"

#include <algorithm>
#include <array>

namespace b2m {

Interlocks::Interlocks(std::span<const ActuatorConfig> actuators) {
  for (const auto& actuator : actuators) rows_.push_back({.id = actuator.id});
  for (std::size_t i = 0; i < actuators.size(); ++i) {
    for (const auto& partner : actuators[i].interlock) {
      const auto other = index_of(partner);
      rows_[i].partners.push_back(other);
      rows_[other].partners.push_back(i);
    }
  }
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
