// The I2C port: what a driver may do on a bus, and the reads and writes every register chip needs.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>

#include "drivers/api/result.hpp"

namespace b2m {

/// One part of a transaction: bytes to write, or room to read into.
struct I2cOp {
  std::span<const std::uint8_t> write = {};
  std::span<std::uint8_t> read = {};
  [[nodiscard]] bool is_read() const noexcept { return !read.empty(); }
};

/// Worker only. A bus may vanish and come back; every call then says so.
class I2cBus {
 public:
  virtual ~I2cBus() = default;
  /// Does all `ops` with `address` (7 bits) as one transaction with repeated starts, or fails as a whole.
  /// Errors: no_ack, timeout, busy (a kernel driver holds the address; the detail names it), gone, unsupported (the
  /// adapter cannot make this transfer), io.
  virtual Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) = 0;
};

/// A chip on a bus. A value; the bus outlives it. Worker only.
struct I2cDevice {
  I2cBus* bus;
  std::uint8_t address;

  [[nodiscard]] Result<> write(std::span<const std::uint8_t> bytes) const;
  [[nodiscard]] Result<> write(std::initializer_list<std::uint8_t> bytes) const {
    return write(std::span(bytes.begin(), bytes.size()));
  }
  [[nodiscard]] Result<> read(std::span<std::uint8_t> into) const;
  /// Writes, then reads after a repeated start.
  [[nodiscard]] Result<> write_read(std::span<const std::uint8_t> bytes, std::span<std::uint8_t> into) const;
};

/// Reads consecutive 8-bit registers beginning with `reg` in one transaction.
[[nodiscard]] Result<> read_registers(const I2cDevice& device, std::uint8_t reg, std::span<std::uint8_t> into);
[[nodiscard]] Result<std::uint8_t> read_u8(const I2cDevice& device, std::uint8_t reg);
[[nodiscard]] Result<std::uint16_t> read_be16(const I2cDevice& device, std::uint8_t reg);
[[nodiscard]] Result<std::uint16_t> read_le16(const I2cDevice& device, std::uint8_t reg);
[[nodiscard]] Result<> write_u8(const I2cDevice& device, std::uint8_t reg, std::uint8_t value);
[[nodiscard]] Result<> write_be16(const I2cDevice& device, std::uint8_t reg, std::uint16_t value);
/// Sets the bits of `mask` to those of `value`, leaves the others; writes only when something changes.
[[nodiscard]] Result<> update_bits(const I2cDevice& device, std::uint8_t reg, std::uint8_t mask, std::uint8_t value);

}  // namespace b2m
