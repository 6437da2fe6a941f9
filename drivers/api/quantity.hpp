// The physical quantities a channel can have, and the one table that says how each is published and named.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace b2m {

/// A closed interval.
struct Range {
  double low;
  double high;
  [[nodiscard]] constexpr bool contains(double value) const noexcept { return value >= low && value <= high; }
  friend constexpr bool operator==(const Range&, const Range&) = default;
};

/// Inside the program a value is in SI units (Pa, m, kg, rad/s, T, J, ratios from 0 to 1), with temperature in °C and
/// relative humidity in %RH as the named exceptions. Display units are applied once, where a message is encoded.
enum class Quantity : std::uint8_t {
  temperature,
  relative_humidity,
  absolute_humidity,
  atmospheric_pressure,
  pressure,
  illuminance,
  irradiance,
  uv_index,
  color_temperature,
  voltage,
  current,
  power,
  energy,
  power_factor,
  frequency,
  resistance,
  conductivity,
  co2,
  tvoc,
  gas_concentration,
  pm1,
  pm2_5,
  pm4,
  pm10,
  particle_count,
  air_quality_index,
  distance,
  mass,
  speed,
  wind_speed,
  precipitation,
  precipitation_intensity,
  flow_rate,
  volume,
  acceleration,
  angular_velocity,
  magnetic_flux_density,
  angle,
  rotation_speed,
  moisture,
  ph,
  ratio,
  duration,
  data_size,
  signal_strength,
  state,
  count,
};

/// One row of the table. `published = SI value × scale`, rounded to `decimals`.
struct QuantityInfo {
  Quantity quantity;
  std::string_view key;           ///< the stable name used in --json output and documentation
  std::string_view unit;          ///< published unit; empty for none
  double scale;                   ///< published units per SI unit
  int decimals;                   ///< digits after the point that are published
  Range plausible;                ///< SI; what simulated values stay within and what a sane world can have
  std::string_view device_class;  ///< Home Assistant's device class; empty for none
  std::string_view state_class;   ///< Home Assistant's state class; empty for none
  std::string_view senml_unit;    ///< of the SI value, as registered for RFC 8428; empty for none. dBW is dBm - 30.
};

/// The row of a quantity. Pure.
[[nodiscard]] const QuantityInfo& info(Quantity quantity) noexcept;

/// Every row, in the order of the enumeration. Pure.
[[nodiscard]] std::span<const QuantityInfo> all_quantities() noexcept;

}  // namespace b2m
