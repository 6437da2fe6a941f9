// What the Linux SPI side asks of the kernel, as a port of its own, so that the calls can be checked without a
// controller.
#pragma once

#include <string>

namespace b2m {

/// Any thread. Calls return what the kernel's do, or the negated error number.
class SpiKernel {
 public:
  virtual ~SpiKernel() = default;
  virtual int open(const std::string& path) = 0;
  virtual void close(int fd) = 0;
  virtual int ioctl(int fd, unsigned long request, void* argument) = 0;
};

/// The real one.
[[nodiscard]] SpiKernel& linux_spi_kernel();

}  // namespace b2m
