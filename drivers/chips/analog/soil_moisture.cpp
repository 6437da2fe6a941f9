// Capacitive soil moisture sensor with an analog output, read by any analog-to-digital converter. DFRobot, SEN0193
// (output 0 to 3.0 V, falling with moisture).
// Supported: a straight line between the voltages in dry air and in water, measured with the sensor itself, as DFRobot
// tells to calibrate it. Not supported: the water content of a kind of soil, which needs samples of that soil.
// Accuracy: the percentage compares readings of one sensor in one place; it is no volumetric water content.
#include <algorithm>
#include <memory>

#include "drivers/api/driver.hpp"

namespace b2m {
namespace {

constexpr ChannelSpec specs[] = {{"moisture", Quantity::moisture, {0, 1}, "0 in dry air, 100 % in water"}};

// What lies a bit outside of the two points is their scatter; farther out the sensor is off, or not the one that was
// calibrated.
constexpr double scatter = 0.2;

class SoilMoisture final : public ComputedSensor {
 public:
  SoilMoisture(double dry_v, double wet_v) : dry_v_(dry_v), wet_v_(wet_v) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(specs); }
  void compute(Inputs inputs, Samples& samples) const override { samples.set(0, moisture(*inputs[0])); }

 private:
  [[nodiscard]] Result<double> moisture(double volt) const {
    const double share = (volt - dry_v_) / (wet_v_ - dry_v_);
    if (share < -scatter || share > 1 + scatter)
      return fail(Errc::out_of_range, "far outside of dry_v and wet_v: not connected, or not calibrated");
    return std::clamp(share, 0.0, 1.0);
  }

  double dry_v_;
  double wet_v_;
};

constexpr OptionSpec options[] = {
    {.key = "input",
     .type = OptionType::text,
     .summary = "channel that measures the sensor's output, \"adc.ain0\"",
     .required = true},
    {.key = "dry_v",
     .type = OptionType::number,
     .summary = "its voltage in dry air",
     .required = true,
     .min = 0,
     .max = 10},
    {.key = "wet_v",
     .type = OptionType::number,
     .summary = "its voltage in water, up to the mark on the sensor",
     .required = true,
     .min = 0,
     .max = 10},
};

constexpr InputSpec inputs[] = {{"input", Quantity::voltage}};

constexpr double least_span_v = 0.05;

std::optional<OptionProblem> check(const Options& chosen) {
  const double span = chosen.number("dry_v") - chosen.number("wet_v");
  if (span >= least_span_v || span <= -least_span_v) return std::nullopt;
  return OptionProblem{"wet_v", "dry_v and wet_v are the same voltage",
                       "measure one in air and the other in a glass of water"};
}

std::unique_ptr<ComputedSensor> make(const DriverContext& context) {
  return std::make_unique<SoilMoisture>(context.options.number("dry_v"), context.options.number("wet_v"));
}

}  // namespace

B2M_DRIVER(soil_moisture) = {
    .name = "soil_moisture",
    .summary = "capacitive soil moisture sensor (SEN0193), read by a channel of another sensor",
    .datasheet = "DFRobot, SEN0193",
    .channels = specs,
    .options = options,
    .inputs = inputs,
    .check_options = check,
    .make_computed = make,
    .example = R"({"driver": "soil_moisture", "input": "adc.ain2", "dry_v": 2.6, "wet_v": 1.2})",
};

}  // namespace b2m
