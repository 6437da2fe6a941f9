#include "drivers/api/quantity.hpp"

#include <array>
#include <cstddef>

namespace b2m {
namespace {

using Q = Quantity;
constexpr std::string_view measured = "measurement";
constexpr std::string_view total = "total_increasing";
constexpr double degrees_per_radian = 57.29577951308232;

// Device and state classes: Home Assistant, developers.home-assistant.io "Sensor entity". Units of the last column: the
// IANA registry "SenML Units" (RFC 8428, 12.1; RFC 8798, 2), which has none for 1/m³ and rad/s, and dBm not among those
// that need no announcement.
// clang-format off
constexpr std::array table = {
    //           quantity                 key                      unit     scale  dec  plausible (SI)      device class  state   SenML
    QuantityInfo{Q::temperature, "temperature", "°C", 1, 2, {-55, 125}, "temperature", measured, "Cel"},
    QuantityInfo{Q::relative_humidity, "relative_humidity", "%", 1, 2, {0, 100}, "humidity", measured, "%RH"},
    QuantityInfo{Q::absolute_humidity, "absolute_humidity", "g/m³", 1e3, 2, {0, 0.1}, "absolute_humidity", measured, "kg/m3"},
    QuantityInfo{Q::atmospheric_pressure, "atmospheric_pressure", "hPa", 1e-2, 2, {30e3, 110e3}, "atmospheric_pressure", measured, "Pa"},
    QuantityInfo{Q::pressure, "pressure", "hPa", 1e-2, 2, {-1e6, 1e7}, "pressure", measured, "Pa"},
    QuantityInfo{Q::illuminance, "illuminance", "lx", 1, 2, {0, 200e3}, "illuminance", measured, "lx"},
    QuantityInfo{Q::irradiance, "irradiance", "W/m²", 1, 2, {0, 2000}, "irradiance", measured, "W/m2"},
    QuantityInfo{Q::uv_index, "uv_index", "", 1, 2, {0, 20}, "", measured, ""},
    QuantityInfo{Q::color_temperature, "color_temperature", "K", 1, 0, {1000, 20000}, "", measured, "K"},
    QuantityInfo{Q::voltage, "voltage", "V", 1, 6, {-1000, 1000}, "voltage", measured, "V"},
    QuantityInfo{Q::current, "current", "A", 1, 6, {-500, 500}, "current", measured, "A"},
    QuantityInfo{Q::power, "power", "W", 1, 4, {-100e3, 100e3}, "power", measured, "W"},
    QuantityInfo{Q::energy, "energy", "Wh", 1.0 / 3600, 3, {0, 1e12}, "energy", total, "J"},
    QuantityInfo{Q::power_factor, "power_factor", "", 1, 3, {-1, 1}, "power_factor", measured, "/"},
    QuantityInfo{Q::frequency, "frequency", "Hz", 1, 3, {0, 1e9}, "frequency", measured, "Hz"},
    QuantityInfo{Q::resistance, "resistance", "Ω", 1, 2, {0, 1e9}, "", measured, "Ohm"},
    QuantityInfo{Q::conductivity, "conductivity", "S/m", 1, 6, {0, 100}, "", measured, "S/m"},
    QuantityInfo{Q::co2, "co2", "ppm", 1e6, 1, {0, 0.1}, "carbon_dioxide", measured, "/"},
    QuantityInfo{Q::tvoc, "tvoc", "ppb", 1e9, 1, {0, 1e-4}, "volatile_organic_compounds_parts", measured, "/"},
    QuantityInfo{Q::gas_concentration, "gas_concentration", "ppm", 1e6, 2, {0, 1}, "", measured, "/"},
    QuantityInfo{Q::pm1, "pm1", "µg/m³", 1e9, 1, {0, 1e-3}, "pm1", measured, "kg/m3"},
    QuantityInfo{Q::pm2_5, "pm2_5", "µg/m³", 1e9, 1, {0, 1e-3}, "pm25", measured, "kg/m3"},
    QuantityInfo{Q::pm4, "pm4", "µg/m³", 1e9, 1, {0, 1e-3}, "", measured, "kg/m3"},
    QuantityInfo{Q::pm10, "pm10", "µg/m³", 1e9, 1, {0, 1e-3}, "pm10", measured, "kg/m3"},
    QuantityInfo{Q::particle_count, "particle_count", "1/cm³", 1e-6, 2, {0, 1e10}, "", measured, ""},
    QuantityInfo{Q::air_quality_index, "air_quality_index", "", 1, 0, {0, 500}, "aqi", measured, ""},
    QuantityInfo{Q::distance, "distance", "m", 1, 4, {0, 1000}, "distance", measured, "m"},
    QuantityInfo{Q::mass, "mass", "g", 1e3, 2, {-1000, 1000}, "weight", measured, "kg"},
    QuantityInfo{Q::speed, "speed", "m/s", 1, 2, {0, 120}, "speed", measured, "m/s"},
    QuantityInfo{Q::wind_speed, "wind_speed", "m/s", 1, 2, {0, 60}, "wind_speed", measured, "m/s"},
    QuantityInfo{Q::precipitation, "precipitation", "mm", 1e3, 2, {0, 10}, "precipitation", total, "m"},
    QuantityInfo{Q::precipitation_intensity, "precipitation_intensity", "mm/h", 3.6e6, 2, {0, 1e-4}, "precipitation_intensity", measured, "m/s"},
    QuantityInfo{Q::flow_rate, "flow_rate", "L/min", 60e3, 3, {0, 1}, "volume_flow_rate", measured, "m3/s"},
    QuantityInfo{Q::volume, "volume", "L", 1e3, 3, {0, 1e6}, "volume", total, "m3"},
    QuantityInfo{Q::acceleration, "acceleration", "m/s²", 1, 4, {-200, 200}, "", measured, "m/s2"},
    QuantityInfo{Q::angular_velocity, "angular_velocity", "°/s", degrees_per_radian, 3, {-70, 70}, "", measured, ""},
    QuantityInfo{Q::magnetic_flux_density, "magnetic_flux_density", "µT", 1e6, 3, {-5e-3, 5e-3}, "", measured, "T"},
    QuantityInfo{Q::angle, "angle", "°", degrees_per_radian, 2, {-7, 7}, "", measured, "rad"},
    QuantityInfo{Q::rotation_speed, "rotation_speed", "RPM", 60, 0, {0, 2000}, "", measured, "1/s"},
    QuantityInfo{Q::moisture, "moisture", "%", 100, 1, {0, 1}, "moisture", measured, "/"},
    QuantityInfo{Q::ph, "ph", "", 1, 2, {0, 14}, "ph", measured, "pH"},
    QuantityInfo{Q::ratio, "ratio", "%", 100, 2, {0, 1}, "", measured, "/"},
    QuantityInfo{Q::duration, "duration", "s", 1, 3, {0, 1e10}, "duration", measured, "s"},
    QuantityInfo{Q::data_size, "data_size", "B", 1, 0, {0, 1e15}, "data_size", measured, "B"},
    QuantityInfo{Q::signal_strength, "signal_strength", "dBm", 1, 0, {-150, 50}, "signal_strength", measured, "dBW"},
    QuantityInfo{Q::state, "state", "", 1, 0, {0, 1}, "", "", ""},
    QuantityInfo{Q::count, "count", "", 1, 3, {-1e15, 1e15}, "", measured, "count"},
};
// clang-format on

constexpr bool in_order() {
  for (std::size_t i = 0; i < table.size(); ++i)
    if (static_cast<std::size_t>(table[i].quantity) != i) return false;
  return table.back().quantity == Q::count;
}
static_assert(in_order(), "one row for each quantity, in the order of the enumeration");

}  // namespace

const QuantityInfo& info(Quantity quantity) noexcept { return table[static_cast<std::size_t>(quantity)]; }
std::span<const QuantityInfo> all_quantities() noexcept { return table; }

}  // namespace b2m
