#include "daemon/io/linux_board.hpp"

#include <utility>

#include "daemon/io/linux_gpio.hpp"

namespace b2m {

const BoardTable& this_board(AttributeFiles& files) {
  const auto model = files.read("/proc/device-tree/model");
  return recognise(model ? std::string_view(*model) : std::string_view());
}

LinuxBoard::LinuxBoard(const BoardTable& table, std::shared_ptr<LineKeeper> keeper, std::string root)
    : table_(table), files_(std::move(root)), gpio_(make_gpio_port(std::move(keeper))) {}

I2cBus& LinuxBoard::i2c(const std::string& name) {
  const auto canonical = i2c_bus_name(name);
  auto& bus = buses_[canonical.empty() ? name : canonical];
  if (!bus) bus = std::make_unique<LinuxI2cBus>(name, i2c_hint(table_, canonical));
  return *bus;
}

SpiBus& LinuxBoard::spi(const std::string& name) {
  const auto canonical = spi_bus_name(name);
  auto& bus = chip_selects_[canonical.empty() ? name : canonical];
  if (!bus) bus = std::make_unique<LinuxSpiBus>(name);
  return *bus;
}

SerialPort& LinuxBoard::serial(const std::string& port) {
  auto& there = ports_[serial_port_path(port)];
  if (!there) there = std::make_unique<LinuxSerialPort>(port);
  return *there;
}

std::unique_ptr<Sensor> LinuxBoard::substitute(const DriverRef& /*driver*/, const Options& /*options*/) {
  return nullptr;
}

}  // namespace b2m
