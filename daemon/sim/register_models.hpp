// Models of chips that are read and written by registers.
#pragma once

#include <array>
#include <cstdint>
#include <functional>

#include "daemon/sim/simulated_i2c.hpp"

namespace b2m {

/// 256 registers of a byte. The first byte written selects a register; reads go on from there. Worker only.
class ByteRegisterModel final : public ChipModel {
 public:
  using Registers = std::array<std::uint8_t, 256>;
  /// What a write of several bytes is: values of consecutive registers, or register and value in turn (Bosch).
  enum class WriteMode : std::uint8_t { consecutive, pairs };
  struct Behaviour {
    WriteMode write_mode = WriteMode::consecutive;
    std::uint8_t address_mask = 0xff;  ///< the bits of the first byte that select the register
    /// Called before a read: puts the present measurement into the registers.
    std::function<void(Registers&)> refresh = {};
    /// Called after a register was written: what the chip does then.
    std::function<void(Registers&, std::uint8_t reg, std::uint8_t value)> written = {};
  };

  ByteRegisterModel(const Registers& registers, Behaviour behaviour)
      : registers_(registers), behaviour_(std::move(behaviour)) {}
  Result<> write(std::span<const std::uint8_t> bytes) override;
  Result<> read(std::span<std::uint8_t> into) override;
  [[nodiscard]] const Registers& registers() const noexcept { return registers_; }

 private:
  void write_register(std::uint8_t reg, std::uint8_t value);
  void write_consecutive(std::span<const std::uint8_t> values);
  void write_pairs(std::span<const std::uint8_t> pairs);

  Registers registers_;
  Behaviour behaviour_;
  std::uint8_t pointer_ = 0;
};

/// A pointer and up to 256 registers of 16 bits. A write of pointer and one byte sets the byte that travels first, as
/// the 8-bit configuration of an LM75; a read longer than a register repeats it. Worker only.
class WordRegisterModel final : public ChipModel {
 public:
  using Registers = std::array<std::uint16_t, 256>;
  struct Behaviour {
    bool big_endian = true;
    /// Called before a read: puts the present measurement into the registers.
    std::function<void(Registers&)> refresh = {};
    /// Called after a register was written: what the chip does then.
    std::function<void(Registers&, std::uint8_t reg, std::uint16_t value)> written = {};
  };

  WordRegisterModel(const Registers& registers, Behaviour behaviour)
      : registers_(registers), behaviour_(std::move(behaviour)) {}
  Result<> write(std::span<const std::uint8_t> bytes) override;
  Result<> read(std::span<std::uint8_t> into) override;
  [[nodiscard]] const Registers& registers() const noexcept { return registers_; }

 private:
  Registers registers_;
  Behaviour behaviour_;
  std::uint8_t pointer_ = 0;
};

}  // namespace b2m
