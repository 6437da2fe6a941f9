// Photoresistor (LDR) in a voltage divider, read by any analog-to-digital converter. Senba, GL55 series: the resistance
// R10 at 10 lx and gamma = log10(R10 / R100).
// Supported: the straight line in logarithms that R10 and gamma make. Not supported: its drift with temperature and
// past light.
// Accuracy: the datasheet gives R10 within a factor of two (10 to 20 kΩ for the GL5528), gamma within ±0.1, both at the
// light of a lamp of 2856 K and from 10 to 100 lx: the illuminance is right within a factor of three. Where that does
// not do, measure R10 with a lux meter beside it, or take a chip such as the BH1750.
#include <algorithm>
#include <cmath>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/divider.hpp"

namespace b2m {
namespace {

constexpr ChannelSpec specs[] = {{"illuminance", Quantity::illuminance, {0, 100e3}, "within a factor of three"},
                                 {"resistance", Quantity::resistance, {0, 1e8}}};
enum : std::size_t { illuminance_channel, resistance_channel };

constexpr double reference_lux = 10;

// In the dark the resistance is beyond what the divider can tell, and looks as an open line does.
constexpr double shorted_below = 0.0005;
constexpr double dark_above = 0.9995;

class Photoresistor final : public ComputedSensor {
 public:
  Photoresistor(Divider divider, double r10_ohm, double gamma) : divider_(divider), r10_ohm_(r10_ohm), gamma_(gamma) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(specs); }

  void compute(Inputs inputs, Samples& samples) const override {
    const auto share = divider_.share(inputs);
    if (!share) return samples.fail_all(share.error());
    if (*share < shorted_below) return samples.fail_all({Errc::out_of_range, "the photoresistor is shorted"});
    if (*share > dark_above) {
      samples.set(illuminance_channel, 0);
      return samples.set(resistance_channel, fail(Errc::out_of_range, "too high to tell: dark, or an open line"));
    }
    const double ohm = divider_.resistance(*share);
    samples.set(illuminance_channel, lux(ohm));
    samples.set(resistance_channel, ohm);
  }

 private:
  /// R = R10 (E / 10 lx)^-gamma, solved for E.
  [[nodiscard]] double lux(double ohm) const { return reference_lux * std::pow(r10_ohm_ / ohm, 1 / gamma_); }

  Divider divider_;
  double r10_ohm_;
  double gamma_;
};

constexpr OptionSpec options[] = {
    divider::input,
    divider::supply_input,
    divider::supply,
    divider::series,
    divider::position,
    {.key = "r10_ohm",
     .type = OptionType::number,
     .summary = "resistance at 10 lx; the default is the middle of a GL5528's",
     .fallback = "15000",
     .min = 10,
     .max = 1e7},
    {.key = "gamma",
     .type = OptionType::number,
     .summary = "slope: log10 of the resistance at 10 lx over that at 100 lx",
     .fallback = "0.7",
     .min = 0.1,
     .max = 2},
};

std::unique_ptr<ComputedSensor> make(const DriverContext& context) {
  return std::make_unique<Photoresistor>(Divider(context.options), context.options.number("r10_ohm"),
                                         context.options.number("gamma"));
}

}  // namespace

B2M_DRIVER(photoresistor) = {
    .name = "photoresistor",
    .summary = "photoresistor (GL55 series) in a voltage divider, read by a channel of another sensor",
    .datasheet = "Senba, GL55 series",
    .channels = specs,
    .options = options,
    .inputs = divider::inputs,
    .make_computed = make,
    .example =
        R"({"driver": "photoresistor", "input": "adc.ain1", "supply_v": 3.3, "series_ohm": 10000, "position": "high"})",
};

}  // namespace b2m
