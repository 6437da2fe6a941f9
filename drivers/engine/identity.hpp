// Identity registers: the check that the part at an address is the one that was configured.
#pragma once

#include <cstdint>
#include <initializer_list>

#include "drivers/api/i2c.hpp"

namespace b2m {

/// Reads an 8-bit register; wrong_chip, saying what was read, when a bit of `mask` differs. Worker only.
[[nodiscard]] Result<> expect_u8(const I2cDevice& device, std::uint8_t reg, std::uint8_t value,
                                 std::uint8_t mask = 0xff);

/// The same for a part whose register may read any of several values. Worker only.
[[nodiscard]] Result<> expect_any_u8(const I2cDevice& device, std::uint8_t reg,
                                     std::initializer_list<std::uint8_t> values);

/// The same for a 16-bit register, big endian. Worker only.
[[nodiscard]] Result<> expect_be16(const I2cDevice& device, std::uint8_t reg, std::uint16_t value,
                                   std::uint16_t mask = 0xffff);

}  // namespace b2m
