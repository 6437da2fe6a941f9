// From a device's configuration to its driver object with the ports it needs.
#pragma once

#include <memory>
#include <string>

#include "daemon/config/model.hpp"
#include "drivers/api/board.hpp"

namespace b2m {

/// The worker that serves a device: its I2C adapter ("i2c-1"; also that of the expander of its line), SPI controller
/// ("spi1"), serial port ("ttyS2"), "lines", "w1", "files" or "outputs". Pure.
[[nodiscard]] std::string worker_name(const DeviceConfig& device);

struct BuiltSensor {
  std::unique_ptr<Sensor> sensor;
  bool simulated = false;  ///< it stands for a part that the simulated board has no model of
};

[[nodiscard]] BuiltSensor build_sensor(const SensorConfig& config, Board& board);
[[nodiscard]] std::unique_ptr<ComputedSensor> build_computed_sensor(const SensorConfig& config);
[[nodiscard]] std::unique_ptr<EdgeSensor> build_edge_sensor(const SensorConfig& config, Board& board);
[[nodiscard]] std::unique_ptr<Actuator> build_actuator(const ActuatorConfig& config, Board& board);

}  // namespace b2m
