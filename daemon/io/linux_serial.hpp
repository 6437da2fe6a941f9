// Serial ports over the kernel's terminal devices.
#pragma once

#include <string>

#include "daemon/io/serial_kernel.hpp"
#include "drivers/api/serial.hpp"

namespace b2m {

/// The device of a port: "/dev/ttyS2" of "ttyS2" and of itself. Pure.
[[nodiscard]] std::string serial_port_path(std::string_view spelling);

/// A port: opened for this process alone at the first call, opened again after it vanished. Worker only.
class LinuxSerialPort final : public SerialPort {
 public:
  explicit LinuxSerialPort(std::string_view name, SerialKernel& kernel = linux_serial_kernel());
  ~LinuxSerialPort() override;
  LinuxSerialPort(const LinuxSerialPort&) = delete;
  LinuxSerialPort& operator=(const LinuxSerialPort&) = delete;

  Result<> write(const SerialFormat& format, std::span<const std::uint8_t> bytes) override;
  Result<std::size_t> read(const SerialFormat& format, std::span<std::uint8_t> into,
                           std::chrono::milliseconds wait) override;
  Result<> discard(const SerialFormat& format) override;

 private:
  Result<> open(const SerialFormat& format);
  Result<> set_up(const SerialFormat& format);
  Error failed(int error);
  void close();

  std::string path_;
  SerialKernel& kernel_;
  int fd_ = -1;
  std::uint32_t baud_ = 0;  ///< set since it was opened; 0: none
};

}  // namespace b2m
