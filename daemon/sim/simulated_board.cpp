#include "daemon/sim/simulated_board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/sim/live_models.hpp"
#include "daemon/sim/live_wires.hpp"
#include "daemon/sim/plausible_sensor.hpp"
#include "daemon/sim/register_models.hpp"
#include "daemon/sim/simulated_system.hpp"

namespace b2m {
namespace {

/// "/dev/i2c-1" and "i2c-1" are one bus; so are chip selects and serial ports.
std::string bus_name(std::string_view name) {
  constexpr std::string_view directory = "/dev/";
  if (name.starts_with(directory)) name.remove_prefix(directory.size());
  return std::string(name);
}

/// Where an I2C device is.
struct Place {
  std::string bus;
  std::uint8_t address = 0;
  [[nodiscard]] std::string name() const { return fmt::format("{}/0x{:02x}", bus, address); }
};

Place place_of(const DriverRef& driver, const Options& options) {
  Place place{.bus = options.has("bus") ? bus_name(options.text("bus")) : "i2c-0"};
  if (options.has("address")) {
    place.address = static_cast<std::uint8_t>(options.integer("address") & 0x7f);
  } else if (!driver.addresses().empty()) {
    place.address = driver.addresses().front();
  }
  return place;
}

/// Whether a part of that name can be made for real, whatever its wires are.
bool has_model(const DriverRef& driver) {
  const auto name = driver.name();
  switch (driver.driver->bus) {
    case BusKind::i2c: return find_live_model(name) != nullptr;
    case BusKind::spi: return find_live_spi(name) != nullptr;
    case BusKind::serial: return find_live_serial(name) != nullptr;
    case BusKind::timed_lines: return find_live_lines(name) != nullptr;
    case BusKind::none:
    case BusKind::gpio:
    case BusKind::gpio_lines:
    case BusKind::files:
    case BusKind::w1: break;
  }
  return true;
}

/// The line on which a part of two lines tells.
const LineId* telling_line(const Lines& lines) {
  for (const auto* option : {"line", "data_line", "echo_line"})
    if (const auto at = lines.find(option); at != lines.end()) return &at->second;
  return nullptr;
}

/// Where a device is that does not speak I2C, for people and to tell devices apart.
std::string wired_place(const DriverRef& driver, const Options& options, const Lines& lines) {
  if (driver.driver->bus == BusKind::spi) return options.has("bus") ? bus_name(options.text("bus")) : "spidev0.0";
  if (driver.driver->bus == BusKind::serial) {
    const auto port = options.has("port") ? bus_name(options.text("port")) : "ttyS0";
    return options.has("modbus_address") ? fmt::format("{}/{}", port, options.integer("modbus_address")) : port;
  }
  const auto* line = telling_line(lines);
  if (line == nullptr) return std::string(driver.name());
  return line->by_name() ? line->name : fmt::format("{}:{}", line->chip, line->offset);
}

/// For a chip that is only written to: it keeps what it is told.
std::unique_ptr<ChipModel> make_memory() {
  return std::make_unique<ByteRegisterModel>(ByteRegisterModel::Registers{}, ByteRegisterModel::Behaviour{});
}

/// The kernel drivers whose device is named by an option.
struct KernelDevice {
  std::string_view driver;
  std::string_view option;
  std::string_view anything;  ///< the value that means "whatever is there"
  void (*add)(SimulatedFiles&, const SimulationClock&, const std::string&);
};
constexpr std::array kernel_devices{
    KernelDevice{"w1_therm", "id", "any", add_one_wire_thermometer},
    KernelDevice{"thermal", "zone", "", add_thermal_zone},
    KernelDevice{"hwmon", "device", "", add_hwmon_device},
    KernelDevice{"iio", "device", "", add_iio_device},
};

}  // namespace

SimulatedBoard::SimulatedBoard(Settings settings) : clock_(std::move(settings.clock)), gpio_(clock_, settings.inputs) {
  add_system_files(files_, clock_, settings.model);
}

SimulatedI2c& SimulatedBoard::simulated_i2c(const std::string& name) {
  auto& bus = buses_[bus_name(name)];
  if (!bus) bus = std::make_unique<SimulatedI2c>();
  return *bus;
}

I2cBus& SimulatedBoard::i2c(const std::string& name) { return simulated_i2c(name); }

SimulatedSpi& SimulatedBoard::simulated_spi(const std::string& name) {
  auto& bus = chip_selects_[bus_name(name)];
  if (!bus) bus = std::make_unique<SimulatedSpi>();
  return *bus;
}

SpiBus& SimulatedBoard::spi(const std::string& name) { return simulated_spi(name); }

SimulatedSerial& SimulatedBoard::simulated_serial(const std::string& port) {
  auto& there = ports_[bus_name(port)];
  if (!there) there = std::make_unique<SimulatedSerial>();
  return *there;
}

SerialPort& SimulatedBoard::serial(const std::string& port) { return simulated_serial(port); }

void SimulatedBoard::attach(const DriverRef& driver, const Options& options, const Lines& lines) {
  switch (driver.driver->bus) {
    case BusKind::i2c: return attach_i2c(driver, options);
    case BusKind::files:
    case BusKind::w1: return attach_kernel_device(driver, options);
    case BusKind::spi:
    case BusKind::serial:
    case BusKind::timed_lines: return attach_wired(driver, options, lines);
    case BusKind::gpio:
    case BusKind::gpio_lines: return attach_lines(driver, lines);
    case BusKind::none: break;
  }
}

void SimulatedBoard::attach_lines(const DriverRef& driver, const Lines& lines) {
  if (driver.driver->is_actuator()) return;
  for (const auto& [option, line] : lines)
    if (auto motion = find_line_motion(driver.driver->name, option)) gpio_.move(line, std::move(*motion));
}

void SimulatedBoard::attach_wired(const DriverRef& driver, const Options& options, const Lines& lines) {
  const std::string name(driver.name());
  const auto place = wired_place(driver, options, lines);
  auto& attached = attached_[place];
  if (attached == name) return;
  attached = name;
  std::erase_if(unmodelled_, [&](const auto& device) { return device.bus == place; });
  if (!has_model(driver)) return unmodelled_.push_back({name, place, 0});
  const LiveContext context{clock_, seed_of(place)};
  if (const auto make = find_live_spi(name)) simulated_spi(place).attach(make(context, options));
  if (const auto make = find_live_serial(name))
    simulated_serial(options.text("port")).attach(place, make(context, options));
  const auto* line = telling_line(lines);
  if (const auto make = find_live_lines(name); make && line) timed_lines_.attach(*line, make(context, options));
}

void SimulatedBoard::attach_i2c(const DriverRef& driver, const Options& options) {
  const Place place = place_of(driver, options);
  const std::string name(driver.name());
  auto& attached = attached_[place.name()];
  if (attached == name) return;
  attached = name;
  std::erase_if(unmodelled_, [&](const auto& d) { return d.bus == place.bus && d.address == place.address; });
  auto& bus = simulated_i2c(place.bus);
  if (const auto make = find_live_model(name)) {
    bus.attach(place.address, make({clock_, seed_of(place.name())}));
  } else {
    bus.attach(place.address, make_memory());
    if (!driver.driver->is_actuator()) unmodelled_.push_back({name, place.bus, place.address});
  }
}

void SimulatedBoard::attach_kernel_device(const DriverRef& driver, const Options& options) {
  const auto row = std::find_if(kernel_devices.begin(), kernel_devices.end(),
                                [&](const KernelDevice& d) { return d.driver == driver.driver->name; });
  if (row == kernel_devices.end() || !options.has(row->option)) return;
  const auto& device = options.text(row->option);
  if (!device.empty() && device != row->anything) row->add(files_, clock_, device);
}

std::unique_ptr<Sensor> SimulatedBoard::substitute(const DriverRef& driver, const Options& options) {
  if (!driver.driver->make_sensor || has_model(driver)) return nullptr;
  const auto place = driver.driver->bus == BusKind::i2c ? place_of(driver, options).name() : std::string(driver.name());
  return make_plausible_sensor(driver.channels(), clock_, seed_of(place));
}

}  // namespace b2m
