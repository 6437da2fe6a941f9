// Thermometers behind the kernel's 1-Wire core: what their files say, and what in them is no measurement. Linux,
// Documentation/w1/slaves/w1_therm.rst; Maxim DS18B20 19-7487 rev. 6, MAX31850 19-6201.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "drivers/api/channel.hpp"
#include "drivers/api/files.hpp"
#include "drivers/api/result.hpp"

namespace b2m::w1 {

inline constexpr std::string_view root = "/sys/bus/w1/devices";

/// What the chips can output; a thermocouple converter (MAX31850) more.
inline constexpr Range thermometer_range{-55, 125};
inline constexpr Range thermocouple_range{-270, 1800};
/// Of a thermometer's id, "28-00000a013d97".
[[nodiscard]] Range range_of(std::string_view id) noexcept;

/// The names of everything on all 1-Wire buses, masters too. Error: gone, with the way out, when there is no bus.
[[nodiscard]] Result<std::vector<std::string>> list(AttributeFiles& files);
/// Those among the names that are thermometers.
[[nodiscard]] std::vector<std::string> thermometers(const std::vector<std::string>& names);

/// °C. Reads `w1_slave` with its checksum, `temperature` where a kernel offers only that. Takes the time of a
/// conversion, 750 ms at 12 bits, unless one is there from a bulk conversion. Errors: not_ready for the values that a
/// chip has before a conversion, checksum, gone, io. Worker only.
[[nodiscard]] Result<double> read_celsius(AttributeFiles& files, std::string_view id);

}  // namespace b2m::w1
