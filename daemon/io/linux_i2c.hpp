// I2C over the kernel's /dev/i2c-N.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>

#include "daemon/io/i2c_kernel.hpp"
#include "drivers/api/i2c.hpp"

namespace b2m {

/// The I2C device "i2c-1" of the spellings "i2c-1" and "/dev/i2c-1", also with "/mux:0x70:3" behind; empty when it is
/// no bus. Pure.
[[nodiscard]] std::string i2c_bus_name(std::string_view spelling);

/// A bus: opened at the first transfer, opened again after it vanished. Plain I2C where the adapter has it, SMBus
/// commands else. Worker only.
class LinuxI2cBus final : public I2cBus {
 public:
  /// `name`: "i2c-1", "/dev/i2c-1" or, behind a multiplexer the kernel drives, "i2c-1/mux:0x70:3". `hint`: how to get
  /// the bus when it is missing; for people.
  LinuxI2cBus(std::string name, std::string hint, I2cKernel& kernel = linux_i2c_kernel());
  ~LinuxI2cBus() override;
  LinuxI2cBus(const LinuxI2cBus&) = delete;
  LinuxI2cBus& operator=(const LinuxI2cBus&) = delete;

  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override;

 private:
  Result<std::string> device() const;
  Result<> open();
  Result<> set_up(int fd);
  void close();
  Result<> select(std::uint8_t address);
  Result<> transfer_plain(std::uint8_t address, std::span<const I2cOp> ops);
  Result<> transfer_smbus(std::span<const I2cOp> ops);
  std::string adapter() const;
  Error held_by_driver(std::uint8_t address) const;
  Error transfer_error(int error, std::uint8_t address);

  std::string name_;
  std::string hint_;
  I2cKernel& kernel_;
  int fd_ = -1;
  std::string device_;               ///< "i2c-1"
  unsigned long functions_ = 0;      ///< I2C_FUNCS
  int selected_ = -1;                ///< address of SMBus commands
  std::bitset<128> free_addresses_;  ///< found without a kernel driver since the bus was opened
};

}  // namespace b2m
