// The engine for chips that measure by themselves and whose results are read in one burst: the set-up that is written
// at the start and looked at again before each reading, a ready flag, and a function that decodes the burst.
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

/// A byte that is written.
struct RegisterWrite {
  std::uint8_t reg;
  std::uint8_t value;
  std::chrono::microseconds pause{0};  ///< to the next transfer
};

/// Registers that must hold these bytes; those of `mask` that are 0 do not matter, an empty mask means all.
struct RegisterGuard {
  std::uint8_t reg;
  std::vector<std::uint8_t> value;
  std::vector<std::uint8_t> mask = {};
};

/// A flag that is set when a result is there.
struct ResultFlag {
  std::uint8_t reg;
  std::uint8_t mask;
  std::chrono::microseconds pause;  ///< between two looks
  unsigned looks;
};

/// A chip as its options configure it.
struct BurstChip {
  std::optional<RegisterGuard> identity = {};  ///< wrong_chip when it reads otherwise
  std::vector<RegisterWrite> setup = {};       ///< written by init(), in order
  std::optional<RegisterGuard> guard = {};     ///< looked at before each reading: a chip that lost its supply differs
  std::optional<ResultFlag> ready = {};
  std::uint8_t burst = 0;  ///< first register of the results; with the chip's auto-increment bit, where it has one
  std::size_t length = 0;
  std::function<Result<>(RegisterBytes, Samples&)> decode;
};

/// Reads registers and compares; the error, with this code, names the first that differs. Worker only.
[[nodiscard]] Result<> expect_registers(const I2cDevice& device, const RegisterGuard& guard, Errc otherwise);

/// Reads a chip as its BurstChip says.
/// Worker only.
class BurstSensor final : public Sensor {
 public:
  BurstSensor(BurstChip chip, I2cDevice device, std::vector<Channel> channels)
      : chip_(std::move(chip)), device_(device), channels_(std::move(channels)) {
    if (chip_.ready) wait_ = {chip_.ready->pause, chip_.ready->looks, "finish a measurement"};
  }
  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return channels_; }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> write_next();
  Result<Progress> await_result();

  BurstChip chip_;
  I2cDevice device_;
  std::vector<Channel> channels_;
  std::size_t written_ = 0;  ///< rows of `setup` so far
  bool waiting_ = false;     ///< for the ready flag
  BoundedWait wait_{std::chrono::microseconds(0), 1, "finish a measurement"};
};

}  // namespace b2m
