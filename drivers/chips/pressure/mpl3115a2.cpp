// MPL3115A2: pressure and temperature. NXP, MPL3115A2 rev. 5.1.
// Supported: one-shot measurements as a barometer with 32 samples. Not supported: altimeter, FIFO (switched off at
// start), interrupts; the user's offsets are left as they are.
#include "drivers/engine/register_map.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x60};

constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-40, 85}, "±1 to ±3 °C"},
                                    {"pressure", Quantity::atmospheric_pressure, {20e3, 110e3}, "±4 hPa"}};

// §14.3: 20 bits of a quarter pascal; §14.4: 12 bits of a sixteenth degree; both left aligned.
constexpr Field fields[] = {{.channel = "pressure", .reg = 0x01, .width = 24, .shift = 4, .scale = 0.25},
                            {.channel = "temperature", .reg = 0x04, .sign = true, .shift = 4, .scale = 0.0625}};

// §14.17 CTRL_REG1. Settings change in standby alone. The one-shot bit works when it rises, so it is cleared first.
constexpr RegisterValue standby{.reg = 0x26, .value = 0x28, .width = 8};  // barometer, ×32
constexpr RegisterValue one_shot{.reg = 0x26, .value = 0x2a, .width = 8};
constexpr RegisterValue setup[] = {standby,
                                   {.reg = 0x0f, .value = 0x00, .width = 8},   // F_SETUP: no FIFO
                                   {.reg = 0x13, .value = 0x07, .width = 8}};  // PT_DATA_CFG: data-ready flags
constexpr RegisterValue trigger[] = {standby, one_shot};

constexpr std::array chips{RegisterChip{.model = {.name = "mpl3115a2", .channels = channels},
                                        .fields = fields,
                                        .burst = true,
                                        .identity = RegisterValue{.reg = 0x0c, .value = 0xc4, .width = 8},
                                        .setup = setup,
                                        .trigger = trigger,
                                        .conversion = 130ms,  // §14.17 table 59
                                        .ready = ReadyFlag{.reg = 0x00, .mask = 0x06}}};

}  // namespace

B2M_DRIVER(mpl3115a2) = {
    .name = "mpl3115a2",
    .summary = "NXP MPL3115A2 pressure and temperature sensor",
    .datasheet = "NXP, MPL3115A2 rev. 5.1",
    .wiring = "the address is fixed, so two need two buses or a multiplexer",
    .bus = BusKind::i2c,
    .models = models_of<chips>,
    .addresses = addresses,
    .channels = channels,
    .every_min = 250ms,
    .probe = probe_register_chips<chips>,
    .make_sensor = make_register_sensor<chips>,
    .example = R"({"driver": "mpl3115a2", "bus": "i2c-1", "address": "0x60"})",
};

}  // namespace b2m
