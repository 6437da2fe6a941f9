// Turbine flow meters with a Hall sensor. Sea, YF-S201 data sheet: 7.5 Hz for each L/min, that is 450 pulses a litre,
// from 1 to 30 L/min, ±10 %. Others by `pulses_per_litre`: YF-S401 (98 Hz for each L/min) 5880, a water meter with a
// contact for each 10 litres 0.1. Supported: volume and flow. The volume outlives the daemon; a command sets it.
#include <memory>

#include "drivers/engine/pulse_meter.hpp"

namespace b2m {
namespace {

constexpr double litres_per_cubic_metre = 1000;

constexpr ChannelSpec channel_table[] = {
    {"volume", Quantity::volume, {0, 1e9}, "what flowed since it was set or first started"},
    {"flow", Quantity::flow_rate, {0, 1}, "the mean over `window`"},
};

constexpr auto options = pulse_options(
    std::array{
        OptionSpec{.key = "pulses_per_litre",
                   .type = OptionType::number,
                   .summary = "as its data sheet says, or as a measured bucket does",
                   .fallback = "450",
                   .min = 1e-6,
                   .max = 1e6},
        keep_pulses,
        keep_at_most,
        keep_at_least,
    },
    {.debounce = "0s", .window = "2s", .silence = "10s"});

std::unique_ptr<EdgeSensor> make(const DriverContext& context) {
  return std::make_unique<PulseMeter>(PulseMeterTable{.channels = channel_table},
                                      1 / (context.options.number("pulses_per_litre") * litres_per_cubic_metre),
                                      context.options);
}

}  // namespace

B2M_DRIVER(flow_meter) = {
    .name = "flow_meter",
    .summary = "turbine flow meter or water meter with pulses: volume and flow",
    .datasheet = "Sea, YF-S201 data sheet",
    .bus = BusKind::gpio,
    .channels = channel_table,
    .options = options,
    .on_grid = true,
    .settable = true,
    .make_edge_sensor = make,
    .example = R"({"driver": "flow_meter", "line": "PC12", "pull": "up", "pulses_per_litre": 450})",
};

}  // namespace b2m
