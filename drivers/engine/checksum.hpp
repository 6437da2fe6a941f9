// Checksums of sensor frames. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace b2m {

/// CRC-8 with the most significant bit first: Sensirion's words are polynomial 0x31, initial value 0xff.
[[nodiscard]] constexpr std::uint8_t crc8(std::span<const std::uint8_t> bytes, std::uint8_t polynomial,
                                          std::uint8_t initial) {
  unsigned crc = initial;
  for (const auto byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 0x80) != 0 ? (crc << 1 ^ polynomial) & 0xff : crc << 1;
  }
  return static_cast<std::uint8_t>(crc);
}

/// CRC-8 with the least significant bit first; `polynomial` is given reflected: 1-Wire's is 0x8c, initial value 0.
[[nodiscard]] constexpr std::uint8_t crc8_reflected(std::span<const std::uint8_t> bytes, std::uint8_t polynomial,
                                                    std::uint8_t initial) {
  unsigned crc = initial;
  for (const auto byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ polynomial : crc >> 1;
  }
  return static_cast<std::uint8_t>(crc);
}

/// Sensirion, for example SHT3x-DIS datasheet §4.12.
[[nodiscard]] constexpr std::uint8_t crc8_sensirion(std::span<const std::uint8_t> bytes) {
  return crc8(bytes, 0x31, 0xff);
}
/// Maxim application note 27.
[[nodiscard]] constexpr std::uint8_t crc8_one_wire(std::span<const std::uint8_t> bytes) {
  return crc8_reflected(bytes, 0x8c, 0);
}

/// Modbus over Serial Line V1.02, §6.2.2: polynomial 0xa001 (reflected), initial value 0xffff; sent low byte first.
[[nodiscard]] constexpr std::uint16_t crc16_modbus(std::span<const std::uint8_t> bytes) {
  unsigned crc = 0xffff;
  for (const auto byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc & 1) != 0 ? crc >> 1 ^ 0xa001 : crc >> 1;
  }
  return static_cast<std::uint16_t>(crc);
}
/// The bytes added up, modulo 2^16.
[[nodiscard]] constexpr std::uint16_t byte_sum(std::span<const std::uint8_t> bytes) {
  unsigned sum = 0;
  for (const auto byte : bytes) sum += byte;
  return static_cast<std::uint16_t>(sum);
}

static_assert(crc16_modbus(std::array<std::uint8_t, 6>{0xf8, 0x04, 0x00, 0x00, 0x00, 0x0a}) == 0x6464,
              "the request of PZEM-004T's manual");
static_assert(crc8_sensirion(std::array<std::uint8_t, 2>{0xbe, 0xef}) == 0x92, "SHT3x-DIS datasheet §4.12");
static_assert(crc8_one_wire(std::array<std::uint8_t, 8>{0x50, 0x05, 0x4b, 0x46, 0x7f, 0xff, 0x0c, 0x10}) == 0x1c,
              "the scratchpad of a DS18B20 after power-on");

static_assert(crc16_modbus(std::array<std::uint8_t, 6>{0x03, 0x04, 0x01, 0xf4, 0x00, 0xfa}) == 0xa531,
              "AM2320 product manual, example of §8.2");

}  // namespace b2m
