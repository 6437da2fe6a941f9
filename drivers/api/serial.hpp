// The serial port: bytes in, bytes out, with a bounded wait.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>

#include "drivers/api/result.hpp"

namespace b2m {

/// Eight data bits, no parity, one stop bit: what every part here speaks.
struct SerialFormat {
  std::uint32_t baud = 9600;
};

/// Worker only. A port may vanish (a USB adapter) and come back; every call then says so.
class SerialPort {
 public:
  virtual ~SerialPort() = default;
  /// Errors of all calls: gone, busy, unsupported (no such speed), timeout (it takes no more bytes), io.
  virtual Result<> write(const SerialFormat& format, std::span<const std::uint8_t> bytes) = 0;
  /// What has arrived, waiting at most `wait` for the first byte; 0 bytes when none came.
  virtual Result<std::size_t> read(const SerialFormat& format, std::span<std::uint8_t> into,
                                   std::chrono::milliseconds wait) = 0;
  /// Drops what has arrived and was not read.
  virtual Result<> discard(const SerialFormat& format) = 0;
};

}  // namespace b2m
