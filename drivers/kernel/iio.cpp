// Industrial I/O devices of the kernel: Documentation/ABI/testing/sysfs-bus-iio.
// Supported: every input channel whose unit the ABI states, processed (*_input) or raw with its own or a shared offset
// and scale; without unit: counts of in_count, in_intensity, in_proximity and in_steps. Not supported: buffers,
// triggers, events, outputs. Channels are called as the kernel calls them: in_temp, in_voltage1.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/attribute.hpp"

namespace b2m {
namespace {

constexpr DeviceClass iio_devices{.what = "IIO device",
                                  .root = "/sys/bus/iio/devices",
                                  .prefix = "iio:device",
                                  .attribute = "name",
                                  .missing = "no IIO driver is loaded"};

/// What follows "in_" in a channel's name, and SI units per unit of the ABI.
struct Kind {
  std::string_view type;
  Quantity quantity;
  double scale;
};
constexpr std::array kinds{
    Kind{"temp", Quantity::temperature, 1e-3},                    // m°C
    Kind{"humidityrelative", Quantity::relative_humidity, 1e-3},  // m%
    Kind{"pressure", Quantity::pressure, 1e3},                    // kPa
    Kind{"voltage", Quantity::voltage, 1e-3},                     // mV
    Kind{"altvoltage", Quantity::voltage, 1e-3},                  // mV
    Kind{"current", Quantity::current, 1e-3},                     // mA
    Kind{"power", Quantity::power, 1e-3},                         // mW
    Kind{"energy", Quantity::energy, 1},                          // J
    Kind{"resistance", Quantity::resistance, 1},                  // Ω
    Kind{"illuminance", Quantity::illuminance, 1},                // lx
    Kind{"uvindex", Quantity::uv_index, 1},
    Kind{"concentration_co2", Quantity::co2, 1e-2},          // %
    Kind{"concentration_voc", Quantity::tvoc, 1e-2},         // %
    Kind{"massconcentration_pm1", Quantity::pm1, 1e-9},      // µg/m³
    Kind{"massconcentration_pm2p5", Quantity::pm2_5, 1e-9},  // µg/m³
    Kind{"massconcentration_pm4", Quantity::pm4, 1e-9},      // µg/m³
    Kind{"massconcentration_pm10", Quantity::pm10, 1e-9},    // µg/m³
    Kind{"ph", Quantity::ph, 1},
    Kind{"electricalconductivity", Quantity::conductivity, 1},  // S/m
    Kind{"distance", Quantity::distance, 1},                    // m
    Kind{"accel", Quantity::acceleration, 1},                   // m/s²
    Kind{"anglvel", Quantity::angular_velocity, 1},             // rad/s
    Kind{"magn", Quantity::magnetic_flux_density, 1e-4},        // G
    Kind{"angl", Quantity::angle, 1},                           // rad
    Kind{"count", Quantity::count, 1},
    Kind{"intensity", Quantity::count, 1},
    Kind{"proximity", Quantity::count, 1},
    Kind{"steps", Quantity::count, 1},
};

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_lower(char c) { return c >= 'a' && c <= 'z'; }

/// Whether `name` ("voltage1", "temp_object", "voltage0-voltage1") begins with the whole word `type`: "pm1" does not
/// begin "pm10", nor "angl" "anglvel".
constexpr bool is_of_type(std::string_view name, std::string_view type) {
  if (!name.starts_with(type)) return false;
  if (name.size() == type.size()) return true;
  const char next = name[type.size()];
  return is_digit(type.back()) ? !is_digit(next) : !is_lower(next);
}

const Kind* kind_of(std::string_view stem) {
  constexpr std::string_view direction = "in_";
  if (!stem.starts_with(direction)) return nullptr;
  stem.remove_prefix(direction.size());
  const auto* kind = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return is_of_type(stem, k.type); });
  return kind == kinds.end() ? nullptr : kind;
}

/// A channel name for users: the ABI's, in the letters that a key may have.
std::string key_of(std::string stem) {
  for (char& c : stem) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!is_lower(c) && !is_digit(c)) c = '_';
  }
  return stem;
}

constexpr OptionSpec options[] = {
    {.key = "device",
     .type = OptionType::text,
     .summary = "name of the chip, \"bme280\", or its directory, \"iio:device0\", which may change at a start",
     .required = true}};

