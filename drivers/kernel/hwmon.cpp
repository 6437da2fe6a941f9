// Hardware monitoring chips of the kernel: Documentation/hwmon/sysfs-interface.rst.
// Supported: every *_input of temperature, voltage, current, power, energy, humidity, fan and frequency, with its
// *_fault. Not supported: limits, alarms, PWM outputs. Channels are called as the kernel calls them: temp1, in0, fan2.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/attribute.hpp"

namespace b2m {
namespace {

constexpr DeviceClass hwmons{.what = "hwmon device",
                             .root = "/sys/class/hwmon",
                             .prefix = "hwmon",
                             .attribute = "name",
                             .missing = "no hwmon driver is loaded"};

/// What a file name begins with, and SI units per unit of the file.
struct Kind {
  std::string_view prefix;
  Quantity quantity;
  double scale;
};
constexpr std::array kinds{
    Kind{"temp", Quantity::temperature, 1e-3},            // m°C
    Kind{"in", Quantity::voltage, 1e-3},                  // mV
    Kind{"curr", Quantity::current, 1e-3},                // mA
    Kind{"power", Quantity::power, 1e-6},                 // µW
    Kind{"energy", Quantity::energy, 1e-6},               // µJ
    Kind{"humidity", Quantity::relative_humidity, 1e-3},  // m%
    Kind{"fan", Quantity::rotation_speed, 1.0 / 60},      // per minute
    Kind{"freq", Quantity::frequency, 1},                 // Hz
};

/// "temp12_input" is of the kind "temp"; "temperature_input" and "in_input" are none.
const Kind* kind_of(std::string_view stem) {
  const auto digits = stem.find_first_of("0123456789");
  if (digits == std::string_view::npos || stem.find_first_not_of("0123456789", digits) != std::string_view::npos)
    return nullptr;
  const auto* kind =
      std::find_if(kinds.begin(), kinds.end(), [&](const Kind& k) { return k.prefix == stem.substr(0, digits); });
  return kind == kinds.end() ? nullptr : kind;
}

constexpr OptionSpec options[] = {
    {.key = "device",
     .type = OptionType::text,
     .summary = "name of the chip, \"nct6779\", or its directory, \"hwmon0\", which may change at a start",
     .required = true}};

/// Worker only.
class Hwmon final : public Sensor {
 public:
  Hwmon(AttributeFiles& files, std::string device) : files_(files), device_(std::move(device)) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<> read(Samples& samples) override;

 private:
  struct Input {
    std::string stem;
    const Kind* kind;
    bool has_fault;
  };
  Result<double> read_input(const Input& input);

  AttributeFiles& files_;
  std::string device_;
  std::string directory_;
  std::vector<Input> inputs_;
};

Result<Progress> Hwmon::init() {
  constexpr std::string_view suffix = "_input";
  B2M_ASSIGN(directory_, find_device(files_, hwmons, device_));
  B2M_ASSIGN(const std::vector<std::string> names, files_.list(directory_));
  inputs_.clear();
  for (const auto& name : names) {
    if (!name.ends_with(suffix)) continue;
    auto stem = name.substr(0, name.size() - suffix.size());
    const bool has_fault = std::find(names.begin(), names.end(), stem + "_fault") != names.end();
    if (const Kind* kind = kind_of(stem)) inputs_.push_back({std::move(stem), kind, has_fault});
  }
  if (inputs_.empty()) return fail(Errc::unsupported, fmt::format("{} has no inputs", directory_));
  return Progress::done();
}

std::vector<Channel> Hwmon::channels() const {
  std::vector<Channel> found;
  for (const auto& input : inputs_)
    found.push_back({input.stem, input.kind->quantity, possible_range(input.kind->quantity)});
  return found;
}

Result<double> Hwmon::read_input(const Input& input) {
  const auto path = fmt::format("{}/{}", directory_, input.stem);
  if (input.has_fault) {
    B2M_ASSIGN(const double fault, read_attribute(files_, path + "_fault"));
    if (fault != 0) return fail(Errc::out_of_range, fmt::format("the chip reports a fault of {}", input.stem));
  }
  B2M_ASSIGN(const double value, read_attribute(files_, path + "_input"));
  return value * input.kind->scale;
}

Result<> Hwmon::read(Samples& samples) {
  return read_inputs(inputs_, samples, [this](const Input& input) { return read_input(input); });
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Hwmon>(*context.files, context.options.text("device"));
}

}  // namespace

B2M_DRIVER(hwmon) = {
    .name = "hwmon",
    .summary = "a hardware monitoring chip that a kernel driver serves",
    .datasheet = "Linux, Documentation/hwmon/sysfs-interface.rst",
    .bus = BusKind::files,
    .dynamic_channels = true,
    .options = options,
    .make_sensor = make,
    .example = R"({"driver": "hwmon", "device": "nct6779"})",
};

}  // namespace b2m
