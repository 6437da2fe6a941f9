// Models of the two chips that have neither registers nor commands: a converter and an I/O port of NXP.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "daemon/sim/simulated_i2c.hpp"

namespace b2m {

/// PCF8591 (NXP rev. 7, §8): the control byte selects a channel; the first byte read after it is the conversion before,
/// 0x80 after power-on. Worker only.
class StreamModel final : public ChipModel {
 public:
  using Sample = std::function<std::uint8_t(unsigned channel)>;
  explicit StreamModel(Sample sample, std::uint8_t channel_mask = 0x03)
      : sample_(std::move(sample)), channel_mask_(channel_mask) {}
  Result<> write(std::span<const std::uint8_t> bytes) override;
  Result<> read(std::span<std::uint8_t> into) override;

 private:
  Sample sample_;
  std::uint8_t channel_mask_;
  std::uint8_t control_ = 0;
  std::uint8_t converted_ = 0x80;
};

/// PCF8574 and PCF8575 (NXP rev. 5 and 4, §8): quasi-bidirectional pins in one port or two. A pin reads low when it is
/// pulled low from outside or by the last byte written. Worker only.
class PortModel final : public ChipModel {
 public:
  using Pins = std::function<std::uint16_t()>;
  explicit PortModel(Pins pins, unsigned ports = 1) : pins_(std::move(pins)), ports_(ports) {}
  Result<> write(std::span<const std::uint8_t> bytes) override;
  Result<> read(std::span<std::uint8_t> into) override;
  [[nodiscard]] std::uint16_t latch() const noexcept { return latch_; }

 private:
  Pins pins_;
  unsigned ports_;
  std::uint16_t latch_ = 0xffff;
};

}  // namespace b2m
