#include "drivers/engine/identity.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace b2m {
namespace {

Result<> compare(unsigned reg, unsigned found, unsigned value, unsigned mask, int digits) {
  if ((found & mask) == (value & mask)) return {};
  return fail(Errc::wrong_chip,
              fmt::format("register 0x{:02x} reads 0x{:0{}x}, expected 0x{:0{}x}", reg, found, digits, value, digits));
}

}  // namespace

Result<> expect_u8(const I2cDevice& device, std::uint8_t reg, std::uint8_t value, std::uint8_t mask) {
  B2M_ASSIGN(const std::uint8_t found, read_u8(device, reg));
  return compare(reg, found, value, mask, 2);
}

Result<> expect_any_u8(const I2cDevice& device, std::uint8_t reg, std::initializer_list<std::uint8_t> values) {
  B2M_ASSIGN(const std::uint8_t found, read_u8(device, reg));
  if (std::find(values.begin(), values.end(), found) != values.end()) return {};
  return fail(Errc::wrong_chip, fmt::format("register 0x{:02x} reads 0x{:02x}, expected one of {:#04x}", reg, found,
                                            fmt::join(values, ", ")));
}

Result<> expect_be16(const I2cDevice& device, std::uint8_t reg, std::uint16_t value, std::uint16_t mask) {
  B2M_ASSIGN(const std::uint16_t found, read_be16(device, reg));
  return compare(reg, found, value, mask, 4);
}

}  // namespace b2m
