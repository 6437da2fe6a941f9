// SPI over the kernel's /dev/spidevB.C.
#pragma once

#include <optional>
#include <string>

#include "daemon/io/spi_kernel.hpp"
#include "drivers/api/spi.hpp"

namespace b2m {

/// The chip select "spidev1.0" of the spellings "spidev1.0" and "/dev/spidev1.0"; empty when it is none. Pure.
[[nodiscard]] std::string spi_bus_name(std::string_view spelling);

/// A chip select: opened at the first transfer, opened again after it vanished. Worker only.
class LinuxSpiBus final : public SpiBus {
 public:
  explicit LinuxSpiBus(std::string name, SpiKernel& kernel = linux_spi_kernel());
  ~LinuxSpiBus() override;
  LinuxSpiBus(const LinuxSpiBus&) = delete;
  LinuxSpiBus& operator=(const LinuxSpiBus&) = delete;

  Result<> transfer(const SpiFormat& format, std::span<const std::uint8_t> out, std::span<std::uint8_t> in) override;

 private:
  Result<> open();
  Result<> set_mode(std::uint8_t mode);
  Error failed(int error);
  void close();

  std::string name_;
  std::string path_;
  SpiKernel& kernel_;
  int fd_ = -1;
  std::optional<std::uint8_t> mode_;  ///< set since it was opened
};

}  // namespace b2m
