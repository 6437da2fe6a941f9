// SHTC3, SHTC1, SHTW2: humidity and temperature. Sensirion, Datasheet SHTC3, version 3 (sections below);
// Datasheet SHTC1, version 3; Datasheet SHTW2, version 1.
// Supported: measurements without clock stretching, normal and low power. Not supported: the sleep mode of the SHTC3
// (left at start; idle it draws 45 µA). Not probed: the wake-up would switch the channels of a multiplexer or the
// outputs of a PWM chip at the same address.
#include <memory>

#include "drivers/engine/word_command.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x70};

// §5.11: the ends of the two scales.
constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-45, 130}, "±0.2 to ±0.3 °C"},
                                    {"humidity", Quantity::relative_humidity, {0, 100}, "±2 to ±3 %"}};

constexpr Model models[] = {{.name = "shtc3", .summary = "±2 %, ±0.2 °C"},
                            {.name = "shtc1", .summary = "±3 %, ±0.3 °C"},
                            {.name = "shtw2", .summary = "±3 %, ±0.3 °C"}};

constexpr std::string_view modes[] = {"normal", "low_power"};
constexpr OptionSpec options[] = {{.key = "mode",
                                   .type = OptionType::choice,
                                   .summary = "less noise (normal) or a faster, cooler measurement (low_power)",
                                   .fallback = "normal",
                                   .choices = modes}};

// §5.1 to §5.8. The two older parts know no wake-up.
constexpr WordCommand wake_up{.code = 0x3517, .pause = 1ms, .may_be_refused = true};  // 240 µs at most
constexpr WordCommand soft_reset{.code = 0x805d, .pause = 1ms};
constexpr WordCommand read_id{.code = 0xefc8};

/// Temperature first. The times are the longest of the three parts, those of the SHTC1.
constexpr WordCommand measure(std::string_view mode) {
  if (mode == "low_power") return {.code = 0x609c, .pause = 1ms};
  return {.code = 0x7866, .pause = 14400us};
}

/// §5.9: bits 11 and 5 to 0 of the SHTC3; bits 5 to 0 of the others.
constexpr WordIdentity identity(std::string_view model) {
  if (model == "shtc3") return {.command = read_id, .value = 0x0807, .mask = 0x083f};
  return {.command = read_id, .value = 0x0007, .mask = 0x003f};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  WordChip chip{.wake = wake_up,
                .identity = {identity(models[context.model].name)},
                .start = {soft_reset},
                .measure = measure(context.options.text("mode")),
                .fields = {{.channel = "temperature", .span = 175, .steps = 65536, .offset = -45},
                           {.channel = "humidity", .span = 100, .steps = 65536}}};
  return std::make_unique<WordCommandSensor>(std::move(chip), i2c_device(context), channels);
}

}  // namespace

B2M_DRIVER(shtc3) = {
    .name = "shtc3",
    .summary = "Sensirion SHTC3, SHTC1 and SHTW2 humidity and temperature sensors",
    .datasheet = "Sensirion, Datasheet SHTC3, version 3; SHTC1, version 3; SHTW2, version 1",
    .wiring = "the address is fixed, so two need two buses or a multiplexer",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 50ms,
    .make_sensor = make,
    .example = R"({"driver": "shtc3", "bus": "i2c-1", "address": "0x70"})",
};

}  // namespace b2m
