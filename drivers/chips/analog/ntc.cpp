// NTC thermistor in a voltage divider, read by any analog-to-digital converter. IEC 60539-1 (B value); Steinhart and
// Hart, Deep-Sea Research 15 (1968) 497.
// Supported: B value with a reference point, or the three coefficients of Steinhart and Hart; either side of the
// divider. Not supported: parallel resistors, self-heating.
// Accuracy: that of the part (a B value of ±1 % is ±0.5 °C at 60 °C) and of the resistor (±1 % is ±0.25 °C).
#include <cmath>
#include <memory>
#include <variant>

#include "drivers/api/driver.hpp"
#include "drivers/engine/divider.hpp"

namespace b2m {
namespace {

constexpr double kelvin_at_0_celsius = 273.15;

constexpr ChannelSpec specs[] = {{"temperature", Quantity::temperature, {-55, 300}}};

/// 1/T = 1/T0 + ln(R/R0)/B; kelvin, ohm.
struct BetaCurve {
  double beta;
  double r0;
  double t0;
  [[nodiscard]] double reciprocal(double ohm) const { return 1 / t0 + std::log(ohm / r0) / beta; }
};

/// 1/T = a + b ln R + c (ln R)³; kelvin, ohm.
struct SteinhartHartCurve {
  double a, b, c;
  [[nodiscard]] double reciprocal(double ohm) const {
    const double logarithm = std::log(ohm);
    return a + logarithm * (b + c * logarithm * logarithm);
  }
};
using Curve = std::variant<BetaCurve, SteinhartHartCurve>;

// Nearer to the ends a good thermistor never is: with a series resistor that suits it, these are below -55 and above
// 250 °C.
constexpr double shorted_below = 0.005;
constexpr double open_above = 0.995;

class Ntc final : public ComputedSensor {
 public:
  Ntc(Divider divider, Curve curve) : divider_(divider), curve_(curve) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(specs); }
  void compute(Inputs inputs, Samples& samples) const override { samples.set(0, celsius(inputs)); }

 private:
  [[nodiscard]] Result<double> celsius(Inputs inputs) const {
    B2M_ASSIGN(const double share, divider_.share(inputs));
    if (share < shorted_below) return fail(Errc::out_of_range, "the thermistor is shorted");
    if (share > open_above) return fail(Errc::out_of_range, "the thermistor is open");
    const double ohm = divider_.resistance(share);
    const double reciprocal = std::visit([&](const auto& curve) { return curve.reciprocal(ohm); }, curve_);
    if (reciprocal <= 0) return fail(Errc::out_of_range, "the curve has no temperature for this resistance");
    return 1 / reciprocal - kelvin_at_0_celsius;
  }

  Divider divider_;
  Curve curve_;
};

constexpr OptionSpec options[] = {
    divider::input,
    divider::supply_input,
    divider::supply,
    divider::series,
    divider::position,
    {.key = "beta_kelvin",
     .type = OptionType::number,
     .summary = "B value; with r0_ohm and t0_celsius it makes the curve",
     .min = 500,
     .max = 10000},
    {.key = "r0_ohm",
     .type = OptionType::number,
     .summary = "resistance at t0_celsius",
     .fallback = "10000",
     .min = 1,
     .max = 1e8},
    {.key = "t0_celsius",
     .type = OptionType::number,
     .summary = "temperature at which it has r0_ohm",
     .fallback = "25",
     .min = -55,
     .max = 200},
    {.key = "steinhart_a",
     .type = OptionType::number,
     .summary = "first coefficient of Steinhart and Hart, in place of beta_kelvin",
     .min = -1,
     .max = 1},
    {.key = "steinhart_b",
     .type = OptionType::number,
     .summary = "second coefficient: of ln(R/Ω)",
     .min = -1,
     .max = 1},
    {.key = "steinhart_c",
     .type = OptionType::number,
     .summary = "third coefficient: of the cube of ln(R/Ω)",
     .min = -1,
     .max = 1},
};

constexpr std::string_view coefficients[] = {"steinhart_a", "steinhart_b", "steinhart_c"};

std::optional<OptionProblem> check(const Options& chosen) {
  std::string_view given;
  std::string_view missing;
  for (const auto key : coefficients) (chosen.has(key) ? given : missing) = key;
  const bool beta = chosen.has("beta_kelvin");
  if (beta && !given.empty())
    return OptionProblem{given, "the curve is told twice", "write beta_kelvin or the three of steinhart_a, _b and _c"};
  if (beta || missing.empty()) return std::nullopt;
  if (given.empty())
    return OptionProblem{"beta_kelvin", "the curve of the thermistor is missing",
                         "write beta_kelvin (its datasheet says it; 3950 is frequent), or steinhart_a, _b and _c"};
  return OptionProblem{given, "steinhart_a, steinhart_b and steinhart_c belong together; one is missing"};
}

Curve curve_of(const Options& chosen) {
  if (chosen.has("beta_kelvin"))
    return BetaCurve{chosen.number("beta_kelvin"), chosen.number("r0_ohm"),
                     chosen.number("t0_celsius") + kelvin_at_0_celsius};
  return SteinhartHartCurve{chosen.number("steinhart_a"), chosen.number("steinhart_b"), chosen.number("steinhart_c")};
}

std::unique_ptr<ComputedSensor> make(const DriverContext& context) {
  return std::make_unique<Ntc>(Divider(context.options), curve_of(context.options));
}

}  // namespace

B2M_DRIVER(ntc) = {
    .name = "ntc",
    .summary = "NTC thermistor in a voltage divider, read by a channel of another sensor",
    .datasheet = "IEC 60539-1; Steinhart and Hart, Deep-Sea Research 15 (1968) 497",
    .channels = specs,
    .options = options,
    .inputs = divider::inputs,
    .check_options = check,
    .make_computed = make,
    .example = R"({"driver": "ntc", "input": "adc.ain0", "supply_v": 3.3, "series_ohm": 10000, "beta_kelvin": 3950})",
};

}  // namespace b2m
