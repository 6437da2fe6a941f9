// SHT30, SHT31, SHT35: humidity and temperature. Sensirion, Datasheet SHT3x-DIS, version 7.
// Supported: single shot without clock stretching, three repeatabilities. Not supported: periodic mode (left by the
// break command at start), the heater (switched off at start, since one that is left on shifts both readings), alert
// limits.
#include <memory>

#include "drivers/engine/word_command.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x44, 0x45};

// §4.13: the ends of the two scales.
constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-45, 130}, "±0.1 to ±0.3 °C"},
                                    {"humidity", Quantity::relative_humidity, {0, 100}, "±1.5 to ±3 %"}};

constexpr Model models[] = {{.name = "sht30", .summary = "±3 %"},
                            {.name = "sht31", .summary = "±2 %"},
                            {.name = "sht35", .summary = "±1.5 %"},
                            {.name = "sht3x", .summary = "any of them"}};

constexpr std::string_view repeatabilities[] = {"high", "medium", "low"};
constexpr OptionSpec options[] = {{.key = "repeatability",
                                   .type = OptionType::choice,
                                   .summary = "less noise (high) or a faster, cooler measurement (low)",
                                   .fallback = "high",
                                   .choices = repeatabilities}};

// §4.9 table 11, §4.10 table 12, §4.13 and §4.14. Break is for a part that was left in periodic mode; an idle one may
// refuse it.
constexpr WordCommand stop_periodic{.code = 0x3093, .pause = 1ms, .may_be_refused = true};
constexpr WordCommand soft_reset{.code = 0x30a2, .pause = 2ms};  // 1.5 ms at most
constexpr WordCommand heater_off{.code = 0x3066, .pause = 1ms};
constexpr StatusCheck heater_is_off{
    .command = {.code = 0xf32d}, .must_be_clear = 0x2000, .meaning = "the heater is on: readings would be shifted"};

/// §4.3 table 8 with the longest durations of table 4.
constexpr WordCommand measure(std::string_view repeatability) {
  if (repeatability == "low") return {.code = 0x2416, .pause = 4500us};
  if (repeatability == "medium") return {.code = 0x240b, .pause = 6500us};
  return {.code = 0x2400, .pause = 15500us};
}

/// A status word with a good checksum, as an HDC302x has one too; that one alone then has a manufacturer. The status
/// goes first, since the bytes of the other command would write to a part with registers.
Result<std::string_view> probe(const I2cDevice& device) {
  const auto status = query_word(device, heater_is_off.command);
  if (!status && status.error().code != Errc::checksum && status.error().code != Errc::no_ack)
    return tl::unexpected(status.error());
  if (!status) return fail(Errc::wrong_chip, "there is no status word");
  constexpr WordCommand hdc302x_manufacturer{.code = 0x3781};
  if (query_word(device, hdc302x_manufacturer) == std::uint16_t{0x3000})
    return fail(Errc::wrong_chip, "it is an HDC302x");
  return "sht3x";
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  WordChip chip{
      .start = {stop_periodic, soft_reset, heater_off},
      .status = heater_is_off,
      .measure = measure(context.options.text("repeatability")),
      .fields = {{.channel = "temperature", .span = 175, .offset = -45}, {.channel = "humidity", .span = 100}}};
  return std::make_unique<WordCommandSensor>(std::move(chip), i2c_device(context), channels);
}

}  // namespace

B2M_DRIVER(sht3x) = {
    .name = "sht3x",
    .summary = "Sensirion SHT3x humidity and temperature sensors",
    .datasheet = "Sensirion, Datasheet SHT3x-DIS, version 7",
    .wiring = "ADDR open or to ground is address 0x44, to 3.3 V 0x45",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 50ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "sht31", "bus": "i2c-1", "address": "0x44"})",
};

}  // namespace b2m
