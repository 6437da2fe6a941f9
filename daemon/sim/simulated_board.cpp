#include "daemon/sim/simulated_board.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "daemon/sim/live_models.hpp"
#include "daemon/sim/plausible_sensor.hpp"
#include "daemon/sim/register_models.hpp"
#include "daemon/sim/simulated_system.hpp"

namespace b2m {
namespace {

/// "/dev/i2c-1" and "i2c-1" are one bus.
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

void SimulatedBoard::attach(const DriverRef& driver, const Options& options) {
  if (driver.driver->bus == BusKind::i2c) attach_i2c(driver, options);
  if (driver.driver->bus == BusKind::files || driver.driver->bus == BusKind::w1) attach_kernel_device(driver, options);
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
    unmodelled_.push_back({name, place.bus, place.address});
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
  if (driver.driver->bus != BusKind::i2c || !driver.driver->make_sensor || find_live_model(driver.name()))
    return nullptr;
  return make_plausible_sensor(driver.channels(), clock_, seed_of(place_of(driver, options).name()));
}

}  // namespace b2m
