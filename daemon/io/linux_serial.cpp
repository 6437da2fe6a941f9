#include "daemon/io/linux_serial.hpp"

#include <fmt/format.h>

#include <cerrno>

#include "daemon/io/kernel_error.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

// For each part of a write that the port takes: far longer than its buffer needs to empty at 1200 baud.
constexpr std::chrono::milliseconds patience = 500ms;

constexpr int most_parts = 64;

bool is_passing(std::ptrdiff_t result) { return result == -EAGAIN || result == -EINTR; }

}  // namespace

std::string serial_port_path(std::string_view spelling) {
  return spelling.starts_with('/') ? std::string(spelling) : fmt::format("/dev/{}", spelling);
}

LinuxSerialPort::LinuxSerialPort(std::string_view name, SerialKernel& kernel)
    : path_(serial_port_path(name)), kernel_(kernel) {}

LinuxSerialPort::~LinuxSerialPort() { close(); }

Result<> LinuxSerialPort::write(const SerialFormat& format, std::span<const std::uint8_t> bytes) {
  B2M_TRY(open(format));
  for (int part = 0; !bytes.empty(); ++part) {
    if (part == most_parts) return fail(Errc::timeout, fmt::format("{}: takes the bytes one by one", path_));
    const int ready = kernel_.wait(fd_, SerialKernel::Direction::out, patience);
    if (ready == 0) return fail(Errc::timeout, fmt::format("{}: takes no more bytes", path_));
    if (ready < 0 && !is_passing(ready)) return tl::unexpected(failed(-ready));
    const auto written = kernel_.write(fd_, bytes);
    if (written < 0 && !is_passing(written)) return tl::unexpected(failed(static_cast<int>(-written)));
    if (written > 0) bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::size_t> LinuxSerialPort::read(const SerialFormat& format, std::span<std::uint8_t> into,
                                          std::chrono::milliseconds wait) {
  B2M_TRY(open(format));
  const int ready = kernel_.wait(fd_, SerialKernel::Direction::in, wait);
  if (ready == 0 || is_passing(ready)) return std::size_t{0};
  if (ready < 0) return tl::unexpected(failed(-ready));
  const auto count = kernel_.read(fd_, into);
  if (is_passing(count)) return std::size_t{0};
  if (count == 0) return tl::unexpected(failed(EIO));  // readable without a byte
  if (count < 0) return tl::unexpected(failed(static_cast<int>(-count)));
  return static_cast<std::size_t>(count);
}

Result<> LinuxSerialPort::discard(const SerialFormat& format) {
  B2M_TRY(open(format));
  const int result = kernel_.discard(fd_);
  if (result < 0) return tl::unexpected(failed(-result));
  return {};
}

Result<> LinuxSerialPort::open(const SerialFormat& format) {
  if (fd_ < 0) {
    const int fd = kernel_.open(path_);
    if (fd < 0) {
      auto error = kernel_error(-fd, path_);
      if (error.code == Errc::no_ack) error.code = Errc::gone;  // ENXIO: a device node without its device
      return tl::unexpected(std::move(error));
    }
    fd_ = fd;
    baud_ = 0;
  }
  return set_up(format);
}

Result<> LinuxSerialPort::set_up(const SerialFormat& format) {
  if (baud_ == format.baud) return {};
  const int result = kernel_.set_up(fd_, format.baud);
  if (result == -EINVAL) return fail(Errc::unsupported, fmt::format("{}: cannot do {} baud", path_, format.baud));
  if (result < 0) return tl::unexpected(failed(-result));
  baud_ = format.baud;
  return {};
}

/// A port that has vanished is closed, to be opened again by the next call. A terminal whose other end hung up, such as
/// that of a USB adapter that was pulled out, gives EIO for ever.
Error LinuxSerialPort::failed(int error) {
  auto result = kernel_error(error == EIO ? ENODEV : error, path_);
  if (result.code == Errc::gone) close();
  return result;
}

void LinuxSerialPort::close() {
  if (fd_ >= 0) kernel_.close(fd_);
  fd_ = -1;
}

}  // namespace b2m
