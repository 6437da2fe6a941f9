// Sensors that a driver of the kernel serves already: 1-Wire thermometers, IIO and hwmon devices.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "drivers/api/driver.hpp"

namespace b2m {

struct KernelDevice {
  std::string driver;        ///< of ours: "w1_therm", "iio", "hwmon"
  std::string directory;     ///< what the kernel calls it now: "hwmon0"
  std::string name;          ///< what the option `option` is to say: "lm75"; the directory where two have one name
  std::string option;        ///< "device", "id"
  std::string problem = {};  ///< why it cannot be read; empty: it can
};

/// All of them, w1_therm first, each looked at by the init() of its driver. Worker only.
[[nodiscard]] std::vector<KernelDevice> kernel_devices(AttributeFiles& files);

/// The 1-Wire slaves that are no thermometers, by id. Worker only.
[[nodiscard]] std::vector<std::string> other_w1_slaves(AttributeFiles& files);

/// The IIO or hwmon device that the kernel made of the chip at an address of the bus "i2c-1", or none. Worker only.
[[nodiscard]] std::optional<KernelDevice> kernel_device_at(AttributeFiles& files, const std::string& bus,
                                                           std::uint8_t address);

}  // namespace b2m
