// LM75 and the thermometers that kept its register layout: NXP LM75B rev. 6.1, TI TMP102 SBOS397H, TI TMP105 SBOS648B,
// TI TMP75 SBOS288, TI TMP112 SBOS473, TI TMP117 SNOSD82D, Maxim DS75.
// Supported: continuous conversion with the power-on settings, 12-bit mode. Not supported: alert pins, limits, the
// 13-bit extended mode of the TMP1x2 (cleared at start, since the result's low bits change their meaning with it).
#include "drivers/engine/register_map.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t low_addresses[] = {0x48, 0x49, 0x4a, 0x4b};
constexpr std::uint8_t all_addresses[] = {0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f};

// What the formats can express; the parts are specified for -55 to 125 °C, TMP117 to 150 °C.
// clang-format off
constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-128, 128}}};
constexpr ChannelSpec wide_channels[] = {{"temperature", Quantity::temperature, {-256, 256}}};

// The result stands left aligned in register 0; the low bits that a part does not have are masked, since clones leave garbage.
constexpr Field nine_bits[] = {{.channel = "temperature", .reg = 0, .sign = true, .shift = 7, .scale = 0.5}};
constexpr Field eleven_bits[] = {{.channel = "temperature", .reg = 0, .sign = true, .shift = 5, .scale = 0.125}};
constexpr Field twelve_bits[] = {{.channel = "temperature", .reg = 0, .sign = true, .shift = 4, .scale = 0.0625}};
// SBOS397H §7.3.1: bit 0 tells the 13-bit extended mode, also of a result that was converted before the mode was changed.
constexpr Field tmp102_bits[] = {
    {.channel = "temperature", .reg = 0, .sign = true, .shift = 4, .scale = 0.0625, .must_be_clear = 0x0001}};
// SNOSD82D §7.6.2: 0x8000 until the first conversion has ended.
constexpr Field sixteen_bits[] = {
    {.channel = "temperature", .reg = 0, .sign = true, .scale = 0.0078125, .invalid = 0x8000}};

// Writing the whole configuration also wakes a part that was left in shutdown.
constexpr RegisterValue continuous[] = {{.reg = 1, .value = 0x00, .width = 8}};
constexpr RegisterValue continuous_12_bits[] = {{.reg = 1, .value = 0x60, .width = 8}};  // R1 R0 = 11
constexpr RegisterValue tmp102_normal[] = {{.reg = 1, .value = 0x60a0}};                 // EM = 0: 12 bits, 4 Hz
constexpr RegisterValue tmp117_continuous[] = {{.reg = 1, .value = 0x0220}};             // 8 averaged, one result a second
constexpr RegisterValue tmp117_id{.reg = 0x0f, .value = 0x0117, .mask = 0x0fff};         // the upper bits are the revision

// Start-up times: until the first result of the mode set above, at the longest.
constexpr std::array chips{
    RegisterChip{.model = {.name = "lm75", .channels = channels, .summary = "9 bits"},
                 .fields = nine_bits, .setup = continuous, .start_up = 300ms},
    RegisterChip{.model = {.name = "lm75b", .channels = channels, .summary = "11 bits; also NXP LM75A"},
                 .fields = eleven_bits, .setup = continuous, .start_up = 300ms},
    RegisterChip{.model = {.name = "tmp75", .channels = channels, .summary = "12 bits; also TMP175, TMP275"},
                 .fields = twelve_bits, .setup = continuous_12_bits, .start_up = 300ms},
    RegisterChip{.model = {.name = "tmp105", .channels = channels, .summary = "12 bits"},
                 .fields = twelve_bits, .setup = continuous_12_bits, .start_up = 300ms},
    RegisterChip{.model = {.name = "ds75", .channels = channels, .summary = "12 bits"},
                 .fields = twelve_bits, .setup = continuous_12_bits, .start_up = 1200ms},
    RegisterChip{.model = {.name = "tmp102", .addresses = low_addresses, .channels = channels, .summary = "12 bits"},
                 .fields = tmp102_bits, .setup = tmp102_normal, .start_up = 300ms},
    RegisterChip{.model = {.name = "tmp112", .addresses = low_addresses, .channels = channels, .summary = "12 bits"},
                 .fields = tmp102_bits, .setup = tmp102_normal, .start_up = 300ms},
    RegisterChip{.model = {.name = "tmp117", .addresses = low_addresses, .channels = wide_channels, .summary = "16 bits; also TMP119"},
                 .fields = sixteen_bits, .identity = tmp117_id, .setup = tmp117_continuous, .start_up = 1100ms},
};
// clang-format on

}  // namespace

B2M_DRIVER(lm75) = {
    .name = "lm75",
    .summary = "LM75 and compatible digital thermometers",
    .datasheet = "NXP LM75B rev. 6.1; TI SBOS397H, SBOS648B, SBOS288, SBOS473, SNOSD82D; Maxim DS75",
    .wiring =
        "A0 to A2 add 1, 2 and 4 to address 0x48; of a TMP102, ADD0 to ground is 0x48, to the supply "
        "0x49, to SDA 0x4a, to SCL 0x4b",
    .bus = BusKind::i2c,
    .models = models_of<chips>,
    .addresses = all_addresses,
    .channels = channels,
    .every_min = 300ms,
    .probe = probe_register_chips<chips>,
    .make_sensor = make_register_sensor<chips>,
    .example = R"({"driver": "lm75", "bus": "i2c-1", "address": "0x48"})",
};

}  // namespace b2m
