#include "daemon/io/serial_kernel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace b2m {
namespace {

struct Speed {
  std::uint32_t baud;
  speed_t code;
};
constexpr std::array speeds{Speed{1200, B1200},     Speed{2400, B2400},     Speed{4800, B4800},
                            Speed{9600, B9600},     Speed{19200, B19200},   Speed{38400, B38400},
                            Speed{57600, B57600},   Speed{115200, B115200}, Speed{230400, B230400},
                            Speed{460800, B460800}, Speed{921600, B921600}};

int or_errno(int result) { return result < 0 ? -errno : result; }

class LinuxSerialKernel final : public SerialKernel {
 public:
  int open(const std::string& path) override {
    // Non-blocking: opening does not wait for a carrier, reading never sleeps.
    const int fd = ::open(path.c_str(), O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) return -errno;
    if (::ioctl(fd, TIOCEXCL) == 0) return fd;
    const int error = errno;
    ::close(fd);
    return -error;
  }

  void close(int fd) override { ::close(fd); }

  int set_up(int fd, std::uint32_t baud) override {
    const auto speed = std::find_if(speeds.begin(), speeds.end(), [&](const Speed& s) { return s.baud == baud; });
    if (speed == speeds.end()) return -EINVAL;
    termios settings{};
    if (::tcgetattr(fd, &settings) != 0) return -errno;
    ::cfmakeraw(&settings);
    settings.c_cflag &= ~static_cast<tcflag_t>(CSTOPB | CRTSCTS);
    settings.c_cflag |= static_cast<tcflag_t>(CLOCAL | CREAD);
    settings.c_cc[VMIN] = 0;
    settings.c_cc[VTIME] = 0;
    ::cfsetispeed(&settings, speed->code);
    ::cfsetospeed(&settings, speed->code);
    return or_errno(::tcsetattr(fd, TCSANOW, &settings));
  }

  std::ptrdiff_t read(int fd, std::span<std::uint8_t> into) override {
    const auto count = ::read(fd, into.data(), into.size());
    return count < 0 ? -errno : count;
  }

  std::ptrdiff_t write(int fd, std::span<const std::uint8_t> bytes) override {
    const auto count = ::write(fd, bytes.data(), bytes.size());
    return count < 0 ? -errno : count;
  }

  int wait(int fd, Direction direction, std::chrono::milliseconds at_most) override {
    pollfd entry{.fd = fd, .events = static_cast<short>(direction == Direction::in ? POLLIN : POLLOUT), .revents = 0};
    return or_errno(::poll(&entry, 1, static_cast<int>(at_most.count())));
  }

  int discard(int fd) override { return or_errno(::tcflush(fd, TCIFLUSH)); }
};

}  // namespace

SerialKernel& linux_serial_kernel() {
  static LinuxSerialKernel kernel;
  return kernel;
}

}  // namespace b2m