/// Worker only.
class Iio final : public Sensor {
 public:
  Iio(AttributeFiles& files, std::string device) : files_(files), device_(std::move(device)) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<> read(Samples& samples) override;

 private:
  struct Input {
    std::string stem;  ///< "in_voltage1"
    const Kind* kind;
    std::string value;   ///< file name of "in_voltage1_raw" or "in_voltage1_input"
    std::string offset;  ///< file name, empty for none
    std::string scale;   ///< file name, empty for none
  };
  void add_input(const std::string& name, const std::vector<std::string>& names);
  Result<double> read_input(const Input& input);
  Result<double> read_number(const std::string& name) { return read_attribute(files_, directory_ + "/" + name); }

  AttributeFiles& files_;
  std::string device_;
  std::string directory_;
  std::vector<Input> inputs_;
};

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// The file that holds `what` ("scale", "offset") of a channel: its own, that of all channels of the form
/// ("in_voltage-voltage", "in_accel"), that of the type; empty when there is none.
std::string find_shared(const std::string& stem, const Kind& kind, std::string_view what,
                        const std::vector<std::string>& names) {
  std::string numberless;
  std::remove_copy_if(stem.begin(), stem.end(), std::back_inserter(numberless), is_digit);
  for (const auto& owner : {stem, numberless, fmt::format("in_{}", kind.type)}) {
    auto name = fmt::format("{}_{}", owner, what);
    if (contains(names, name)) return name;
  }
  return {};
}

void Iio::add_input(const std::string& name, const std::vector<std::string>& names) {
  const bool processed = name.ends_with("_input");
  if (!processed && !name.ends_with("_raw")) return;
  auto stem = name.substr(0, name.rfind('_'));
  if (!processed && contains(names, stem + "_input")) return;
  const Kind* kind = kind_of(stem);
  if (kind == nullptr) return;
  if (processed) {
    inputs_.push_back({std::move(stem), kind, name, {}, {}});
  } else {
    auto offset = find_shared(stem, *kind, "offset", names);
    auto scale = find_shared(stem, *kind, "scale", names);
    inputs_.push_back({std::move(stem), kind, name, std::move(offset), std::move(scale)});
  }
}

Result<Progress> Iio::init() {
  B2M_ASSIGN(directory_, find_device(files_, iio_devices, device_));
  B2M_ASSIGN(const std::vector<std::string> names, files_.list(directory_));
  inputs_.clear();
  for (const auto& name : names) add_input(name, names);
  if (inputs_.empty()) return fail(Errc::unsupported, fmt::format("{} has no channel with a known unit", directory_));
  return Progress::done();
}

std::vector<Channel> Iio::channels() const {
  std::vector<Channel> found;
  for (const auto& input : inputs_)
    found.push_back({key_of(input.stem), input.kind->quantity, possible_range(input.kind->quantity)});
  return found;
}

/// (raw + offset) × scale, in the unit of the ABI; a file that does not exist is 0 or 1. Offset and scale are read each
/// time, since other programs may change the range of the chip.
Result<double> Iio::read_input(const Input& input) {
  double offset = 0;
  double scale = 1;
  if (!input.offset.empty()) {
    B2M_ASSIGN(offset, read_number(input.offset));
  }
  if (!input.scale.empty()) {
    B2M_ASSIGN(scale, read_number(input.scale));
  }
  B2M_ASSIGN(const double value, read_number(input.value));
  return (value + offset) * scale * input.kind->scale;
}

Result<> Iio::read(Samples& samples) {
  return read_inputs(inputs_, samples, [this](const Input& input) { return read_input(input); });
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Iio>(*context.files, context.options.text("device"));
}

}  // namespace

B2M_DRIVER(iio) = {
    .name = "iio",
    .summary = "a sensor or converter that a kernel driver of the IIO subsystem serves",
    .datasheet = "Linux, Documentation/ABI/testing/sysfs-bus-iio",
    .bus = BusKind::files,
    .dynamic_channels = true,
    .options = options,
    .make_sensor = make,
    .example = R"({"driver": "iio", "device": "bme280"})",
};

}  // namespace b2m
