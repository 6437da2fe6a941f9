// What the simulated board's kernel shows: thermal zones, /proc, hwmon, IIO and 1-Wire devices, all moving.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "daemon/sim/motion.hpp"
#include "daemon/sim/simulated_files.hpp"

namespace b2m {

/// The DS18B20 that every simulated board has.
inline constexpr std::string_view simulated_one_wire_id = "28-00000a013d97";

/// Fills `files` with the kernel's attributes of a board: two thermal zones, load, memory, uptime, one hwmon, one IIO
/// and one 1-Wire device. `model` is the device tree's name of it. The uptime goes on from the clock's present. Any
/// thread.
void add_system_files(SimulatedFiles& files, const SimulationClock& clock, std::string_view model);

/// Devices of the kernel's classes, unless one of that name is there. Any thread.
void add_thermal_zone(SimulatedFiles& files, const SimulationClock& clock, const std::string& type);
void add_hwmon_device(SimulatedFiles& files, const SimulationClock& clock, const std::string& name);
void add_iio_device(SimulatedFiles& files, const SimulationClock& clock, const std::string& name);
void add_one_wire_thermometer(SimulatedFiles& files, const SimulationClock& clock, const std::string& id);

/// The text of a w1_slave attribute (kernel document w1_therm.rst) for a DS18B20 at 12 bits. Pure.
[[nodiscard]] std::string w1_slave_text(double celsius);

}  // namespace b2m
