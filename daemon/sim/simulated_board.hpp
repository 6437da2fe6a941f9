// The board of `--simulate`: the ports of a board on which everything that is configured is there and works.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "daemon/sim/motion.hpp"
#include "daemon/sim/simulated_files.hpp"
#include "daemon/sim/simulated_gpio.hpp"
#include "daemon/sim/simulated_i2c.hpp"
#include "daemon/sim/simulated_serial.hpp"
#include "daemon/sim/simulated_spi.hpp"
#include "daemon/sim/simulated_timed_lines.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// Before a device is used, attach() puts it on the board. Loop only, as every board; what it hands out, as the ports
/// say.
class SimulatedBoard final : public Board {
 public:
  struct Settings {
    SimulationClock clock = [] { return std::chrono::steady_clock::now(); };
    SimulatedGpio::Inputs inputs = SimulatedGpio::Inputs::self_moving;
    std::string_view model = "walnutpi-1b";  ///< what the device tree calls the board
  };
  /// A device that has no model: its sensor is a substitute.
  struct UnmodelledDevice {
    std::string driver;
    std::string bus;       ///< or port, or line
    std::uint8_t address;  ///< of an I2C device
    friend bool operator==(const UnmodelledDevice&, const UnmodelledDevice&) = default;
  };

  SimulatedBoard() : SimulatedBoard(Settings{}) {}
  explicit SimulatedBoard(Settings settings);

  I2cBus& i2c(const std::string& name) override;
  SpiBus& spi(const std::string& name) override;
  SerialPort& serial(const std::string& port) override;
  GpioPort& gpio() override { return gpio_; }
  TimedLines& timed_lines() override { return timed_lines_; }
  AttributeFiles& files() override { return files_; }
  std::unique_ptr<Sensor> substitute(const DriverRef& driver, const Options& options) override;

  /// Makes the configured device exist: its chip on its bus, its directory in sysfs. A device that is there already
  /// stays as it is, so that a reload disturbs nothing. `lines` as in DriverContext.
  void attach(const DriverRef& driver, const Options& options, const Lines& lines = {});
  /// The devices of which only plausible values are shown, in the order they were attached.
  [[nodiscard]] const std::vector<UnmodelledDevice>& unmodelled() const noexcept { return unmodelled_; }

  [[nodiscard]] SimulatedI2c& simulated_i2c(const std::string& name);
  [[nodiscard]] SimulatedSpi& simulated_spi(const std::string& name);
  [[nodiscard]] SimulatedSerial& simulated_serial(const std::string& port);
  [[nodiscard]] SimulatedTimedLines& simulated_timed_lines() noexcept { return timed_lines_; }
  [[nodiscard]] SimulatedGpio& simulated_gpio() noexcept { return gpio_; }
  [[nodiscard]] SimulatedFiles& simulated_files() noexcept { return files_; }

 private:
  void attach_i2c(const DriverRef& driver, const Options& options);
  /// Lines that move as the part on them would move them.
  void attach_lines(const DriverRef& driver, const Lines& lines);
  void attach_kernel_device(const DriverRef& driver, const Options& options);
  /// The devices that do not speak I2C.
  void attach_wired(const DriverRef& driver, const Options& options, const Lines& lines);

  SimulationClock clock_;
  SimulatedGpio gpio_;
  SimulatedFiles files_;
  SimulatedTimedLines timed_lines_;
  std::map<std::string, std::unique_ptr<SimulatedI2c>> buses_;
  std::map<std::string, std::unique_ptr<SimulatedSpi>> chip_selects_;
  std::map<std::string, std::unique_ptr<SimulatedSerial>> ports_;
  std::map<std::string, std::string> attached_;  ///< place, as "i2c-1/0x76" → name of the driver
  std::vector<UnmodelledDevice> unmodelled_;
};

}  // namespace b2m
