// SCD40, SCD41, SCD43: CO2, temperature, humidity. Sensirion, Datasheet SCD4x, version 1.3 (September 2022);
// the SCD43, which that does not name yet, by Sensirion's own driver embedded-i2c-scd4x.
// Supported: periodic measurement, one result every 5 s; altitude, temperature offset and automatic self-calibration,
// set in the working memory at each start. Not supported: low-power and single-shot measurement, forced recalibration,
// writing the settings to the EEPROM.
#include <array>
#include <cmath>
#include <memory>

#include "drivers/engine/word_dialog.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x62};

// The ends of the scales of read_measurement; the part computes CO2 up to 40 000 ppm.
constexpr ChannelSpec channels[] = {{"co2", Quantity::co2, {0, 40'000e-6}, "±(40 ppm + 5 %), SCD40 ±(50 ppm + 5 %)"},
                                    {"temperature", Quantity::temperature, {-45, 130}, "±0.8 °C"},
                                    {"humidity", Quantity::relative_humidity, {0, 100}, "±6 %"}};

constexpr Model models[] = {{.name = "scd40", .summary = "400 to 2000 ppm"},
                            {.name = "scd41", .summary = "400 to 5000 ppm"},
                            {.name = "scd43", .summary = "400 to 5000 ppm, ±(30 ppm + 3 %)"},
                            {.name = "scd4x", .summary = "any of them"}};

constexpr OptionSpec options[] = {
    {.key = "altitude_m",
     .type = OptionType::integer,
     .summary = "height above sea level, which corrects the CO2; default: as the chip has it",
     .min = 0,
     .max = 3000},
    {.key = "temperature_offset_k",
     .type = OptionType::number,
     .summary = "how much warmer the chip is than the air; default: as the chip has it (4 K)",
     .min = 0,
     .max = 20},
    {.key = "self_calibration",
     .type = OptionType::boolean,
     .summary = "takes the lowest CO2 of some days for fresh air; default: as the chip has it (true)"},
};

// While measuring, the part refuses all commands but this one, reading and stopping.
constexpr std::uint16_t get_data_ready_status = 0xe4b8;

/// get_data_ready_status: any of the lowest 11 bits.
Result<> is_ready(Words status) {
  if ((status[0] & 0x07ff) != 0) return {};
  return fail(Errc::not_ready, "the chip did not finish a measurement");
}

/// read_measurement.
Result<> decode(Words words, Samples& samples) {
  samples.set(0, words[0] == 0 ? fail(Errc::not_ready, "no CO2 was measured") : Result<double>(words[0] * 1e-6));
  samples.set(1, -45 + 175.0 * words[1] / 65535);
  samples.set(2, 100.0 * words[2] / 65535);
  return {};
}

std::vector<Exchange> start_sequence(const Options& values) {
  std::vector<Exchange> start{
      {.code = 0x36f6, .pause = 30ms, .may_be_refused = true},   // wake up: never acknowledged
      {.code = 0x3f86, .pause = 500ms, .may_be_refused = true},  // stop the measurement somebody started
      {.code = 0x3682, .pause = 1ms, .words = 3},                // the serial number: somebody is there and understands
  };
  const auto set = [&](std::uint16_t code, double argument) {
    start.push_back({.code = code, .arguments = {static_cast<std::uint16_t>(std::lround(argument))}, .pause = 1ms});
  };
  if (values.has("temperature_offset_k")) set(0x241d, values.number("temperature_offset_k") * 65535 / 175);
  if (values.has("altitude_m")) set(0x2427, static_cast<double>(values.integer("altitude_m")));
  if (values.has("self_calibration")) set(0x2416, values.flag("self_calibration") ? 1 : 0);
  start.push_back({.code = 0x21b1, .pause = 1ms});
  return start;
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  DialogChip chip{
      .start = start_sequence(context.options),
      .trigger =
          {{.code = get_data_ready_status, .pause = 1ms, .words = 1, .accept = is_ready, .looks = 28, .between = 250ms},
           {.code = 0xec05, .pause = 1ms, .words = 3}},
      .decode = decode};
  return std::make_unique<WordDialogSensor>(std::move(chip), i2c_device(context), channels);
}

/// The one question that the part answers both idle and measuring.
Result<std::string_view> probe(const I2cDevice& device) {
  std::array<std::uint16_t, 1> word{};
  B2M_TRY(ask_checked_words(device, get_data_ready_status, word));
  return "scd4x";
}

}  // namespace

B2M_DRIVER(scd4x) = {
    .name = "scd4x",
    .summary = "Sensirion SCD40, SCD41 and SCD43 CO2 sensors",
    .datasheet = "Sensirion, Datasheet SCD4x, version 1.3",
    .wiring = "draws up to 205 mA for moments: give it the supply of the board and not of a line",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 5s,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "scd41", "bus": "i2c-1", "address": "0x62", "altitude_m": 50})",
};

}  // namespace b2m
