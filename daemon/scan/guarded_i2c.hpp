// A bus on which a probe cannot do more than it may.
#pragma once

#include "drivers/api/i2c.hpp"

namespace b2m {

/// Passes on what a probe may send to a part that is not known yet, and refuses the rest with unsupported. Worker only.
class GuardedI2c final : public I2cBus {
 public:
  enum class Allowed : std::uint8_t {
    registers,  ///< reads, and the one byte that selects a register: no register of any part changes by it
    commands,   ///< also two bytes: a command word, or the address of a wide register
  };
  GuardedI2c(I2cBus& bus, Allowed allowed) : bus_(bus), allowed_(allowed) {}
  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override;
  /// Whether something was refused: the probe may find its part when it is allowed more.
  [[nodiscard]] bool refused() const noexcept { return refused_; }

 private:
  I2cBus& bus_;
  Allowed allowed_;
  bool refused_ = false;
};

}  // namespace b2m
