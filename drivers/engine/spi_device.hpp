// A part on its chip select. Registers: the first byte sent is the number, its highest bit set for writing.
#pragma once

#include <array>
#include <span>

#include "drivers/api/spi.hpp"

namespace b2m {

/// A value; the bus outlives it. Worker only.
struct SpiDevice {
  SpiBus* bus;
  SpiFormat format;

  template <std::size_t size>
  [[nodiscard]] Result<std::array<std::uint8_t, size>> exchange(const std::array<std::uint8_t, size>& out) const {
    std::array<std::uint8_t, size> in{};
    B2M_TRY(bus->transfer(format, out, in));
    return in;
  }
};

}  // namespace b2m
