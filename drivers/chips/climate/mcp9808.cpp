// MCP9808: thermometer. Microchip, DS25095A.
// Supported: continuous conversion at 0.0625 °C. Not supported: alert output and limits (the output is switched off).
#include "drivers/engine/register_map.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x18, 0x19, 0x1a, 0x1b, 0x1c, 0x1d, 0x1e, 0x1f};

// The range of the format; the part is specified from -40 °C to 125 °C.
constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-256, 256}, "±0.25 °C"}};

// §5.1.3: three alert flags above the sign.
constexpr Field fields[] = {{.channel = "temperature", .reg = 5, .sign = true, .unused_high = 3, .scale = 0.0625}};

// §5.1.1 and register 5-7; the resolution alone has 8 bits.
constexpr RegisterValue continuous[] = {{.reg = 1, .value = 0x0000}, {.reg = 8, .value = 0x03, .width = 8}};

constexpr std::array chips{RegisterChip{
    .model = {.name = "mcp9808", .channels = channels},
    .fields = fields,
    .identity = RegisterValue{.reg = 6, .value = 0x0054},
    .second_identity = RegisterValue{.reg = 7, .value = 0x0400, .mask = 0xff00},  // the low byte is the revision
    .setup = continuous,
    .start_up = 300ms,  // 250 ms, typical
}};

}  // namespace

B2M_DRIVER(mcp9808) = {
    .name = "mcp9808",
    .summary = "Microchip MCP9808 thermometer",
    .datasheet = "Microchip, DS25095A",
    .wiring = "A0 to A2 add 1, 2 and 4 to address 0x18",
    .bus = BusKind::i2c,
    .models = models_of<chips>,
    .addresses = addresses,
    .channels = channels,
    .every_min = 300ms,
    .probe = probe_register_chips<chips>,
    .make_sensor = make_register_sensor<chips>,
    .example = R"({"driver": "mcp9808", "bus": "i2c-1", "address": "0x18"})",
};

}  // namespace b2m
