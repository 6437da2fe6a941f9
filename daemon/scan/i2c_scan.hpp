// Which parts are on an I2C bus, by reads and by what the drivers know of their parts' identity.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "drivers/api/driver.hpp"

namespace b2m {

enum class Certainty : std::uint8_t {
  identified,  ///< the part says what it is
  possible,    ///< something answers, and parts without identity can have the address
  unknown,     ///< something answers that no driver knows
  held,        ///< a kernel driver has it; it was not touched
};

/// What is at an address.
struct I2cFinding {
  std::uint8_t address = 0;
  Certainty certainty = Certainty::unknown;
  std::vector<DriverRef> parts = {};  ///< the identified one, or all that it may be, drivers in the order of names
  bool maybe_mux = false;             ///< it may be an I2C multiplexer, and was not written to therefore
  std::string held_by = {};           ///< the kernel's answer, for people
};

struct I2cScan {
  std::vector<I2cFinding> findings = {};  ///< by address
  std::optional<Error> error = {};        ///< why the bus could not be scanned to its end
};

/// Told of each address before it is looked at.
using ScanProgress = std::function<void(std::uint8_t address)>;

/// Looks at the addresses 0x08 to 0x77 with the probes of `drivers`. Nothing is changed: parts are addressed with an
/// empty write or read from, then probes select registers, and only where these find nothing, commands of two bytes are
/// sent. What answers like a multiplexer gets none of it, since a byte would switch its channels. Worker only.
[[nodiscard]] I2cScan scan_i2c(I2cBus& bus, std::span<const DriverInfo* const> drivers, const ScanProgress& progress);

}  // namespace b2m
