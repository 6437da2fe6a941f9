#include "daemon/io/spi_kernel.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>

namespace b2m {
namespace {

class LinuxSpiKernel final : public SpiKernel {
 public:
  int open(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
  }
  void close(int fd) override { ::close(fd); }
  int ioctl(int fd, unsigned long request, void* argument) override {
    const int result = ::ioctl(fd, request, argument);
    return result < 0 ? -errno : result;
  }
};

}  // namespace

SpiKernel& linux_spi_kernel() {
  static LinuxSpiKernel kernel;
  return kernel;
}

}  // namespace b2m
