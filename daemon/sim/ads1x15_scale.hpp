// The full scale that the configuration of an ADS1x15 selects.
#pragma once

#include <array>
#include <cstdint>

namespace b2m {

/// Volts at code 32768. SBAS444E table 8-3, PGA[2:0]. Pure.
[[nodiscard]] constexpr double ads1x15_full_scale(std::uint16_t configuration) {
  constexpr std::array volts{6.144, 4.096, 2.048, 1.024, 0.512, 0.256, 0.256, 0.256};
  return volts[configuration >> 9 & 7];
}

}  // namespace b2m
