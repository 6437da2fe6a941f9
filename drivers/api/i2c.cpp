#include "drivers/api/i2c.hpp"

#include <array>

namespace b2m {

Result<> I2cDevice::write(std::span<const std::uint8_t> bytes) const {
  const I2cOp op{.write = bytes};
  return bus->transfer(address, {&op, 1});
}

Result<> I2cDevice::read(std::span<std::uint8_t> into) const {
  const I2cOp op{.read = into};
  return bus->transfer(address, {&op, 1});
}

Result<> I2cDevice::write_read(std::span<const std::uint8_t> bytes, std::span<std::uint8_t> into) const {
  const std::array ops{I2cOp{.write = bytes}, I2cOp{.read = into}};
  return bus->transfer(address, ops);
}

Result<> read_registers(const I2cDevice& device, std::uint8_t reg, std::span<std::uint8_t> into) {
  return device.write_read({&reg, 1}, into);
}

Result<std::uint8_t> read_u8(const I2cDevice& device, std::uint8_t reg) {
  std::uint8_t value = 0;
  B2M_TRY(read_registers(device, reg, {&value, 1}));
  return value;
}

Result<std::uint16_t> read_be16(const I2cDevice& device, std::uint8_t reg) {
  std::array<std::uint8_t, 2> bytes{};
  B2M_TRY(read_registers(device, reg, bytes));
  return static_cast<std::uint16_t>(bytes[0] << 8 | bytes[1]);
}

Result<std::uint16_t> read_le16(const I2cDevice& device, std::uint8_t reg) {
  std::array<std::uint8_t, 2> bytes{};
  B2M_TRY(read_registers(device, reg, bytes));
  return static_cast<std::uint16_t>(bytes[1] << 8 | bytes[0]);
}

Result<> write_u8(const I2cDevice& device, std::uint8_t reg, std::uint8_t value) { return device.write({reg, value}); }

Result<> write_be16(const I2cDevice& device, std::uint8_t reg, std::uint16_t value) {
  return device.write({reg, static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value & 0xff)});
}

Result<> update_bits(const I2cDevice& device, std::uint8_t reg, std::uint8_t mask, std::uint8_t value) {
  B2M_ASSIGN(const std::uint8_t old, read_u8(device, reg));
  const auto wanted = static_cast<std::uint8_t>((old & ~mask) | (value & mask));
  if (wanted == old) return {};
  return write_u8(device, reg, wanted);
}

}  // namespace b2m
