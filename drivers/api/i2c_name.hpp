// The name of an I2C bus: an adapter, or a channel of a multiplexer on one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "drivers/api/result.hpp"

namespace b2m {

/// A channel of a TCA9548A, PCA9548A or one of their smaller kin.
struct I2cMuxChannel {
  std::uint8_t address = 0x70;  ///< of the multiplexer on its adapter, 0x70 to 0x77
  unsigned channel = 0;         ///< 0 to 7
  friend bool operator==(const I2cMuxChannel&, const I2cMuxChannel&) = default;
};

struct I2cBusName {
  std::string adapter;                    ///< "i2c-1"
  std::optional<I2cMuxChannel> mux = {};  ///< none: the adapter's own bus
  /// "i2c-1" or "i2c-1/mux:0x70:3": one spelling for each bus.
  [[nodiscard]] std::string text() const;
  friend bool operator==(const I2cBusName&, const I2cBusName&) = default;
};

/// Reads "i2c-1", "/dev/i2c-1", "i2c-1/mux:0x70:3". Error: out_of_range; the detail says what is wrong and what to
/// write instead. Pure.
[[nodiscard]] Result<I2cBusName> parse_i2c_bus(std::string_view spelling);

/// "i2c-1" of "i2c-1/mux:0x70:3": the buses behind a multiplexer take turns with their adapter's own. What is no name
/// of a bus stands for itself. Pure.
[[nodiscard]] std::string adapter_of(std::string_view bus);

}  // namespace b2m
