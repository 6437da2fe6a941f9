#include "daemon/flow/derivation.hpp"

#include <algorithm>
#include <cmath>

namespace b2m {
namespace {

constexpr double kelvin_at_0_celsius = 273.15;

// WMO-No. 8, Annex 4.B.
constexpr double magnus_pascal = 611.2;
constexpr double magnus_slope = 17.62;
constexpr double magnus_celsius = 243.12;

constexpr double gas_constant_of_vapour = 461.5;  // J/(kg K)

constexpr double to_fahrenheit(double celsius) { return celsius * 9 / 5 + 32; }
constexpr double to_celsius(double fahrenheit) { return (fahrenheit - 32) * 5 / 9; }

double vapour_pressure(double celsius, double relative_humidity) {
  return relative_humidity / 100 * saturation_vapour_pressure(celsius);
}

/// Rothfusz's regression; °F and %RH.
double regression(double t, double rh) {
  return -42.379 + 2.04901523 * t + 10.14333127 * rh - 0.22475541 * t * rh - 0.00683783 * t * t - 0.05481717 * rh * rh +
         0.00122874 * t * t * rh + 0.00085282 * t * rh * rh - 0.00000199 * t * t * rh * rh;
}

/// What is added to the regression in very dry and in very damp air; °F and %RH.
double adjustment(double t, double rh) {
  if (rh < 13 && t >= 80 && t <= 112) return -(13 - rh) / 4 * std::sqrt((17 - std::abs(t - 95)) / 17);
  if (rh > 85 && t >= 80 && t <= 87) return (rh - 85) / 10 * (87 - t) / 5;
  return 0;
}

constexpr Quantity humid_air[] = {Quantity::temperature, Quantity::relative_humidity};
constexpr Quantity air_pressure[] = {Quantity::atmospheric_pressure};

// The heat index ends where the table of the National Weather Service does, at 137 °F.
constexpr std::array table{
    DerivationInfo{{"dew_point", Quantity::temperature, {-100, 100}}, humid_air},
    DerivationInfo{{"absolute_humidity", Quantity::absolute_humidity, {0, 0.6}}, humid_air},
    DerivationInfo{{"heat_index", Quantity::temperature, {-60, 58.4}}, humid_air},
    DerivationInfo{{"sea_level_pressure", Quantity::atmospheric_pressure, {30e3, 120e3}}, air_pressure, true},
};
static_assert(std::equal(table.begin(), table.end(), derivation_names.begin(), derivation_names.end(),
                         [](const auto& row, auto name) { return row.channel.key == name; }));

/// The formulas as a computed sensor of one channel.
/// Pure.
class DerivedChannel final : public ComputedSensor {
 public:
  DerivedChannel(Derivation derivation, double altitude_m) : derivation_(derivation), altitude_m_(altitude_m) {}
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels({&info(derivation_).channel, 1}); }
  void compute(Inputs inputs, Samples& samples) const override { samples.set(0, value(inputs)); }

 private:
  [[nodiscard]] Result<double> value(Inputs inputs) const {
    switch (derivation_) {
      case Derivation::dew_point:
        if (*inputs[1] <= 0) return fail(Errc::out_of_range, "air without humidity has no dew point");
        return dew_point(*inputs[0], *inputs[1]);
      case Derivation::absolute_humidity: return absolute_humidity(*inputs[0], *inputs[1]);
      case Derivation::heat_index: return heat_index(*inputs[0], *inputs[1]);
      case Derivation::sea_level_pressure: return sea_level_pressure(*inputs[0], altitude_m_);
    }
    return fail(Errc::unsupported);
  }

  Derivation derivation_;
  double altitude_m_;
};

}  // namespace

const DerivationInfo& info(Derivation derivation) noexcept { return table[static_cast<std::size_t>(derivation)]; }

Derivation derivation_named(std::string_view name) noexcept {
  const auto at = std::find(derivation_names.begin(), derivation_names.end(), name);
  return static_cast<Derivation>(at - derivation_names.begin());
}

std::unique_ptr<ComputedSensor> make_derivation(Derivation derivation, double altitude_m) {
  return std::make_unique<DerivedChannel>(derivation, altitude_m);
}

double saturation_vapour_pressure(double celsius) {
  return magnus_pascal * std::exp(magnus_slope * celsius / (magnus_celsius + celsius));
}

double dew_point(double celsius, double relative_humidity) {
  const double logarithm = std::log(vapour_pressure(celsius, relative_humidity) / magnus_pascal);
  return magnus_celsius * logarithm / (magnus_slope - logarithm);
}

double absolute_humidity(double celsius, double relative_humidity) {
  return vapour_pressure(celsius, relative_humidity) / (gas_constant_of_vapour * (celsius + kelvin_at_0_celsius));
}

double heat_index(double celsius, double relative_humidity) {
  const double t = to_fahrenheit(celsius);
  const double simple = 0.5 * (t + 61.0 + (t - 68.0) * 1.2 + relative_humidity * 0.094);
  const double averaged = (simple + t) / 2;
  if (averaged < 80) return to_celsius(averaged);
  return to_celsius(regression(t, relative_humidity) + adjustment(t, relative_humidity));
}

double sea_level_pressure(double pascal, double altitude_m) {
  constexpr double kelvin_at_sea_level = 288.15;
  constexpr double kelvin_per_m = 0.0065;
  constexpr double exponent = 5.25588;  // g M / (R L)
  return pascal / std::pow(1 - kelvin_per_m * altitude_m / kelvin_at_sea_level, exponent);
}

}  // namespace b2m
