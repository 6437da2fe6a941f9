#include "tests/vectors/match.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace b2m::vectors {
namespace {

struct NamePair {
  std::string_view theirs;
  std::string_view ours;
};

std::string lower_case(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return result;
}

/// "PZEM-004T" → "pzem004t", "HC-SR04" → "hcsr04", "ADS1015 (12 bit, left aligned)" → "ads1015".
std::string driver_name(std::string_view chip) {
  auto name = lower_case(chip.substr(0, chip.find_first_of(" /(")));
  name.erase(std::remove(name.begin(), name.end(), '-'), name.end());
  return name;
}

// Where the class of a kernel device decides.
constexpr std::array class_drivers{NamePair{"w1", "w1_therm"}, NamePair{"w1_bus", "w1_bus"},
                                   NamePair{"hwmon", "hwmon"}, NamePair{"thermal", "thermal"},
                                   NamePair{"iio", "iio"},     NamePair{"proc", "system"}};

// Quantities that the file and the drivers call differently.
constexpr std::array channel_names{
    NamePair{"bus_voltage", "voltage"},
    NamePair{"bus_voltage_1", "voltage_1"},
    NamePair{"bus_voltage_2", "voltage_2"},
    NamePair{"bus_voltage_3", "voltage_3"},
    NamePair{"field_x", "magnetic_field_x"},
    NamePair{"field_y", "magnetic_field_y"},
    NamePair{"field_z", "magnetic_field_z"},
    NamePair{"accel_x", "acceleration_x"},
    NamePair{"accel_y", "acceleration_y"},
    NamePair{"accel_z", "acceleration_z"},
    NamePair{"gyro_x", "angular_velocity_x"},
    NamePair{"gyro_y", "angular_velocity_y"},
    NamePair{"gyro_z", "angular_velocity_z"},
    NamePair{"eco2", "co2"},
    NamePair{"pm1_0", "pm1"},
    NamePair{"aqi", "air_quality_index"},
    NamePair{"ambient_temperature", "temperature"},
};

// Settings of the file and options of drivers.
constexpr std::array option_names{NamePair{"shunt_ohms", "shunt_ohm"}, NamePair{"max_current", "max_current_a"},
                                  NamePair{"fs_volts", "range"},       NamePair{"integration_ms", "integration_time"},
                                  NamePair{"vref", "reference_v"},     NamePair{"r0", "r0_ohm"},
                                  NamePair{"rref", "reference_ohm"}};

template <std::size_t size>
std::string_view ours_of(const std::array<NamePair, size>& table, std::string_view theirs) {
  const auto row =
      std::find_if(table.begin(), table.end(), [&](const NamePair& pair) { return pair.theirs == theirs; });
  return row == table.end() ? std::string_view{} : row->ours;
}

struct Unit {
  std::string_view name;
  double si;
};
constexpr double radians_per_degree = 0.017453292519943295;
constexpr std::array units{
    Unit{"°C", 1},       Unit{"Pa", 1},         Unit{"lx", 1},       Unit{"V", 1},      Unit{"A", 1},
    Unit{"W", 1},        Unit{"Wh", 3600},      Unit{"Hz", 1},       Unit{"ppm", 1e-6}, Unit{"ppb", 1e-9},
    Unit{"µg/m³", 1e-9}, Unit{"m", 1},          Unit{"µT", 1e-6},    Unit{"Ω", 1},      Unit{"°/s", radians_per_degree},
    Unit{"counts", 1},   Unit{"ticks", 1},      Unit{"bits", 1},     Unit{"index", 1},  Unit{"UVI", 1},
    Unit{"1", 1},        Unit{"K", 1},          Unit{"s", 1},        Unit{"%", 0.01},   Unit{"g", 1e-3},
    Unit{"hPa", 100},    Unit{"RPM", 1.0 / 60}, Unit{"1/0.1l", 1e4},  // particles: 0.1 litre is 1e-4 m³
};

const OptionSpec* find_option(const DriverRef& driver, std::string_view key) {
  for (const auto& table : {driver.driver->options, bus_options(driver.driver->bus)})
    for (const auto& spec : table)
      if (spec.key == key) return &spec;
  return nullptr;
}

void add_fallbacks(std::span<const OptionSpec> specs, Options& options) {
  const auto fallbacks = default_options(specs);
  for (const auto& [key, value] : fallbacks.all()) options.set(key, value);
}

/// Where the device is; of a chip's parts, the first. Of a kernel's device, the name is its directory, which every
/// driver of a class accepts.
void add_place(const DriverRef& driver, const CaseBoard& board, Options& options) {
  if (board.address) {
    options.set("bus", std::string("i2c-1"));
    options.set("address", std::int64_t{*board.address});
  }
  if (driver.driver->bus == BusKind::spi) options.set("bus", std::string("spidev0.0"));
  if (driver.driver->bus == BusKind::serial) options.set("port", std::string("/dev/ttyS0"));
  for (const auto& spec : driver.driver->options)
    if (spec.type == OptionType::line) options.set(spec.key, std::string("gpiochip0:1"));
  if (const auto part = driver.driver->shared_chip.part; !part.empty()) set_option(driver, part, "0", options);
  for (const std::string_view key : {"id", "device", "zone"})
    if (!board.directory.empty()) set_option(driver, key, board.directory, options);
}

void add_settings(const DriverRef& driver, const Json& settings, Options& options) {
  if (!settings.is_object()) return;
  for (const auto& entry : settings.items()) {
    const auto text = entry.value().is_string() ? entry.value().get<std::string>() : entry.value().dump();
    const auto other = ours_of(option_names, entry.key());
    for (const auto& key : {std::string_view(entry.key()), other})
      for (const auto& spelling : {text, text + "V", text + "ms"})
        if (!key.empty() && set_option(driver, key, spelling, options)) break;
  }
}

}  // namespace

