// HDC3020, HDC3021, HDC3022: humidity and temperature. Texas Instruments, SNAS778D.
// Supported: trigger-on-demand measurements in four low power modes. Not supported: auto measurement (left at start),
// the heater (switched off at start), offsets, alerts.
#include <memory>

#include "drivers/engine/word_command.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x44, 0x45, 0x46, 0x47};

// §7.3.3: the ends of the two scales.
constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-45, 130}, "±0.1 °C"},
                                    {"humidity", Quantity::relative_humidity, {0, 100}, "±0.5 %"}};

constexpr Model models[] = {{.name = "hdc3020"},
                            {.name = "hdc3021", .summary = "with a protective tape"},
                            {.name = "hdc3022", .summary = "with a filter membrane"},
                            {.name = "hdc302x", .summary = "any of them"}};

constexpr std::string_view repeatabilities[] = {"high", "medium", "low", "lowest"};
constexpr OptionSpec options[] = {
    {.key = "repeatability",
     .type = OptionType::choice,
     .summary = "less noise (high, low power mode 0) or a faster measurement (lowest, mode 3)",
     .fallback = "high",
     .choices = repeatabilities}};

// §7.5.7, table 7-4.
constexpr WordCommand stop_auto{.code = 0x3093, .pause = 1ms, .may_be_refused = true};
constexpr WordCommand soft_reset{.code = 0x30a2, .pause = 5ms};
constexpr WordCommand heater_off{.code = 0x3066, .pause = 1ms};
constexpr WordCommand read_status{.code = 0xf32d};
constexpr WordCommand read_manufacturer{.code = 0x3781};
constexpr std::uint16_t texas_instruments = 0x3000;
constexpr StatusCheck heater_is_off{
    .command = read_status, .must_be_clear = 0x2000, .meaning = "the heater is on: readings would be shifted"};

/// Table 7-4: the measurements last 12.5, 7.5, 5 and 3.7 ms, typically.
constexpr WordCommand measure(std::string_view repeatability) {
  if (repeatability == "lowest") return {.code = 0x24ff, .pause = 5ms};
  if (repeatability == "low") return {.code = 0x2416, .pause = 6ms};
  if (repeatability == "medium") return {.code = 0x240b, .pause = 9ms};
  return {.code = 0x2400, .pause = 15ms};
}

/// The status goes first, since the bytes of the second command would write to a part with registers.
Result<std::string_view> probe(const I2cDevice& device) {
  for (const auto& [command, value, mask] : {WordIdentity{read_status, 0, 0}, {read_manufacturer, texas_instruments}}) {
    const auto word = query_word(device, command);
    const bool other = !word && (word.error().code == Errc::checksum || word.error().code == Errc::no_ack);
    if (!word && !other) return tl::unexpected(word.error());
    if (other || (*word & mask) != value) return fail(Errc::wrong_chip, "not an HDC302x");
  }
  return "hdc302x";
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  WordChip chip{
      .wake = stop_auto,
      .identity = {{.command = read_manufacturer, .value = texas_instruments}},
      .start = {soft_reset, heater_off},
      .status = heater_is_off,
      .measure = measure(context.options.text("repeatability")),
      .fields = {{.channel = "temperature", .span = 175, .offset = -45}, {.channel = "humidity", .span = 100}}};
  return std::make_unique<WordCommandSensor>(std::move(chip), i2c_device(context), channels);
}

}  // namespace

B2M_DRIVER(hdc302x) = {
    .name = "hdc302x",
    .summary = "TI HDC302x humidity and temperature sensors",
    .datasheet = "Texas Instruments, SNAS778D",
    .wiring = "ADDR and ADDR1 select 0x44 to 0x47",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 50ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "hdc3022", "bus": "i2c-1", "address": "0x44"})",
};

}  // namespace b2m
