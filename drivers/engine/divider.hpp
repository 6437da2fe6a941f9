// A resistive part and a fixed resistor in series between a supply and ground, seen at the point between the two.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "drivers/api/driver.hpp"

namespace b2m {

/// The rows that every part in a divider has. The voltage at an input counts as a share of the supply: what matters is
/// that both are in the same volts. A converter whose reference is the divider's own supply (MCP3008, PCF8591, ADS7830
/// with `reference_v`) gives that share whatever the supply really is, as long as `supply_v` is its `reference_v`. A
/// converter with a reference of its own (ADS1115) needs the true supply: measured with a meter, or, where it is to be
/// followed, by another input of the same converter.
namespace divider {
inline constexpr OptionSpec input{
    .key = "input",
    .type = OptionType::text,
    .summary = "channel that measures the voltage between the two resistors, \"adc.ain0\"",
    .required = true};
inline constexpr OptionSpec supply_input{
    .key = "supply_input",
    .type = OptionType::text,
    .summary = "channel of the same sensor that measures the supply of the divider; `supply_v` is not used then"};
inline constexpr OptionSpec supply{
    .key = "supply_v",
    .type = OptionType::number,
    .summary = "supply of the divider; the converter's own `reference_v` where the two are connected",
    .fallback = "3.3",
    .min = 0.1,
    .max = 60};
inline constexpr OptionSpec series{.key = "series_ohm",
                                   .type = OptionType::number,
                                   .summary = "fixed resistor in series",
                                   .required = true,
                                   .min = 1,
                                   .max = 1e8};
inline constexpr std::array<std::string_view, 2> positions{"low", "high"};
inline constexpr OptionSpec position{.key = "position",
                                     .type = OptionType::choice,
                                     .summary = "where the part stands: low, to ground; high, to the supply",
                                     .fallback = "low",
                                     .choices = positions};

inline constexpr std::array inputs{InputSpec{"input", Quantity::voltage}, InputSpec{"supply_input", Quantity::voltage}};
}  // namespace divider

/// Pure.
class Divider {
 public:
  Divider(bool part_is_high, double series_ohm, double supply_v)
      : part_is_high_(part_is_high), series_ohm_(series_ohm), supply_v_(supply_v) {}
  /// From the rows above.
  explicit Divider(const Options& options)
      : Divider(options.text("position") == "high", options.number("series_ohm"), options.number("supply_v")) {}

  /// The share of the supply that lies across the part. Error: out_of_range without a supply. `inputs` as in
  /// `divider::inputs`.
  [[nodiscard]] Result<double> share(ComputedSensor::Inputs inputs) const {
    const double supply = inputs[1].value_or(supply_v_);
    if (supply < least_supply_v) return fail(Errc::out_of_range, "the divider has no supply");
    const double low = *inputs[0] / supply;
    return part_is_high_ ? 1 - low : low;
  }
  /// Ohm of the part from its share, which is above 0 and below 1.
  [[nodiscard]] double resistance(double share) const { return series_ohm_ * share / (1 - share); }

 private:
  static constexpr double least_supply_v = 0.1;

  bool part_is_high_;
  double series_ohm_;
  double supply_v_;
};

}  // namespace b2m
