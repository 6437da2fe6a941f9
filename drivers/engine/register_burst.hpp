// The engine for chips that are read by registers: what is written at the start and looked at again before each
// reading, what starts a conversion, a ready flag, and a function that decodes what one or more bursts brought. Chips
// without options describe themselves as tables (register_map.hpp), which end here too.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {

using RegisterBytes = std::span<const std::uint8_t>;

/// A register that is written as a whole.
struct RegisterWrite {
  std::uint8_t reg;
  std::uint16_t value;
  std::chrono::microseconds pause{0};  ///< to the next transfer
  unsigned width = 8;                  ///< 8 or 16; big endian when it has 16 bits
  bool may_be_refused = false;         ///< a missing acknowledge is no error
};

/// Registers that must hold these bytes; those of `mask` that are 0 do not matter, an empty mask means all.
struct RegisterGuard {
  std::uint8_t reg;
  std::vector<std::uint8_t> value;
  std::vector<std::uint8_t> mask = {};
};

/// Bits of an 8-bit register that are all set when the result is there.
struct ReadyFlag {
  std::uint8_t reg;
  std::uint8_t mask;
  std::chrono::microseconds pause = std::chrono::milliseconds(2);  ///< between two looks
  unsigned looks = 50;
};

/// Consecutive registers that are read in one transfer; `reg` with the chip's auto-increment bit, where it has one.
struct Burst {
  std::uint8_t reg;
  std::size_t length;  ///< bytes
};

/// A chip as its options configure it.
struct BurstChip {
  std::function<Result<>(const I2cDevice&)> identify = {};  ///< asked by init() first: wrong_chip when it is another
  std::vector<RegisterWrite> setup = {};                    ///< written by init(), in order
  std::optional<RegisterGuard> guard = {};  ///< looked at before each reading: a chip that lost its supply differs
  std::vector<RegisterWrite> trigger = {};  ///< written before each reading, for one-shot chips
  std::chrono::microseconds conversion{0};  ///< from the trigger to the result
  std::optional<ReadyFlag> ready = {};      ///< looked at after `conversion`
  std::vector<Burst> bursts;                ///< of the results
  std::function<Result<>(RegisterBytes, Samples&)> decode;  ///< given the bytes of all bursts, one behind the other
};

/// Reads registers and compares; the error, with this code, names the first that differs. Worker only.
[[nodiscard]] Result<> expect_registers(const I2cDevice& device, const RegisterGuard& guard, Errc otherwise);

/// Reads a chip as its BurstChip says.
/// Worker only.
class BurstSensor final : public Sensor {
 public:
  BurstSensor(BurstChip chip, I2cDevice device, std::vector<Channel> channels);
  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return channels_; }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> write_next();
  Result<Progress> start_conversion();
  Result<Progress> await_result();

  BurstChip chip_;
  I2cDevice device_;
  std::vector<Channel> channels_;
  std::vector<std::uint8_t> bytes_;  ///< of all bursts
  std::size_t written_ = 0;          ///< rows of `setup` so far
  bool waiting_ = false;             ///< for the ready flag
  BoundedWait wait_{std::chrono::microseconds(0), 1, "finish its conversion"};
};

}  // namespace b2m
