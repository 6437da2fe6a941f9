// Thermal zones of the kernel: Documentation/driver-api/thermal/sysfs-api.rst, ABI/testing/sysfs-class-thermal.
// Supported: the temperature of one zone, chosen by its type ("cpu-thermal"), since the numbers change, or by its
// number. Not supported: trip points, cooling devices.
#include <fmt/format.h>

#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/attribute.hpp"

namespace b2m {
namespace {

constexpr DeviceClass zones{.what = "thermal zone",
                            .root = "/sys/class/thermal",
                            .prefix = "thermal_zone",
                            .attribute = "type",
                            .missing = "this kernel has no thermal zones"};

constexpr ChannelSpec channel_table[] = {{"temperature", Quantity::temperature, {-100, 250}}};

constexpr OptionSpec options[] = {{.key = "zone",
                                   .type = OptionType::text,
                                   .summary = "type of the zone, \"cpu-thermal\", or its name, \"thermal_zone0\"",
                                   .required = true}};

/// Worker only.
class Thermal final : public Sensor {
 public:
  Thermal(AttributeFiles& files, std::string zone) : files_(files), zone_(std::move(zone)) {}

  Result<Progress> init() override {
    B2M_ASSIGN(directory_, find_device(files_, zones, zone_));
    return Progress::done();
  }
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  Result<> read(Samples& samples) override {
    B2M_ASSIGN(const double millidegrees, read_attribute(files_, directory_ + "/temp"));
    samples.set(0, millidegrees / 1000);
    return {};
  }

 private:
  AttributeFiles& files_;
  std::string zone_;
  std::string directory_;
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Thermal>(*context.files, context.options.text("zone"));
}

}  // namespace

B2M_DRIVER(thermal) = {
    .name = "thermal",
    .summary = "a thermal zone of the kernel, such as the processor's temperature",
    .datasheet = "Linux, Documentation/driver-api/thermal/sysfs-api.rst",
    .bus = BusKind::files,
    .channels = channel_table,
    .options = options,
    .make_sensor = make,
    .example = R"({"driver": "thermal", "zone": "cpu-thermal"})",
};

}  // namespace b2m
