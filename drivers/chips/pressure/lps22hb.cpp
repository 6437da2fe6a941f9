// LPS22HB: pressure and temperature. STMicroelectronics, DocID027083 rev. 6.
// Supported: one-shot measurements. Not supported: continuous mode, FIFO, low-pass filter, pressure offset, SPI.
#include "drivers/engine/register_map.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x5c, 0x5d};

constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-40, 85}, "±1.5 °C"},
                                    {"pressure", Quantity::atmospheric_pressure, {26e3, 126e3}, "±1 hPa"}};

// §4.4: 1/4096 hPa; §9.18 and §9.19: 1/100 °C. Both signed, lowest byte first.
constexpr Field fields[] = {
    {.channel = "pressure",
     .reg = 0x28,
     .width = 24,
     .order = ByteOrder::little_endian,
     .sign = true,
     .scale = 100.0 / 4096},
    {.channel = "temperature", .reg = 0x2b, .order = ByteOrder::little_endian, .sign = true, .scale = 0.01}};

constexpr RegisterValue reset{.reg = 0x11, .value = 0x14, .width = 8};  // SWRESET; addresses go on by themselves
// CTRL_REG1: one-shot, a value is not changed while it is read. RES_CONF: low noise.
constexpr RegisterValue setup[] = {{.reg = 0x10, .value = 0x02, .width = 8}, {.reg = 0x1a, .value = 0x00, .width = 8}};
constexpr RegisterValue one_shot[] = {{.reg = 0x11, .value = 0x11, .width = 8}};

constexpr std::array chips{RegisterChip{.model = {.name = "lps22hb", .channels = channels},
                                        .fields = fields,
                                        .burst = true,
                                        .identity = RegisterValue{.reg = 0x0f, .value = 0xb1, .width = 8},
                                        .reset = reset,
                                        .reset_time = 5ms,  // boot time, §3.5: 4.5 ms at most
                                        .setup = setup,
                                        .trigger = one_shot,
                                        .conversion = 15ms,
                                        .ready = ReadyFlag{.reg = 0x27, .mask = 0x03}}};

}  // namespace

B2M_DRIVER(lps22hb) = {
    .name = "lps22hb",
    .summary = "ST LPS22HB pressure and temperature sensor",
    .datasheet = "STMicroelectronics, DocID027083 rev. 6",
    .wiring = "SA0 to ground is address 0x5c, to 3.3 V 0x5d; CS stays at 3.3 V",
    .bus = BusKind::i2c,
    .models = models_of<chips>,
    .addresses = addresses,
    .channels = channels,
    .every_min = 50ms,
    .probe = probe_register_chips<chips>,
    .make_sensor = make_register_sensor<chips>,
    .example = R"({"driver": "lps22hb", "bus": "i2c-1", "address": "0x5c"})",
};

}  // namespace b2m
