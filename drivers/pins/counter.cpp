// Pulses on a GPIO line, counted: fan tachometers, gas meters, turnstiles, machine cycles. Linux,
// Documentation/userspace-api/gpio/gpio-v2-line-event-read.rst: edges carry the kernel's time and a number, so that
// those that did not fit into its queue are counted too. Supported: either edge, units per pulse, a total that outlives
// the daemon and that a command can set. Not supported: up and down (`encoder`), gating.
#include <memory>

#include "drivers/engine/pulse_meter.hpp"

namespace b2m {
namespace {

constexpr ChannelSpec channel_table[] = {
    {"total", Quantity::count, {0, 1e15}, "units counted since it was set or first started"},
    {"rate", Quantity::frequency, {0, 1e9}, "units per second"},
};

constexpr auto options = pulse_options(
    std::array{
        OptionSpec{.key = "units_per_pulse",
                   .type = OptionType::number,
                   .summary = "what a pulse adds to the total",
                   .fallback = "1",
                   .min = 1e-9,
                   .max = 1e9},
        keep_pulses,
        keep_at_most,
        keep_at_least,
    },
    {});

std::unique_ptr<EdgeSensor> make(const DriverContext& context) {
  return std::make_unique<PulseMeter>(PulseMeterTable{.channels = channel_table},
                                      context.options.number("units_per_pulse"), context.options);
}

}  // namespace

B2M_DRIVER(counter) = {
    .name = "counter",
    .summary = "pulses on a GPIO line: total and rate",
    .datasheet = "Linux, Documentation/userspace-api/gpio/gpio-v2-line-event-read.rst",
    .bus = BusKind::gpio,
    .channels = channel_table,
    .options = options,
    .on_grid = true,
    .settable = true,
    .make_edge_sensor = make,
    .example = R"({"driver": "counter", "line": "PC12", "pull": "up", "units_per_pulse": 0.5})",
};

}  // namespace b2m
