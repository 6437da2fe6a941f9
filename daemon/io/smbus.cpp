#include "daemon/io/smbus.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace b2m {
namespace {

using Bytes = std::span<const std::uint8_t>;

Result<SmbusCommand> missing(std::string_view transfer, std::string_view command) {
  return fail(Errc::unsupported, fmt::format("{} needs {}", transfer, command));
}

/// SMBus sends a word's low byte first: what stands first on the wire is the low byte.
std::uint16_t to_word(std::uint8_t first, std::uint8_t second) {
  return static_cast<std::uint16_t>(first | second << 8);
}

SmbusCommand block_write(Bytes bytes) {
  SmbusCommand command{.command = bytes[0], .size = I2C_SMBUS_I2C_BLOCK_DATA};
  command.data.block[0] = static_cast<std::uint8_t>(bytes.size() - 1);
  std::copy(bytes.begin() + 1, bytes.end(), command.data.block + 1);
  return command;
}

Result<SmbusCommand> to_write(Bytes bytes, unsigned long functions) {
  const bool block = (functions & I2C_FUNC_SMBUS_WRITE_I2C_BLOCK) != 0;
  SmbusCommand command{.command = bytes.empty() ? std::uint8_t{0} : bytes[0]};
  if (bytes.empty()) {
    if ((functions & I2C_FUNC_SMBUS_QUICK) == 0) return missing("a write of nothing", "the SMBus quick command");
    return command;
  }
  if (bytes.size() == 1) {
    if ((functions & I2C_FUNC_SMBUS_WRITE_BYTE) == 0) return missing("a write of one byte", "SMBus send byte");
    command.size = I2C_SMBUS_BYTE;
    return command;
  }
  if (bytes.size() == 2 && (functions & I2C_FUNC_SMBUS_WRITE_BYTE_DATA) != 0) {
    command.size = I2C_SMBUS_BYTE_DATA;
    command.data.byte = bytes[1];
    return command;
  }
  if (bytes.size() == 3 && (functions & I2C_FUNC_SMBUS_WRITE_WORD_DATA) != 0) {
    command.size = I2C_SMBUS_WORD_DATA;
    command.data.word = to_word(bytes[1], bytes[2]);
    return command;
  }
  if (block && bytes.size() <= I2C_SMBUS_BLOCK_MAX + 1) return block_write(bytes);
  return missing(fmt::format("a write of {} bytes", bytes.size()),
                 block ? "plain I2C: SMBus ends at 33" : "SMBus I2C block writes");
}

Result<SmbusCommand> to_register_read(std::uint8_t reg, std::size_t length, unsigned long functions) {
  const bool block = (functions & I2C_FUNC_SMBUS_READ_I2C_BLOCK) != 0;
  SmbusCommand command{.read_write = I2C_SMBUS_READ, .command = reg};
  if (length == 1 && (functions & I2C_FUNC_SMBUS_READ_BYTE_DATA) != 0) {
    command.size = I2C_SMBUS_BYTE_DATA;
    return command;
  }
  if (length == 2 && (functions & I2C_FUNC_SMBUS_READ_WORD_DATA) != 0) {
    command.size = I2C_SMBUS_WORD_DATA;
    return command;
  }
  if (block && length <= I2C_SMBUS_BLOCK_MAX) {
    command.size = I2C_SMBUS_I2C_BLOCK_DATA;
    command.data.block[0] = static_cast<std::uint8_t>(length);
    return command;
  }
  return missing(fmt::format("a read of {} bytes from a register", length),
                 block ? "plain I2C: SMBus ends at 32" : "SMBus I2C block reads");
}

Result<SmbusCommand> to_plain_read(std::size_t length, unsigned long functions) {
  if (length != 1) return missing(fmt::format("a read of {} bytes without a register", length), "plain I2C");
  if ((functions & I2C_FUNC_SMBUS_READ_BYTE) == 0) return missing("a read of one byte", "SMBus receive byte");
  return SmbusCommand{.read_write = I2C_SMBUS_READ, .size = I2C_SMBUS_BYTE};
}

}  // namespace

Result<SmbusCommand> to_smbus(std::span<const I2cOp> ops, unsigned long functions) {
  if (ops.size() == 1)
    return ops[0].is_read() ? to_plain_read(ops[0].read.size(), functions) : to_write(ops[0].write, functions);
  if (ops.size() == 2 && !ops[0].is_read() && ops[1].is_read()) {
    if (ops[0].write.size() == 1) return to_register_read(ops[0].write[0], ops[1].read.size(), functions);
    return missing(fmt::format("a read after a write of {} bytes", ops[0].write.size()), "plain I2C");
  }
  return missing(fmt::format("a transaction of {} parts", ops.size()), "plain I2C");
}

Result<> take_answer(const SmbusCommand& command, std::span<const I2cOp> ops) {
  if (command.read_write != I2C_SMBUS_READ) return {};
  const auto into = ops.back().read;
  if (command.size == I2C_SMBUS_WORD_DATA) {
    into[0] = static_cast<std::uint8_t>(command.data.word & 0xff);
    into[1] = static_cast<std::uint8_t>(command.data.word >> 8);
  } else if (command.size == I2C_SMBUS_I2C_BLOCK_DATA) {
    if (command.data.block[0] != into.size())
      return fail(Errc::io, fmt::format("the adapter read {} bytes of {}", command.data.block[0], into.size()));
    std::copy_n(command.data.block + 1, into.size(), into.begin());
  } else {
    into[0] = command.data.byte;
  }
  return {};
}

}  // namespace b2m
