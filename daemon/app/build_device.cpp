#include "daemon/app/build_device.hpp"

#include <fmt/format.h>

#include <optional>

#include "drivers/api/i2c_name.hpp"

namespace b2m {
namespace {

/// "ttyS2" of "/dev/ttyS2".
std::string without_directory(const std::string& name) {
  constexpr std::string_view prefix = "/dev/";
  return name.starts_with(prefix) ? name.substr(prefix.size()) : name;
}

std::string bus_name(const Options& options) { return without_directory(options.text("bus")); }

/// The adapter of a line of an expander, "mcp23017@i2c-1:0x20"; none for other lines.
std::optional<std::string> expander_adapter(const DeviceConfig& device) {
  const auto line = device.lines.find("line");
  if (line == device.lines.end()) return std::nullopt;
  const std::string_view chip = line->second.chip;
  const auto at = chip.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  return adapter_of(chip.substr(at + 1, chip.rfind(':') - at - 1));
}

/// "spi1" of "spidev1.0": the chip selects of a controller take turns.
std::string controller_name(const Options& options) {
  constexpr std::string_view prefix = "spidev";
  const auto bus = bus_name(options);
  const auto point = bus.find('.');
  if (!bus.starts_with(prefix) || point == std::string::npos) return bus;
  return fmt::format("spi{}", bus.substr(prefix.size(), point - prefix.size()));
}

DriverContext context_of(const DeviceConfig& device, Board& board) {
  DriverContext context{.options = device.options, .model = device.driver.model, .lines = device.lines};
  switch (device.driver.driver->bus) {
    case BusKind::i2c: context.i2c = &board.i2c(bus_name(device.options)); break;
    case BusKind::spi: context.spi = &board.spi(bus_name(device.options)); break;
    case BusKind::serial: context.serial = &board.serial(device.options.text("port")); break;
    case BusKind::gpio:
    case BusKind::gpio_lines: context.gpio = &board.gpio(); break;
    case BusKind::timed_lines: context.timed_lines = &board.timed_lines(); break;
    case BusKind::files:
    case BusKind::w1: context.files = &board.files(); break;
    case BusKind::none: break;
  }
  return context;
}

}  // namespace

std::string worker_name(const DeviceConfig& device) {
  if (const auto adapter = expander_adapter(device)) return *adapter;
  if (device.driver.driver->bus == BusKind::i2c) return adapter_of(device.options.text("bus"));
  if (device.driver.driver->is_actuator()) return "outputs";
  switch (device.driver.driver->bus) {
    case BusKind::spi: return controller_name(device.options);
    case BusKind::serial: return without_directory(device.options.text("port"));
    case BusKind::timed_lines: return "lines";
    case BusKind::w1: return "w1";
    case BusKind::i2c:
    case BusKind::gpio:
    case BusKind::gpio_lines:
    case BusKind::files:
    case BusKind::none: break;
  }
  return "files";
}

BuiltSensor build_sensor(const SensorConfig& config, Board& board) {
  if (auto substitute = board.substitute(config.driver, config.options)) return {std::move(substitute), true};
  return {config.driver.driver->make_sensor(context_of(config, board))};
}

std::unique_ptr<ComputedSensor> build_computed_sensor(const SensorConfig& config) {
  return config.driver.driver->make_computed({.options = config.options, .model = config.driver.model});
}

std::unique_ptr<EdgeSensor> build_edge_sensor(const SensorConfig& config, Board& board) {
  return config.driver.driver->make_edge_sensor(context_of(config, board));
}

std::unique_ptr<Actuator> build_actuator(const ActuatorConfig& config, Board& board) {
  return config.driver.driver->make_actuator(context_of(config, board));
}

}  // namespace b2m
