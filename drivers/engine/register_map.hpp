// Tables for chips that are read by registers: what is written at the start, how a conversion is started and how long
// it takes, and where each value stands. A driver of this kind is its tables; the engine is that of register_burst.hpp.
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
#include "drivers/engine/register_burst.hpp"

namespace b2m {

/// Where a channel's value stands in the chip: value = (raw >> shift, signed or not) × scale + offset.
struct Field {
  std::string_view channel;
  std::uint8_t reg;
  unsigned width = 16;  ///< bits read: 8, 16, 24 or 32
  ByteOrder order = ByteOrder::big_endian;
  bool sign = false;
  unsigned shift = 0;        ///< unused low bits
  unsigned unused_high = 0;  ///< flags above the sign
  double scale = 1;          ///< SI units per step
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
  bool burst = false;  ///< the fields stand together from the first on and are read in one transfer
  std::optional<RegisterValue> identity = {};         ///< wrong_chip when it reads otherwise
  std::optional<RegisterValue> second_identity = {};  ///< likewise
  std::optional<RegisterValue> reset = {};            ///< written by init() after an identity
  std::chrono::microseconds reset_time{0};
  std::span<const RegisterValue> setup = {};    ///< written by init(), in order
  std::chrono::microseconds start_up{0};        ///< from the set-up to the first result
  std::span<const RegisterValue> trigger = {};  ///< written before each reading, for one-shot chips
  std::chrono::microseconds conversion{0};      ///< from the trigger to the result
  std::optional<ReadyFlag> ready = {};          ///< looked at after `conversion`
};

/// wrong_chip when an identity register of the chip reads otherwise.
[[nodiscard]] Result<> check_identity(const I2cDevice& device, const RegisterChip& chip);

/// The chip of a table as the engine reads it; `chip` lives longer. Pure.
[[nodiscard]] BurstChip to_burst_chip(const RegisterChip& chip);

/// The value of a field whose register holds `raw`, or why it has none. Pure.
[[nodiscard]] Result<double> decode(const Field& field, std::uint32_t raw);

// `static`: GCC 14 gives a template whose argument is a table of an unnamed namespace the same symbol in every file,
// and the linker keeps one for all drivers.

/// The factory for a table of chips: B2M_DRIVER(x) = {.models = models_of<chips>, .make_sensor =
/// make_register_sensor<chips>}.
template <const auto& chips>
static std::unique_ptr<Sensor> make_register_sensor(const DriverContext& context) {
  const RegisterChip& chip = chips[context.model];
  return std::make_unique<BurstSensor>(to_burst_chip(chip), i2c_device(context), to_channels(chip.model.channels));
}

/// The probe for a table of chips: the first one that has an identity and shows it.
template <const auto& chips>
static Result<std::string_view> probe_register_chips(const I2cDevice& device) {
  Result<std::string_view> found = fail(Errc::wrong_chip, "no identity register reads as expected");
  for (const RegisterChip& chip : chips) {
    if (!chip.identity) continue;
    const auto identity = check_identity(device, chip);
    if (identity) return chip.model.name;
    if (identity.error().code != Errc::wrong_chip) return tl::unexpected(identity.error());
  }
  return found;
}

/// The models of a table of chips, in its order.
template <const auto& chips>
static constexpr auto models_of = [] {
  std::array<Model, chips.size()> models{};
  std::transform(chips.begin(), chips.end(), models.begin(), [](const auto& chip) {
    Model model = chip.model;
    model.has_identity = chip.identity.has_value();
    return model;
  });
  return models;
}();

}  // namespace b2m
