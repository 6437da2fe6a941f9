#include "daemon/config/clashes.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "daemon/config/topic_rules.hpp"

namespace b2m {

/// Whether both are heard by one who calls an address on `a`: on one bus, or the one behind a multiplexer of the
/// other's.
static bool meet(const I2cBusName& a, const I2cBusName& b) {
  return a.adapter == b.adapter && (!a.mux || !b.mux || a.mux == b.mux);
}

void Clashes::claim_address(const ObjectReader& device, std::string_view key, const std::string& bus,
                            std::int64_t address, const std::string& chip) {
  const auto name = parse_i2c_bus(bus);
  if (!name || !claim_mux(device, *name) || clashes_with_mux(device, key, *name, address)) return;
  const auto rival = std::find_if(addresses_.begin(), addresses_.end(), [&](const Address& other) {
    const bool shared = !chip.empty() && chip == other.chip && *name == other.bus;
    return other.address == address && meet(*name, other.bus) && !shared;
  });
  if (rival != addresses_.end())
    return device.error(key, fmt::format("{} has 0x{:02x} on {} already", rival->holder, address, rival->bus.text()));
  addresses_.push_back({*name, address, device.pointer(), chip});
}

/// The multiplexer in front of `bus` answers on its adapter, and to everybody behind it.
bool Clashes::claim_mux(const ObjectReader& device, const I2cBusName& bus) {
  if (!bus.mux) return true;
  const std::int64_t mux = bus.mux->address;
  const auto rival = std::find_if(addresses_.begin(), addresses_.end(), [&](const Address& other) {
    return other.bus.adapter == bus.adapter && other.address == mux;
  });
  if (rival != addresses_.end()) {
    device.error("bus", fmt::format("{} has 0x{:02x} on {}: there cannot be a multiplexer", rival->holder, mux,
                                    rival->bus.text()));
    return false;
  }
  muxes_.push_back({bus.adapter, mux, device.pointer()});
  return true;
}

bool Clashes::clashes_with_mux(const ObjectReader& device, std::string_view key, const I2cBusName& bus,
                               std::int64_t address) {
  const auto mux = std::find_if(muxes_.begin(), muxes_.end(), [&](const Mux& other) {
    return other.adapter == bus.adapter && other.address == address;
  });
  if (mux == muxes_.end()) return false;
  device.error(key,
               fmt::format("0x{:02x} on {} is the multiplexer that {} is behind", address, bus.adapter, mux->holder));
  return true;
}

void Clashes::claim_agreement(const ObjectReader& device, std::string_view key, const std::string& place) {
  for (const auto& [name, value] : device.options().all()) {
    if (name != key) continue;
    const auto [first, is_first] =
        agreements_.emplace(std::pair(place, std::string(key)), std::pair(value, device.pointer()));
    if (!is_first && first->second.first != value)
      device.error(key, fmt::format("{} says otherwise for the same chip, {}", first->second.second, place),
                   "write the same for both");
  }
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
