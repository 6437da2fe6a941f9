// Tipping-bucket rain gauges with a reed contact. Argent Data Systems, Weather Sensor Assembly p/n 80422 (also sold by
// SparkFun): a contact for each 0.2794 mm (0.011 in) of rain. Other buckets by `mm_per_tip`.
// Supported: amount and intensity. The amount outlives the daemon; a command sets it, to 0 on the first of a month.
#include <memory>

#include "drivers/engine/pulse_meter.hpp"

namespace b2m {
namespace {

constexpr double metres_per_millimetre = 1e-3;

constexpr ChannelSpec channel_table[] = {
    {"precipitation", Quantity::precipitation, {0, 1e6}, "rain since it was set or first started"},
    {"intensity", Quantity::precipitation_intensity, {0, 1e-3}, "rain per hour, from the pace of the last tips"},
};

constexpr auto options = pulse_options(
    std::array{
        OptionSpec{.key = "mm_per_tip",
                   .type = OptionType::number,
                   .summary = "rain that tips the bucket",
                   .fallback = "0.2794",
                   .min = 0.001,
                   .max = 100},
        keep_pulses,
        keep_at_most,
        keep_at_least,
    },
    // Light rain of 0.3 mm/h tips it once an hour.
    {.debounce = "10ms", .window = "10min", .silence = "1h"});

std::unique_ptr<EdgeSensor> make(const DriverContext& context) {
  return std::make_unique<PulseMeter>(PulseMeterTable{.channels = channel_table},
                                      context.options.number("mm_per_tip") * metres_per_millimetre, context.options);
}

}  // namespace

B2M_DRIVER(rain_gauge) = {
    .name = "rain_gauge",
    .summary = "tipping-bucket rain gauge: amount and intensity",
    .datasheet = "Argent Data Systems, Weather Sensor Assembly p/n 80422",
    .bus = BusKind::gpio,
    .channels = channel_table,
    .options = options,
    .every = std::chrono::minutes(1),
    .on_grid = true,
    .settable = true,
    .make_edge_sensor = make,
    .example = R"({"driver": "rain_gauge", "line": "PC12", "active_low": true, "pull": "up", "min_interval": "1s"})",
};

}  // namespace b2m
