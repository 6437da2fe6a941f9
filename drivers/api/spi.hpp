// The SPI port: one chip select of one controller.
#pragma once

#include <cstdint>
#include <span>

#include "drivers/api/result.hpp"

namespace b2m {

/// How a part wants to be talked to; a driver states its own.
struct SpiFormat {
  std::uint8_t mode = 0;  ///< 0 to 3: clock polarity and phase
  std::uint32_t speed_hz = 1'000'000;
};

/// Worker only. A controller may vanish and come back; every call then says so.
class SpiBus {
 public:
  virtual ~SpiBus() = default;
  /// Sends `out` and receives as many bytes into `in` at the same time, within one chip select. Both have the same
  /// size. Errors: gone, unsupported (the controller cannot do the format), io.
  virtual Result<> transfer(const SpiFormat& format, std::span<const std::uint8_t> out, std::span<std::uint8_t> in) = 0;
};

}  // namespace b2m
