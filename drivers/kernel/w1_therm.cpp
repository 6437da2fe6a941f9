// One 1-Wire thermometer behind the kernel's w1_therm: DS18B20, DS18S20, DS1822, DS1825 (and MAX31850), DS28EA00.
// Linux, Documentation/w1/slaves/w1_therm.rst; Maxim DS18B20 19-7487 rev. 6. Supported: w1_slave with its checksum,
// `temperature` where a kernel offers only that. Not supported: setting the resolution, alarms. A read takes the
// conversion time, 750 ms at 12 bits, of the 1-Wire worker; for several thermometers w1_bus needs that time once.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/w1_thermometer.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr ChannelSpec channel_table[] = {
    {"temperature", Quantity::temperature, w1::thermometer_range, "±0.5 °C from -10 to 85 °C"}};

constexpr OptionSpec options[] = {{.key = "id",
                                   .type = OptionType::text,
                                   .summary = "\"28-00000a013d97\", or \"any\" for the first thermometer found",
                                   .fallback = "any"}};

/// Worker only.
class W1Therm final : public Sensor {
 public:
  W1Therm(AttributeFiles& files, std::string wanted) : files_(files), wanted_(std::move(wanted)) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<> read(Samples& samples) override;

 private:
  AttributeFiles& files_;
  std::string wanted_;
  std::string id_;
};

Result<Progress> W1Therm::init() {
  B2M_ASSIGN(const auto names, w1::list(files_));
  const auto thermometers = w1::thermometers(names);
  const auto found = std::find_if(thermometers.begin(), thermometers.end(),
                                  [&](const auto& id) { return wanted_ == "any" || id == wanted_; });
  if (found == thermometers.end())
    return fail(Errc::gone,
                fmt::format("{} is not on the 1-Wire bus; there {}", wanted_ == "any" ? "a thermometer" : wanted_,
                            thermometers.empty() ? "is none" : fmt::format("are: {}", fmt::join(thermometers, ", "))));
  id_ = *found;
  return Progress::done();
}

std::vector<Channel> W1Therm::channels() const {
  auto found = to_channels(channel_table);
  found[0].range = w1::range_of(id_);
  return found;
}

Result<> W1Therm::read(Samples& samples) {
  B2M_ASSIGN(const double celsius, w1::read_celsius(files_, id_));
  samples.set(0, celsius);
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<W1Therm>(*context.files, context.options.text("id"));
}

constexpr Model models[] = {
    {.name = "ds18b20"}, {.name = "ds18s20"}, {.name = "ds1822"}, {.name = "ds1825"}, {.name = "ds28ea00"},
};

}  // namespace

B2M_DRIVER(w1_therm) = {
    .name = "w1_therm",
    .summary = "DS18B20 and other 1-Wire thermometers",
    .datasheet = "Linux, Documentation/w1/slaves/w1_therm.rst; Maxim DS18B20 19-7487 rev. 6",
    .wiring =
        "VDD to 3.3 V, GND to ground, DQ to the line that the kernel was told (w1-gpio in the device "
        "tree; GPIO4 on a Raspberry Pi) with a pull-up of 4.7 kΩ to 3.3 V for all sensors together",
    .bus = BusKind::w1,
    .models = models,
    .channels = channel_table,
    .options = options,
    .every_min = 1s,
    .make_sensor = make,
    .example = R"({"driver": "w1_therm", "id": "28-00000a013d97"})",
};

}  // namespace b2m
