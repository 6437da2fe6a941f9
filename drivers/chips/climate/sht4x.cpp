// SHT40, SHT41, SHT43, SHT45: humidity and temperature. Sensirion, Datasheet SHT4x, version 6.
// Supported: single measurements of three repeatabilities. Not supported: the heater, which only runs for a second
// after a command of its own.
#include <array>
#include <memory>

#include "drivers/engine/word_command.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x44, 0x45, 0x46};

// §4.6: the ends of the scale of temperature.
constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-45, 130}, "±0.1 to ±0.2 °C"},
                                    {"humidity", Quantity::relative_humidity, {0, 100}, "±1 to ±1.8 %"}};

constexpr Model models[] = {{.name = "sht40", .summary = "±1.8 %"},
                            {.name = "sht41", .summary = "±1.8 %, ±0.2 °C"},
                            {.name = "sht43", .summary = "±1.8 %, calibrated"},
                            {.name = "sht45", .summary = "±1 %, ±0.1 °C"},
                            {.name = "sht4x", .summary = "any of them"}};

constexpr std::string_view repeatabilities[] = {"high", "medium", "low"};
constexpr OptionSpec options[] = {{.key = "repeatability",
                                   .type = OptionType::choice,
                                   .summary = "less noise (high) or a faster, cooler measurement (low)",
                                   .fallback = "high",
                                   .choices = repeatabilities}};

// §4.5 table 8, with the longest times of table 5.
constexpr WordCommand soft_reset{.code = 0x94, .pause = 1ms, .bytes = 1};
constexpr WordCommand read_serial{.code = 0x89, .bytes = 1};
constexpr WordCommand measure(std::string_view repeatability) {
  if (repeatability == "low") return {.code = 0xe0, .pause = 1600us, .bytes = 1};
  if (repeatability == "medium") return {.code = 0xf6, .pause = 4500us, .bytes = 1};
  return {.code = 0xfd, .pause = 8300us, .bytes = 1};
}

/// The part does not acknowledge until its serial number is there; each look takes some 100 µs on the bus.
Result<> read_when_there(const I2cDevice& device, std::span<std::uint16_t> words) {
  constexpr int most_looks = 10;
  auto answer = read_words(device, true, words);
  for (int looks = 1; looks < most_looks && !answer && answer.error().code == Errc::no_ack; ++looks)
    answer = read_words(device, true, words);
  return answer;
}

/// Two words with good checksums behind a single byte: no other part of these addresses answers so.
Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(send(device, read_serial));
  std::array<std::uint16_t, 2> serial{};
  const auto answer = read_when_there(device, serial);
  if (answer) return "sht4x";
  const auto code = answer.error().code;
  return fail(code == Errc::checksum || code == Errc::no_ack ? Errc::wrong_chip : code, "there is no serial number");
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  // §4.6: humidity beyond its scale is a legal result near its ends, to be cropped.
  WordChip chip{.start = {soft_reset},
                .measure = measure(context.options.text("repeatability")),
                .fields = {{.channel = "temperature", .span = 175, .offset = -45},
                           {.channel = "humidity", .span = 125, .offset = -6, .crop = Range{0, 100}}}};
  return std::make_unique<WordCommandSensor>(std::move(chip), i2c_device(context), channels);
}

}  // namespace

B2M_DRIVER(sht4x) = {
    .name = "sht4x",
    .summary = "Sensirion SHT4x humidity and temperature sensors",
    .datasheet = "Sensirion, Datasheet SHT4x, version 6",
    .wiring = "the address is part of the order number: -A is 0x44, -B 0x45, -C 0x46",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 50ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "sht40", "bus": "i2c-1", "address": "0x44"})",
};

}  // namespace b2m
