// PCF8591 (NXP, rev. 7): what its inputs and its output share.
#pragma once

#include <cstdint>

namespace b2m {

inline constexpr std::uint8_t pcf8591_addresses[] = {0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f};

/// §8.2: the control byte's flag of the analog output, which every transfer writes. It is set in all of them, so that
/// reading an input does not switch the output off; nobody has driven it: it is at AGND, where it is after power-on.
inline constexpr std::uint8_t pcf8591_output_enabled = 0x40;

}  // namespace b2m
