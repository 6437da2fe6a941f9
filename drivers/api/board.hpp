// The board: where the ports come from. The real one and the simulated one look the same from above.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "drivers/api/driver.hpp"

namespace b2m {

/// Loop only, during start and reload; the ports it hands out are then used as their own comments say and live as long
/// as the board. Nothing here touches hardware: a bus that is missing shows at its first transfer.
class Board {
 public:
  virtual ~Board() = default;
  /// The bus of that name, "i2c-1"; the same object for the same name.
  virtual I2cBus& i2c(const std::string& name) = 0;
  /// The chip select of that name, "spidev1.0"; the same object for the same name.
  virtual SpiBus& spi(const std::string& name) = 0;
  /// The serial port of that name, "/dev/ttyS2"; the same object for the same name.
  virtual SerialPort& serial(const std::string& port) = 0;
  virtual GpioPort& gpio() = 0;
  virtual TimedLines& timed_lines() = 0;
  virtual AttributeFiles& files() = 0;
  /// The sensor that stands for a device whose driver this board cannot serve, or none when the driver itself is to be
  /// used. Only the simulated board has such devices. `model` as in DriverContext.
  virtual std::unique_ptr<Sensor> substitute(const DriverRef& driver, const Options& options) = 0;
};

}  // namespace b2m
