// What the Linux I2C side asks of the kernel, as a port of its own, so that the calls can be checked without an
// adapter.
#pragma once

#include <string>

namespace b2m {

/// Any thread. Calls return what the kernel's do, or the negated error number.
class I2cKernel {
 public:
  virtual ~I2cKernel() = default;
  virtual int open(const std::string& path) = 0;
  virtual void close(int fd) = 0;
  virtual int ioctl(int fd, unsigned long request, unsigned long argument) = 0;
  /// The last component of a symbolic link's target; empty when there is no such link.
  virtual std::string link_target(const std::string& path) = 0;
  /// The first line of a small file; empty when it cannot be read.
  virtual std::string first_line(const std::string& path) = 0;
};

/// The real one.
[[nodiscard]] I2cKernel& linux_i2c_kernel();

}  // namespace b2m
