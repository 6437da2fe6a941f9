// The engine for chips that are read by registers: what is written at the start, how a conversion is started and how
// long it takes, and where each value stands. A driver of this kind is its tables.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"

namespace b2m {

/// Where a channel's value stands in the chip: value = (raw >> shift, signed or not) × scale + offset.
struct Field {
  std::string_view channel;
  std::uint8_t reg;
  unsigned width = 16;  ///< bits read: 8, 16, 24 or 32
  ByteOrder order = ByteOrder::big_endian;
  bool sign = false;
  unsigned shift = 0;  ///< unused low bits
  double scale = 1;    ///< SI units per step
  double offset = 0;
  std::optional<std::uint32_t> invalid = {};  ///< the raw content that means "no measurement"
  std::uint32_t must_be_clear = 0;            ///< bits that are set in a result of another format
};

/// A register that is read or written as a whole; big endian when it has 16 bits.
struct RegisterValue {
  std::uint8_t reg;
  std::uint16_t value;
  unsigned width = 16;          ///< 8 or 16
  std::uint16_t mask = 0xffff;  ///< bits that count
};

/// One chip of a family.
struct RegisterChip {
  Model model;
  std::span<const Field> fields;
  std::optional<RegisterValue> identity = {};   ///< wrong_chip when it reads otherwise
  std::span<const RegisterValue> setup = {};    ///< written by init(), in order
  std::chrono::microseconds start_up{0};        ///< from the set-up to the first result
  std::span<const RegisterValue> trigger = {};  ///< written before each reading, for one-shot chips
  std::chrono::microseconds conversion{0};      ///< from the trigger to the result
};

/// Reads a chip as its row says.
class RegisterSensor final : public Sensor {
 public:
  RegisterSensor(const RegisterChip& chip, I2cDevice device, std::span<const ChannelSpec> channels)
      : chip_(chip), device_(device), channels_(channels) {}
  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channels_); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  const RegisterChip& chip_;
  I2cDevice device_;
  std::span<const ChannelSpec> channels_;
};

/// The value of a field whose register holds `raw`, or why it has none. Pure.
[[nodiscard]] Result<double> decode(const Field& field, std::uint32_t raw);

/// The factory for a table of chips: B2M_DRIVER(x) = {.models = models_of<chips>, .make_sensor =
/// make_register_sensor<chips>}.
template <const auto& chips>
std::unique_ptr<Sensor> make_register_sensor(const DriverContext& context) {
  const RegisterChip& chip = chips[context.model];
  return std::make_unique<RegisterSensor>(chip, i2c_device(context), chip.model.channels);
}

/// The models of a table of chips, in its order.
template <const auto& chips>
inline constexpr auto models_of = [] {
  std::array<Model, chips.size()> models{};
  std::transform(chips.begin(), chips.end(), models.begin(), [](const auto& chip) { return chip.model; });
  return models;
}();

}  // namespace b2m
