// Channels that follow from others of the same sensor: what each needs, and its formula. Values and pure functions.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "drivers/api/driver.hpp"

namespace b2m {

/// In the order of the table; the names are those of the option `derive` and of the channels.
enum class Derivation : std::uint8_t { dew_point, absolute_humidity, heat_index, sea_level_pressure };
inline constexpr std::array<std::string_view, 4> derivation_names{"dew_point", "absolute_humidity", "heat_index",
                                                                  "sea_level_pressure"};

struct DerivationInfo {
  ChannelSpec channel;
  std::span<const Quantity> inputs;  ///< of the first channels of the sensor that measure these
  bool needs_altitude = false;
};
[[nodiscard]] const DerivationInfo& info(Derivation derivation) noexcept;

/// The derivation of that name, which is one of derivation_names.
[[nodiscard]] Derivation derivation_named(std::string_view name) noexcept;

/// `altitude_m` counts where the derivation needs it.
[[nodiscard]] std::unique_ptr<ComputedSensor> make_derivation(Derivation derivation, double altitude_m);

/// Pa over a plane of liquid water; °C from -45 to 60. Magnus' formula with the constants of WMO-No. 8 (CIMO Guide),
/// Annex 4.B, after Sonntag (1990).
[[nodiscard]] double saturation_vapour_pressure(double celsius);

/// °C, over water also below 0 °C; %RH above 0. The formula above, solved for the temperature.
[[nodiscard]] double dew_point(double celsius, double relative_humidity);

/// kg/m³ of vapour in the air: the ideal gas law with 461.5 J/(kg K).
[[nodiscard]] double absolute_humidity(double celsius, double relative_humidity);

/// °C. National Weather Service, Weather Prediction Center, "The Heat Index Equation": Rothfusz (1990) with both
/// adjustments from 26.7 °C on, Steadman's simple formula below. Made for shade and light wind; below 20 °C it says
/// little.
[[nodiscard]] double heat_index(double celsius, double relative_humidity);

/// Pa reduced to sea level by the standard atmosphere of ICAO Doc 7488 / ISO 2533 (15 °C at sea level, 6.5 K/km): what
/// aviation calls QNH. The temperature outside is not taken into account, which makes up to some hPa at 500 m and more.
[[nodiscard]] double sea_level_pressure(double pascal, double altitude_m);

}  // namespace b2m
