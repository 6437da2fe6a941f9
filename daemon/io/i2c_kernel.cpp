#include "daemon/io/i2c_kernel.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

namespace b2m {
namespace {

class LinuxI2cKernel final : public I2cKernel {
 public:
  int open(const std::string& path) override {
    const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    return fd < 0 ? -errno : fd;
  }
  void close(int fd) override { ::close(fd); }
  int ioctl(int fd, unsigned long request, unsigned long argument) override {
    const int result = ::ioctl(fd, request, argument);
    return result < 0 ? -errno : result;
  }
  std::string link_target(const std::string& path) override {
    std::error_code error;
    const auto target = std::filesystem::read_symlink(path, error);
    return error ? std::string() : target.filename().string();
  }
  std::string first_line(const std::string& path) override {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
  }
};

}  // namespace

I2cKernel& linux_i2c_kernel() {
  static LinuxI2cKernel kernel;
  return kernel;
}

}  // namespace b2m
