// Cup anemometers with a reed contact or a Hall switch. Argent Data Systems, Weather Sensor Assembly p/n 80422 (also
// sold by SparkFun): 2.4 km/h for each contact in a second. Others by `km_h_per_hz`. Supported: speed in proportion to
// the pulses. Not supported: an offset of the cups' bearing (filters), the direction (its vane is a resistor: an ADC).
#include <memory>

#include "drivers/engine/pulse_meter.hpp"

namespace b2m {
namespace {

constexpr double metres_per_second_per_km_h = 1 / 3.6;

constexpr ChannelSpec channel_table[] = {
    {"speed", Quantity::wind_speed, {0, 120}, "wind speed, the mean over `window`"},
};

constexpr auto options = pulse_options(
    std::array{
        OptionSpec{.key = "km_h_per_hz",
                   .type = OptionType::number,
                   .summary = "wind speed at one pulse each second",
                   .fallback = "2.4",
                   .min = 0.01,
                   .max = 100},
    },
    // The mean over 3 s is what WMO-No. 8 (Guide to Instruments, part I, chapter 5) calls a gust.
    {.debounce = "1ms", .window = "3s", .silence = "10s"});

std::unique_ptr<EdgeSensor> make(const DriverContext& context) {
  return std::make_unique<PulseMeter>(PulseMeterTable{.channels = channel_table},
                                      context.options.number("km_h_per_hz") * metres_per_second_per_km_h,
                                      context.options);
}

}  // namespace

B2M_DRIVER(anemometer) = {
    .name = "anemometer",
    .summary = "cup anemometer with a contact: wind speed",
    .datasheet = "Argent Data Systems, Weather Sensor Assembly p/n 80422",
    .bus = BusKind::gpio,
    .channels = channel_table,
    .options = options,
    .on_grid = true,
    .make_edge_sensor = make,
    .example = R"({"driver": "anemometer", "line": "PC12", "active_low": true, "pull": "up"})",
};

}  // namespace b2m
