// Electricity meters with an S0 output. IEC 62053-31 (DIN 43864): a passive contact, closed for 30 ms or longer with
// each pulse. How many pulses make a kWh stands on the meter (imp/kWh): 1000 on most for one phase, 400 or 800 on
// others. Supported: energy and power. The energy outlives the daemon; a command sets it to what the meter shows. Not
// supported: the direction of the energy (a second output of the meter is a second sensor).
#include <memory>

#include "drivers/engine/pulse_meter.hpp"

namespace b2m {
namespace {

constexpr double joules_per_kwh = 3.6e6;

constexpr ChannelSpec channel_table[] = {
    {"energy", Quantity::energy, {0, 3.6e15}, "energy since it was set or first started"},
    {"power", Quantity::power, {0, 1e6}, "from the time between pulses"},
};

constexpr auto options = pulse_options(
    std::array{
        OptionSpec{.key = "pulses_per_kwh",
                   .type = OptionType::number,
                   .summary = "imp/kWh, as the meter says",
                   .fallback = "1000",
                   .min = 0.01,
                   .max = 1e6},
        keep_pulses,
        keep_at_most,
        keep_at_least,
    },
    // 1000 imp/kWh at 12 W are 5 min from pulse to pulse.
    {.debounce = "5ms", .window = "10s", .silence = "10min"});

std::unique_ptr<EdgeSensor> make(const DriverContext& context) {
  return std::make_unique<PulseMeter>(PulseMeterTable{.channels = channel_table},
                                      joules_per_kwh / context.options.number("pulses_per_kwh"), context.options);
}

}  // namespace

B2M_DRIVER(energy_meter) = {
    .name = "energy_meter",
    .summary = "electricity meter with S0 pulses: energy and power",
    .datasheet = "IEC 62053-31:1998",
    .bus = BusKind::gpio,
    .channels = channel_table,
    .options = options,
    .on_grid = true,
    .settable = true,
    .make_edge_sensor = make,
    .example =
        R"({"driver": "energy_meter", "line": "PC12", "active_low": true, "pull": "up", "pulses_per_kwh": 1000})",
};

}  // namespace b2m
