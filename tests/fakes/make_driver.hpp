// Sensors and actuators as the configuration would make them: by driver or model name, with the defaults of their
// options.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "drivers/api/registry.hpp"

namespace b2m {

using OptionTexts = std::vector<std::pair<std::string_view, std::string>>;

/// The defaults of a driver's options and of its bus, with `given` over them; a wrong value throws, which fails the
/// test.
inline Options make_options(const DriverInfo& driver, const OptionTexts& given) {
  Options options = default_options(driver.options);
  const Options of_the_bus = default_options(bus_options(driver.bus));
  for (const auto& [key, value] : of_the_bus.all()) options.set(key, value);
  for (const auto& [key, text] : given) {
    bool known = false;
    for (const auto& table : {driver.options, bus_options(driver.bus)}) {
      for (const auto& spec : table) {
        if (spec.key != key) continue;
        auto value = parse_option(spec, text);
        if (!value) throw std::invalid_argument(to_string(value.error()));
        options.set(key, std::move(*value));
        known = true;
      }
    }
    if (!known) throw std::invalid_argument("no option " + std::string(key));
  }
  return options;
}

inline DriverRef driver_named(std::string_view name) {
  const auto found = find_driver(name);
  if (!found) throw std::invalid_argument("no driver " + std::string(name));
  return *found;
}

/// A polled sensor on an I2C bus; the address is the first the model can have unless given.
inline std::unique_ptr<Sensor> make_i2c_sensor(std::string_view name, I2cBus& bus, const OptionTexts& given = {}) {
  const auto ref = driver_named(name);
  Options options = make_options(*ref.driver, given);
  if (!options.has("address")) options.set("address", std::int64_t{ref.addresses().front()});
  return ref.driver->make_sensor({.options = options, .model = ref.model, .i2c = &bus});
}

/// A polled sensor on an SPI chip select.
inline std::unique_ptr<Sensor> make_spi_sensor(std::string_view name, SpiBus& bus, const OptionTexts& given = {}) {
  const auto ref = driver_named(name);
  const Options options = make_options(*ref.driver, given);
  return ref.driver->make_sensor({.options = options, .model = ref.model, .spi = &bus});
}

/// A polled sensor on a serial port.
inline std::unique_ptr<Sensor> make_serial_sensor(std::string_view name, SerialPort& port,
                                                  const OptionTexts& given = {}) {
  const auto ref = driver_named(name);
  const Options options = make_options(*ref.driver, given);
  return ref.driver->make_sensor({.options = options, .model = ref.model, .serial = &port});
}

/// A polled sensor on timed lines; its line options mean gpiochip0's lines 1, 2 …, in the order of its table.
inline std::unique_ptr<Sensor> make_lines_sensor(std::string_view name, TimedLines& timed,
                                                 const OptionTexts& given = {}) {
  const auto ref = driver_named(name);
  const Options options = make_options(*ref.driver, given);
  DriverContext context{.options = options, .model = ref.model, .timed_lines = &timed};
  for (const auto& spec : ref.driver->options)
    if (spec.type == OptionType::line)
      context.lines[std::string(spec.key)] = {"gpiochip0", static_cast<unsigned>(context.lines.size() + 1)};
  return ref.driver->make_sensor(context);
}

/// A sensor that is told by edges.
inline std::unique_ptr<EdgeSensor> make_edge_sensor(std::string_view name, const OptionTexts& given = {}) {
  const auto ref = driver_named(name);
  const Options options = make_options(*ref.driver, given);
  return ref.driver->make_edge_sensor({.options = options, .model = ref.model});
}

/// A computed sensor.
inline std::unique_ptr<ComputedSensor> make_computed_sensor(std::string_view name, const OptionTexts& given) {
  const auto ref = driver_named(name);
  const Options options = make_options(*ref.driver, given);
  return ref.driver->make_computed({.options = options, .model = ref.model});
}

/// The values of a computed sensor, by channel; `inputs` as DriverInfo::inputs.
inline std::map<std::string, Result<double>, std::less<>> compute(const ComputedSensor& sensor,
                                                                  const std::vector<std::optional<double>>& inputs) {
  const auto channels = sensor.channels();
  Samples samples(channels.size());
  sensor.compute(inputs, samples);
  std::map<std::string, Result<double>, std::less<>> values;
  for (std::size_t i = 0; i < channels.size(); ++i) values.emplace(channels[i].key, samples[i]);
  return values;
}

/// An actuator on kernel files.
inline std::unique_ptr<Actuator> make_file_actuator(std::string_view name, AttributeFiles& files,
                                                    const OptionTexts& given = {}) {
  const auto ref = driver_named(name);
  const Options options = make_options(*ref.driver, given);
  return ref.driver->make_actuator({.options = options, .model = ref.model, .files = &files});
}

/// An actuator on an I2C bus; the address is the first the model can have unless given.
inline std::unique_ptr<Actuator> make_i2c_actuator(std::string_view name, I2cBus& bus, const OptionTexts& given = {}) {
  const auto ref = driver_named(name);
  Options options = make_options(*ref.driver, given);
  if (!options.has("address")) options.set("address", std::int64_t{ref.addresses().front()});
  return ref.driver->make_actuator({.options = options, .model = ref.model, .i2c = &bus});
}

/// A polled sensor on kernel files.
inline std::unique_ptr<Sensor> make_file_sensor(std::string_view name, AttributeFiles& files,
                                                const OptionTexts& given = {}) {
  const auto ref = driver_named(name);
  const Options options = make_options(*ref.driver, given);
  return ref.driver->make_sensor({.options = options, .model = ref.model, .files = &files});
}

}  // namespace b2m
