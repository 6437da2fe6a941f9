// A simulated SPI chip select.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <span>

#include "drivers/api/spi.hpp"

namespace b2m {

/// A part as its chip select sees it: what it sends while it receives. Worker only.
using SpiModel = std::function<void(std::span<const std::uint8_t> out, std::span<std::uint8_t> in)>;

/// A chip select on which an absent part leaves the data line high. Any thread: its lock is the controller's, which
/// lets a reload exchange the part meanwhile.
class SimulatedSpi final : public SpiBus {
 public:
  Result<> transfer(const SpiFormat& format, std::span<const std::uint8_t> out, std::span<std::uint8_t> in) override;
  /// Puts a part there, in place of one that was there; an empty function takes it away.
  void attach(SpiModel model);

 private:
  std::mutex mutex_;
  SpiModel model_;
};

/// A part of registers of a byte: the first byte is the number, its highest bit set for writing; what follows goes on
/// from there.
class SpiRegisters {
 public:
  using Contents = std::map<std::uint8_t, std::uint8_t>;
  /// `refresh` is called before a read and puts the present measurement into the registers.
  explicit SpiRegisters(Contents contents, std::function<void(Contents&)> refresh = {})
      : contents_(std::move(contents)), refresh_(std::move(refresh)) {}
  void operator()(std::span<const std::uint8_t> out, std::span<std::uint8_t> in);

 private:
  Contents contents_;
  std::function<void(Contents&)> refresh_;
};

}  // namespace b2m
