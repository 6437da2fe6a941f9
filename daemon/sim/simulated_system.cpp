#include "daemon/sim/simulated_system.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <optional>
#include <span>

namespace b2m {
namespace {

using Content = SimulatedFiles::Content;

/// "22375": the value in thousandths, as hwmon, thermal and processed IIO attributes have it.
Content milli(MovingValue value) {
  return [value = std::move(value)] { return fmt::format("{}\n", std::lround(value() * 1000)); };
}

Content whole(MovingValue value) {
  return [value = std::move(value)] { return fmt::format("{}\n", std::lround(value())); };
}

/// Where the kernel lists the devices of a class, and which attribute holds the name of one.
struct DeviceClass {
  std::string_view root;
  std::string_view prefix;
  std::string_view attribute;
};
constexpr DeviceClass thermal_zones{"/sys/class/thermal", "thermal_zone", "type"};
constexpr DeviceClass hwmons{"/sys/class/hwmon", "hwmon", "name"};
constexpr DeviceClass iio_devices{"/sys/bus/iio/devices", "iio:device", "name"};

/// The first directory of the class that is free; none when a device of that name, or a directory called so, is there.
std::optional<std::string> free_directory(SimulatedFiles& files, const DeviceClass& devices, const std::string& name) {
  if (files.has_directory(fmt::format("{}/{}", devices.root, name))) return std::nullopt;
  for (unsigned number = 0;; ++number) {
    auto directory = fmt::format("{}/{}{}", devices.root, devices.prefix, number);
    if (!files.has_directory(directory)) return directory;
    const auto found = files.read(fmt::format("{}/{}", directory, devices.attribute));
    if (found && *found == name) return std::nullopt;
  }
}

void add_proc(SimulatedFiles& files, const SimulationClock& clock) {
  const MovingValue load(clock, {0.05, 0.9}, seed_of("load"));
  files.add("/proc/loadavg", [load] {
    const double now = load();
    return fmt::format("{:.2f} {:.2f} {:.2f} 1/123 4567\n", now, 0.1 + now * 0.8, 0.2 + now * 0.5);
  });
  const MovingValue available(clock, {620e3, 760e3}, seed_of("memory"));
  files.add("/proc/meminfo", [available] {
    const auto kilobytes = std::lround(available());
    return fmt::format(
        "MemTotal:        1013404 kB\nMemFree:         {:8} kB\nMemAvailable:    {:8} kB\n"
        "Buffers:           24112 kB\nCached:           251880 kB\nSwapTotal:             0 kB\nSwapFree:              "
        "0 kB\n",
        kilobytes - 240000, kilobytes);
  });
  // A board that was started an hour before the program.
  files.add("/proc/uptime", [clock, start = clock()] {
    const double up = 3600 + std::chrono::duration<double>(clock() - start).count();
    return fmt::format("{:.2f} {:.2f}\n", up, up * 3.7);
  });
}

/// Names of IIO drivers of converters: "sun4i-gpadc", "ads1015", "mcp3008". The others are taken for climate sensors.
bool is_converter(std::string_view name) {
  return name.find("adc") != std::string_view::npos || name.starts_with("ads1") || name.starts_with("mcp3");
}

/// 12 bits of 1.8 V, in mV after scaling.
void add_iio_voltages(SimulatedFiles& files, const SimulationClock& clock, const std::string& directory) {
  files.add(directory + "/in_voltage0_raw", whole({clock, {600, 3400}, seed_of(directory)}));
  files.add(directory + "/in_voltage1_raw", whole({clock, {200, 1900}, seed_of(directory) + 1}));
  files.add(directory + "/in_voltage_scale", "0.439453125\n");
}

/// Thousandths of °C and of %RH; pressure in kPa.
void add_iio_climate(SimulatedFiles& files, const SimulationClock& clock, const std::string& directory) {
  const auto seed = seed_of(directory);
  files.add(directory + "/in_temp_input", milli({clock, everyday_range(Quantity::temperature), seed}));
  files.add(directory + "/in_humidityrelative_input",
            milli({clock, everyday_range(Quantity::relative_humidity), seed + 1}));
  const MovingValue pascal(clock, everyday_range(Quantity::atmospheric_pressure), seed + 2);
  files.add(directory + "/in_pressure_input", [pascal] { return fmt::format("{:.6f}\n", pascal() / 1000); });
}

/// Maxim DS18B20 (19-7487 rev. 6), "CRC generation": x⁸ + x⁵ + x⁴ + 1, bits in the order of the wire.
unsigned one_wire_crc(std::span<const std::uint8_t> bytes) {
  unsigned crc = 0;
  for (const unsigned byte : bytes) {
    crc ^= byte;
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0x8c : crc >> 1;
  }
  return crc;
}

}  // namespace

std::string w1_slave_text(double celsius) {
  const auto sixteenths = static_cast<int>(std::lround(celsius * 16));
  const auto raw = static_cast<unsigned>(sixteenths);
  const auto reserved = static_cast<std::uint8_t>(0x10 - (raw & 0x0f));  // byte 6 of genuine parts
  const std::array scratchpad{static_cast<std::uint8_t>(raw & 0xff),
                              static_cast<std::uint8_t>(raw >> 8 & 0xff),
                              std::uint8_t{0x4b},
                              std::uint8_t{0x46},
                              std::uint8_t{0x7f},
                              std::uint8_t{0xff},
                              reserved,
                              std::uint8_t{0x10}};
  const unsigned crc = one_wire_crc(scratchpad);
  const auto bytes = fmt::format("{:02x} {:02x}", fmt::join(scratchpad, " "), crc);
  return fmt::format("{} : crc={:02x} YES\n{} t={}\n", bytes, crc, bytes, sixteenths * 1000 / 16);
}

void add_thermal_zone(SimulatedFiles& files, const SimulationClock& clock, const std::string& type) {
  const auto directory = free_directory(files, thermal_zones, type);
  if (!directory) return;
  files.add(*directory + "/type", type + "\n");
  files.add(*directory + "/temp", milli({clock, {41, 56}, seed_of(type)}));
}

void add_hwmon_device(SimulatedFiles& files, const SimulationClock& clock, const std::string& name) {
  const auto directory = free_directory(files, hwmons, name);
  if (!directory) return;
  files.add(*directory + "/name", name + "\n");
  files.add(*directory + "/temp1_input", milli({clock, {38, 52}, seed_of(name)}));
  files.add(*directory + "/in0_input", milli({clock, {4.95, 5.1}, seed_of(name) + 1}));
  files.add(*directory + "/fan1_input", whole({clock, {900, 1500}, seed_of(name) + 2}));
}

void add_iio_device(SimulatedFiles& files, const SimulationClock& clock, const std::string& name) {
  const auto directory = free_directory(files, iio_devices, name);
  if (!directory) return;
  files.add(*directory + "/name", name + "\n");
  if (is_converter(name)) {
    add_iio_voltages(files, clock, *directory);
  } else {
    add_iio_climate(files, clock, *directory);
  }
}

void add_one_wire_thermometer(SimulatedFiles& files, const SimulationClock& clock, const std::string& id) {
  const auto directory = "/sys/bus/w1/devices/" + id;
  if (files.has_directory(directory)) return;
  const MovingValue celsius(clock, everyday_range(Quantity::temperature), seed_of(id));
  files.add(directory + "/w1_slave", [celsius] { return w1_slave_text(celsius()); });
  files.add(directory + "/name", id + "\n");
}

void add_system_files(SimulatedFiles& files, const SimulationClock& clock, std::string_view model) {
  files.add("/proc/device-tree/model", std::string(model) + '\0');  // a property of the device tree ends with a zero
  add_proc(files, clock);
  add_thermal_zone(files, clock, "cpu-thermal");
  add_thermal_zone(files, clock, "gpu-thermal");
  add_hwmon_device(files, clock, "simulated");
  add_iio_device(files, clock, "simulated-adc");
  add_one_wire_thermometer(files, clock, std::string(simulated_one_wire_id));
}

}  // namespace b2m
