#include "daemon/config/clashes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/config/topic_rules.hpp"

namespace b2m {

void Clashes::claim_address(const ObjectReader& device, const std::string& bus, std::int64_t address) {
  const auto [holder, is_free] = addresses_.emplace(std::pair(bus, address), device.pointer());
  if (!is_free) device.error("address", fmt::format("{} has 0x{:02x} on {} already", holder->second, address, bus));
}

void Clashes::claim_place(const ObjectReader& device, std::string_view key, const std::string& place) {
  const auto [holder, is_free] = places_.emplace(place, device.pointer());
  if (!is_free) device.error(key, fmt::format("{} has {} already", holder->second, place));
}

void Clashes::claim_line(const ObjectReader& device, std::string_view key, const LineId& line) {
  const auto holder =
      std::find_if(lines_.begin(), lines_.end(), [&](const auto& entry) { return entry.first == line; });
  if (holder != lines_.end()) device.error(key, fmt::format("{} has this line already", holder->second));
  lines_.emplace_back(line, device.pointer());
}

void Clashes::claim_commands(const ObjectReader& device, const std::string& filter) {
  if (filter.empty()) return;
  const auto holder = std::find_if(commands_.begin(), commands_.end(),
                                   [&](const auto& entry) { return filters_overlap(entry.first, filter); });
  if (holder != commands_.end())
    device.error("command_topic",
                 fmt::format("{} is commanded by {} already", holder->second, in_quotes(holder->first)));
  commands_.emplace_back(filter, device.pointer());
}

}  // namespace b2m
