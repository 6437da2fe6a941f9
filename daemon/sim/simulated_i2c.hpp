// A simulated I2C bus: chips attached by address, and what a chip has to do to be one.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>

#include "drivers/api/i2c.hpp"

namespace b2m {

/// A chip as its bus sees it. Worker only.
class ChipModel {
 public:
  virtual ~ChipModel() = default;
  /// The bytes after the address of a write; none for a bare address. no_ack: the chip does not accept them.
  virtual Result<> write(std::span<const std::uint8_t> bytes) = 0;
  virtual Result<> read(std::span<std::uint8_t> into) = 0;
  /// The end of the transaction, also of a failed one.
  virtual void stop() {}
};

/// A bus on which an address without a chip does not acknowledge. Any thread: its lock is the adapter's, which serves
/// one transaction at a time and lets a reload exchange chips meanwhile.
class SimulatedI2c final : public I2cBus {
 public:
  Result<> transfer(std::uint8_t address, std::span<const I2cOp> ops) override;
  /// Puts a chip on the bus, in place of one that was there. An address above 0x7f is a mistake of the program.
  void attach(std::uint8_t address, std::unique_ptr<ChipModel> chip);
  void detach(std::uint8_t address);

 private:
  std::mutex mutex_;
  std::array<std::unique_ptr<ChipModel>, 128> chips_;
};

}  // namespace b2m
