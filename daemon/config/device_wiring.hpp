// Where a device is wired: bus and address, chip select, port, lines.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "daemon/config/bus_pins.hpp"
#include "daemon/config/clashes.hpp"
#include "daemon/config/load_context.hpp"

namespace b2m {

/// Reads the places of one device after the other into its configuration, in the one spelling that each has, enters the
/// expanders that their lines need, and reports whoever wants what another has. Lives during one load().
class WiringReader {
 public:
  WiringReader(LoadContext& context, Config& config, Clashes& clashes)
      : context_(context), config_(config), clashes_(clashes) {}

  /// The options of `device` have been read.
  void read(const ObjectReader& reader, DeviceConfig& device);
  /// Once all devices have been read.
  void warn_of_bus_pins() const;

 private:
  void read_bus(const ObjectReader& reader, DeviceConfig& device);
  void read_address(const ObjectReader& reader, DeviceConfig& device);
  void read_place(const ObjectReader& reader, DeviceConfig& device);
  void claim_chip(const ObjectReader& reader, const DeviceConfig& device, std::int64_t address);
  void claim_output(const ObjectReader& reader, const DeviceConfig& device);
  void read_line(const ObjectReader& reader, DeviceConfig& device, std::string_view key);
  void read_expander_line(const ObjectReader& reader, DeviceConfig& device, std::string_view key);
  void read_interrupt(const ObjectReader& reader, const DeviceConfig& device, ExpanderConfig& expander);

  LoadContext& context_;
  Config& config_;
  Clashes& clashes_;
  BusPins bus_pins_;
  std::vector<LineId> interrupt_lines_;
};

}  // namespace b2m
