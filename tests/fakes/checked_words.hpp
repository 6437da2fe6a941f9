// Sensirion's words as bytes: what a test would otherwise spell with checksums by hand.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "drivers/engine/checksum.hpp"

namespace b2m {

/// A command and its arguments, a CRC-8 behind each.
inline std::vector<std::uint8_t> command(std::uint16_t code, std::initializer_list<std::uint16_t> arguments = {}) {
  std::vector<std::uint8_t> bytes{static_cast<std::uint8_t>(code >> 8), static_cast<std::uint8_t>(code & 0xff)};
  for (const auto word : arguments) {
    const std::array halves{static_cast<std::uint8_t>(word >> 8), static_cast<std::uint8_t>(word & 0xff)};
    bytes.insert(bytes.end(), halves.begin(), halves.end());
    bytes.push_back(crc8_sensirion(halves));
  }
  return bytes;
}

/// An answer: words with a CRC-8 behind each.
inline std::vector<std::uint8_t> words(std::initializer_list<std::uint16_t> values) {
  auto bytes = command(0, values);
  bytes.erase(bytes.begin(), bytes.begin() + 2);
  return bytes;
}

}  // namespace b2m
