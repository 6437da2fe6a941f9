#include "daemon/app/build_device.hpp"

namespace b2m {
namespace {

std::string bus_name(const Options& options) {
  const std::string& bus = options.text("bus");
  constexpr std::string_view prefix = "/dev/";
  return bus.starts_with(prefix) ? bus.substr(prefix.size()) : bus;
}

DriverContext context_of(const DeviceConfig& device, Board& board) {
  DriverContext context{.options = device.options, .model = device.driver.model, .line = device.line};
  switch (device.driver.driver->bus) {
    case BusKind::i2c: context.i2c = &board.i2c(bus_name(device.options)); break;
    case BusKind::gpio: context.gpio = &board.gpio(); break;
    case BusKind::files:
    case BusKind::w1: context.files = &board.files(); break;
    case BusKind::none: break;
  }
  return context;
}

}  // namespace

std::string worker_name(const DeviceConfig& device) {
  if (device.driver.driver->is_actuator()) return "outputs";
  switch (device.driver.driver->bus) {
    case BusKind::i2c: return bus_name(device.options);
    case BusKind::w1: return "w1";
    case BusKind::gpio:
    case BusKind::files:
    case BusKind::none: break;
  }
  return "files";
}

BuiltSensor build_sensor(const SensorConfig& config, Board& board) {
  if (auto substitute = board.substitute(config.driver, config.options)) return {std::move(substitute), true};
  return {config.driver.driver->make_sensor(context_of(config, board))};
}

std::unique_ptr<EdgeSensor> build_edge_sensor(const SensorConfig& config, Board& board) {
  return config.driver.driver->make_edge_sensor(context_of(config, board));
}

std::unique_ptr<Actuator> build_actuator(const ActuatorConfig& config, Board& board) {
  return config.driver.driver->make_actuator(context_of(config, board));
}

}  // namespace b2m
