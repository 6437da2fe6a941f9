// MAX17043, MAX17044, MAX17048, MAX17049: voltage and state of charge of a lithium battery. Maxim, 19-4811 rev. 7 and
// 19-6171 rev. 7.
// Supported: reading. Not supported: custom models of a battery, alerts, sleep, the rate of charge. Nothing is ever
// written: the part's own model of its battery would begin anew.
#include "drivers/engine/register_map.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x36};

// The model may run a little over after a full charge.
constexpr Range charge{0, 1.1};
constexpr ChannelSpec one_cell[] = {{"voltage", Quantity::voltage, {0, 5.12}, "±12.5 mV"},
                                    {"charge", Quantity::ratio, charge, "state of charge"}};
constexpr ChannelSpec two_cells[] = {{"voltage", Quantity::voltage, {0, 10.24}, "of both cells, ±25 mV"},
                                     {"charge", Quantity::ratio, charge, "state of charge"}};

// clang-format off
// VCELL is 0 until the first conversion, half a second after power-on. SOC counts 1/256 %.
constexpr double soc_step = 0.01 / 256;
constexpr Field max17043_fields[] = {{.channel = "voltage", .reg = 0x02, .shift = 4, .scale = 1.25e-3, .invalid = 0},
                                     {.channel = "charge", .reg = 0x04, .scale = soc_step}};
constexpr Field max17044_fields[] = {{.channel = "voltage", .reg = 0x02, .shift = 4, .scale = 2.5e-3, .invalid = 0},
                                     {.channel = "charge", .reg = 0x04, .scale = soc_step}};
constexpr Field max17048_fields[] = {{.channel = "voltage", .reg = 0x02, .scale = 78.125e-6, .invalid = 0},
                                     {.channel = "charge", .reg = 0x04, .scale = soc_step}};
constexpr Field max17049_fields[] = {{.channel = "voltage", .reg = 0x02, .scale = 156.25e-6, .invalid = 0},
                                     {.channel = "charge", .reg = 0x04, .scale = soc_step}};
constexpr RegisterValue version_0x001x{.reg = 0x08, .value = 0x0010, .mask = 0xfff0};  // 19-6171, VERSION

constexpr std::array chips{
    RegisterChip{.model = {.name = "max17043", .channels = one_cell, .summary = "one cell"}, .fields = max17043_fields},
    RegisterChip{.model = {.name = "max17044", .channels = two_cells, .summary = "two cells"}, .fields = max17044_fields},
    RegisterChip{.model = {.name = "max17048", .channels = one_cell, .summary = "one cell"},
                 .fields = max17048_fields, .identity = version_0x001x},
    RegisterChip{.model = {.name = "max17049", .channels = two_cells, .summary = "two cells"},
                 .fields = max17049_fields, .identity = version_0x001x},
};
// clang-format on

}  // namespace

B2M_DRIVER(max17043) = {
    .name = "max17043",
    .summary = "Maxim MAX17043, MAX17044, MAX17048 and MAX17049 battery fuel gauges",
    .datasheet = "Maxim, 19-4811 rev. 7; 19-6171 rev. 7",
    .wiring = "the gauge is supplied by the battery itself, so it is not there without one",
    .bus = BusKind::i2c,
    .models = models_of<chips>,
    .addresses = addresses,
    .channels = one_cell,
    .every_min = 500ms,
    .make_sensor = make_register_sensor<chips>,
    .example = R"({"driver": "max17043", "bus": "i2c-1", "address": "0x36"})",
};

}  // namespace b2m
