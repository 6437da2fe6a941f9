// The real board: the kernel's devices behind the ports.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "daemon/board/board_table.hpp"
#include "daemon/io/line_keeper.hpp"
#include "daemon/io/linux_files.hpp"
#include "daemon/io/linux_i2c.hpp"
#include "daemon/io/linux_serial.hpp"
#include "daemon/io/linux_spi.hpp"
#include "daemon/io/linux_timed_lines.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// The table of the board this runs on, by its device tree; "generic" on machines without one. Any thread.
[[nodiscard]] const BoardTable& this_board(AttributeFiles& files);

/// Loop only; see Board.
class LinuxBoard final : public Board {
 public:
  /// `table` lives as long as the program. `keeper` keeps the output lines; `root` is put before the paths of attribute
  /// files.
  explicit LinuxBoard(const BoardTable& table, std::shared_ptr<LineKeeper> keeper = std::make_shared<NoLineKeeper>(),
                      std::string root = {});
  I2cBus& i2c(const std::string& name) override;
  SpiBus& spi(const std::string& name) override;
  SerialPort& serial(const std::string& port) override;
  GpioPort& gpio() override { return *gpio_; }
  TimedLines& timed_lines() override { return timed_lines_; }
  AttributeFiles& files() override { return files_; }
  std::unique_ptr<Sensor> substitute(const DriverRef& driver, const Options& options) override;

 private:
  const BoardTable& table_;
  LinuxFiles files_;
  std::unique_ptr<GpioPort> gpio_;
  LinuxTimedLines timed_lines_;
  std::map<std::string, std::unique_ptr<LinuxI2cBus>> buses_;
  std::map<std::string, std::unique_ptr<LinuxSpiBus>> chip_selects_;
  std::map<std::string, std::unique_ptr<LinuxSerialPort>> ports_;
};

}  // namespace b2m