std::optional<DriverRef> match_driver(const VectorChip& chip, const CaseBoard& board, FindDriver find) {
  if (!board.cls.empty()) return find(ours_of(class_drivers, board.cls));
  if (auto driver = find(driver_name(chip.name))) return driver;
  for (const auto& alias : chip.aliases)
    if (auto driver = find(driver_name(alias))) return driver;
  return std::nullopt;
}

std::optional<std::size_t> match_channel(std::span<const Channel> channels, std::string_view quantity) {
  const auto name = lower_case(quantity);
  for (const auto& candidate : {std::string_view(name), ours_of(channel_names, name)}) {
    const auto at =
        std::find_if(channels.begin(), channels.end(), [&](const Channel& c) { return c.key == candidate; });
    if (at != channels.end()) return static_cast<std::size_t>(at - channels.begin());
  }
  return std::nullopt;
}

std::optional<double> si_per(std::string_view unit, Quantity quantity) noexcept {
  constexpr double standard_gravity = 9.80665;
  if (unit == "%" && quantity == Quantity::relative_humidity) return 1;  // a named exception of the SI inside
  if (unit == "g" && quantity == Quantity::acceleration) return standard_gravity;
  const auto row = std::find_if(units.begin(), units.end(), [&](const Unit& u) { return u.name == unit; });
  if (row == units.end()) return std::nullopt;
  return row->si;
}

bool set_option(const DriverRef& driver, std::string_view key, std::string_view text, Options& options) {
  const auto* spec = find_option(driver, key);
  if (!spec) return false;
  auto value = parse_option(*spec, text);
  if (!value) return false;
  options.set(key, std::move(*value));
  return true;
}

Result<Options> options_for(const DriverRef& driver, const VectorCase& one, const CaseBoard& board) {
  Options options;
  add_fallbacks(bus_options(driver.driver->bus), options);
  add_fallbacks(driver.driver->options, options);
  add_place(driver, board, options);
  if (const auto* settings = member(one.given, "settings")) add_settings(driver, *settings, options);
  for (const auto& table : {driver.driver->options, bus_options(driver.driver->bus)})
    for (const auto& spec : table)
      if (spec.required && !options.has(spec.key))
        return fail(Errc::unsupported,
                    fmt::format("the case does not tell the option \"{}\" of {}", spec.key, driver.name()));
  return options;
}

}  // namespace b2m::vectors
