// DS3231, DS3232: the thermometer of these real-time clocks. Maxim, 19-5170 rev. 10 (DS3231), 19-5337 (DS3232).
// Supported: the temperature that the clock measures for itself every 64 s. Not supported: the clock, whose place is
// the kernel's rtc-ds1307 driver; where that is loaded, the temperature is a `hwmon` sensor. Not probed: there is no
// identity.
#include "drivers/engine/register_map.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x68};

// What the format can express; the parts are specified from -40 °C to 85 °C.
constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-128, 128}, "±3 °C, every 64 s"}};

// "Temperature registers (11h-12h)": two's complement of quarter degrees, left aligned.
constexpr Field fields[] = {{.channel = "temperature", .reg = 0x11, .sign = true, .shift = 6, .scale = 0.25}};

// The day of the week has three bits and the others read 0, which most other parts of this address do not keep.
constexpr RegisterValue day_of_week{.reg = 0x03, .value = 0x00, .width = 8, .mask = 0xf8};

constexpr std::array chips{
    RegisterChip{.model = {.name = "ds3231", .channels = channels}, .fields = fields, .identity = day_of_week},
    RegisterChip{.model = {.name = "ds3232", .channels = channels}, .fields = fields, .identity = day_of_week},
};

}  // namespace

B2M_DRIVER(ds3231) = {
    .name = "ds3231",
    .summary = "Maxim DS3231 and DS3232 real-time clocks: their temperature",
    .datasheet = "Maxim, 19-5170 rev. 10 (DS3231), 19-5337 (DS3232)",
    .wiring =
        "the ZS-042 board charges its cell: take off the charging diode or resistor before a CR2032 "
        "goes in, which must not be charged. A clock driver of the kernel holds the address: read it "
        "with the driver `hwmon` then",
    .bus = BusKind::i2c,
    .models = models_of<chips>,
    .addresses = addresses,
    .channels = channels,
    .every = 64s,
    .every_min = 1s,
    .make_sensor = make_register_sensor<chips>,
    .example = R"({"driver": "ds3231", "bus": "i2c-1", "address": "0x68"})",
};

}  // namespace b2m
