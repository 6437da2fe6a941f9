// What the Linux serial side asks of the kernel, as a port of its own, so that the calls can be checked without a
// serial port.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace b2m {

/// Any thread. Calls return what the kernel's do, or the negated error number; none but wait() ever sleeps.
class SerialKernel {
 public:
  enum class Direction : std::uint8_t { in, out };
  virtual ~SerialKernel() = default;
  /// Opens the port for this process alone.
  virtual int open(const std::string& path) = 0;
  virtual void close(int fd) = 0;
  /// Raw bytes, eight bits, no parity, one stop bit, no flow control. -EINVAL: the port cannot do the speed.
  virtual int set_up(int fd, std::uint32_t baud) = 0;
  virtual std::ptrdiff_t read(int fd, std::span<std::uint8_t> into) = 0;
  virtual std::ptrdiff_t write(int fd, std::span<const std::uint8_t> bytes) = 0;
  /// Until the port can be read or written: 1; after `at_most`: 0. A port that hung up can be read.
  virtual int wait(int fd, Direction direction, std::chrono::milliseconds at_most) = 0;
  /// Drops what has arrived.
  virtual int discard(int fd) = 0;
};

/// The real one.
[[nodiscard]] SerialKernel& linux_serial_kernel();

}  // namespace b2m
