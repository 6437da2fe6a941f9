#include "daemon/scan/kernel_devices.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "drivers/api/registry.hpp"

namespace b2m {
namespace {

constexpr std::string_view w1_root = "/sys/bus/w1/devices";

/// A class of devices whose name stands in their attribute `name`.
struct NamedClass {
  std::string_view driver;
  std::string_view root;
  std::string_view prefix;
};
constexpr std::array named_classes{NamedClass{"iio", "/sys/bus/iio/devices", "iio:device"},
                                   NamedClass{"hwmon", "/sys/class/hwmon", "hwmon"}};

/// Why the driver cannot read the device; empty when it can.
std::string problem_of(AttributeFiles& files, const KernelDevice& device) {
  const auto driver = find_driver(device.driver);
  if (!driver) return "there is no driver for it";
  Options options;
  options.set(device.option, device.name);
  const auto sensor = driver->driver->make_sensor({.options = options, .files = &files});
  const auto ready = sensor->init();
  return ready ? std::string() : to_string(ready.error());
}

/// `told`: directories of devices that are found otherwise.
void add_named(AttributeFiles& files, const NamedClass& named, const std::vector<std::string>& told,
               std::vector<KernelDevice>& devices) {
  const auto entries = files.list(std::string(named.root));
  if (!entries) return;
  for (const auto& entry : *entries) {
    if (!entry.starts_with(named.prefix) || std::find(told.begin(), told.end(), entry) != told.end()) continue;
    auto name = files.read(fmt::format("{}/{}/name", named.root, entry)).value_or(entry);
    const bool taken = std::any_of(devices.begin(), devices.end(), [&](const auto& device) {
      return device.driver == named.driver && device.name == name;
    });
    KernelDevice device{.driver = std::string(named.driver),
                        .directory = entry,
                        .name = taken || name.empty() ? entry : std::move(name),
                        .option = "device"};
    device.problem = problem_of(files, device);
    devices.push_back(std::move(device));
  }
}

/// The 1-Wire slaves that the kernel knows, without its masters.
std::vector<std::string> w1_slaves(AttributeFiles& files) {
  std::vector<std::string> slaves;
  for (const auto& entry : files.list(std::string(w1_root)).value_or(std::vector<std::string>()))
    if (!entry.starts_with("w1_bus_master")) slaves.push_back(entry);
  return slaves;
}

/// Thermometers are what the kernel's w1_therm has bound.
bool is_thermometer(AttributeFiles& files, const std::string& slave) {
  const auto attributes = files.list(fmt::format("{}/{}", w1_root, slave));
  return attributes && std::find(attributes->begin(), attributes->end(), "w1_slave") != attributes->end();
}

}  // namespace

std::vector<KernelDevice> kernel_devices(AttributeFiles& files) {
  std::vector<KernelDevice> devices;
  std::vector<std::string> told;  // w1_therm makes a hwmon device of each thermometer too
  for (const auto& slave : w1_slaves(files)) {
    if (!is_thermometer(files, slave)) continue;
    devices.push_back({.driver = "w1_therm", .directory = slave, .name = slave, .option = "id"});
    const auto hwmons = files.list(fmt::format("{}/{}/hwmon", w1_root, slave));
    if (hwmons) told.insert(told.end(), hwmons->begin(), hwmons->end());
  }
  for (const auto& named : named_classes) add_named(files, named, told, devices);
  return devices;
}

std::vector<std::string> other_w1_slaves(AttributeFiles& files) {
  auto slaves = w1_slaves(files);
  std::erase_if(slaves, [&](const auto& slave) { return is_thermometer(files, slave); });
  return slaves;
}

std::optional<KernelDevice> kernel_device_at(AttributeFiles& files, const std::string& bus, std::uint8_t address) {
  const auto directory = fmt::format("/sys/bus/i2c/devices/{}-{:04x}", bus.substr(bus.find('-') + 1), address);
  std::vector<std::string> theirs = files.list(directory).value_or(std::vector<std::string>());
  const auto hwmons = files.list(directory + "/hwmon").value_or(std::vector<std::string>());
  theirs.insert(theirs.end(), hwmons.begin(), hwmons.end());
  for (auto& device : kernel_devices(files))
    if (std::find(theirs.begin(), theirs.end(), device.directory) != theirs.end()) return std::move(device);
  return std::nullopt;
}

}  // namespace b2m
