// Transfers for adapters that cannot do plain I2C: the SMBus commands that look the same on the wire.
#pragma once

#include <linux/i2c.h>

#include <cstdint>
#include <span>

#include "drivers/api/i2c.hpp"

namespace b2m {

/// One SMBus command as ioctl I2C_SMBUS takes it.
struct SmbusCommand {
  std::uint8_t read_write = I2C_SMBUS_WRITE;
  std::uint8_t command = 0;  ///< the register, or the only byte of "send byte"
  std::uint32_t size = I2C_SMBUS_QUICK;
  i2c_smbus_data data = {};
};

/// The command that does `ops`, for an adapter with these I2C_FUNCS. Error: unsupported; the detail says what is
/// missing. Pure.
[[nodiscard]] Result<SmbusCommand> to_smbus(std::span<const I2cOp> ops, unsigned long functions);

/// Moves what the answered command has read into the reading part of `ops`. Error: io when the adapter read fewer
/// bytes. Pure.
[[nodiscard]] Result<> take_answer(const SmbusCommand& command, std::span<const I2cOp> ops);

}  // namespace b2m
