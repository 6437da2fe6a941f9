// SCD30: CO2, temperature, humidity. Sensirion, Interface description SCD30, version 1.0 (May 2020), and datasheet
// version 1.0.
// Supported: continuous measurement every 2 s; altitude, temperature offset and automatic self-calibration. The part
// keeps all of these in non-volatile memory, so each is written only where it differs. Not supported: pressure
// compensation (the altitude serves), forced recalibration, Modbus. The part stretches the clock, by up to 150 ms once
// a day: the bus should not be faster than 50 kHz, and its adapter has to allow it.
#include <array>
#include <cmath>
#include <memory>

#include "drivers/engine/word_dialog.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x61};

constexpr ChannelSpec channels[] = {{"co2", Quantity::co2, {0, 40'000e-6}, "±(30 ppm + 3 %) from 400 to 10 000 ppm"},
                                    {"temperature", Quantity::temperature, {-40, 125}, "±0.4 °C"},
                                    {"humidity", Quantity::relative_humidity, {0, 100}, "±3 %"}};

constexpr Model models[] = {{.name = "scd30"}};

constexpr OptionSpec options[] = {
    {.key = "altitude_m",
     .type = OptionType::integer,
     .summary = "height above sea level, which corrects the CO2; default: as the chip has it",
     .min = 0,
     .max = 3000},
    {.key = "temperature_offset_k",
     .type = OptionType::number,
     .summary = "how much warmer the chip is than the air; default: as the chip has it (0 K)",
     .min = 0,
     .max = 20},
    {.key = "self_calibration",
     .type = OptionType::boolean,
     .summary = "takes the lowest CO2 of some days for fresh air; default: as the chip has it"},
};

// "I2C sequence": at least 3 ms between a command and its answer, which are transactions of their own.
constexpr auto answer_after = 4ms;
constexpr std::uint16_t read_firmware_version = 0xd100;

/// "Get data ready status".
Result<> is_ready(Words status) {
  if (status[0] == 1) return {};
  return fail(Errc::not_ready, "the chip did not finish a measurement");
}

/// "Read measurement": three floating-point numbers. The first CO2 after the start may be 0.
Result<> decode(Words words, Samples& samples) {
  const double ppm = ieee754(words[0], words[1]);
  samples.set(0, ppm == 0 ? fail(Errc::not_ready, "no CO2 was measured") : Result<double>(ppm * 1e-6));
  samples.set(1, ieee754(words[2], words[3]));
  samples.set(2, ieee754(words[4], words[5]));
  return {};
}

/// A setting in non-volatile memory.
Exchange keep(std::uint16_t code, double value) {
  return {.code = code,
          .arguments = {static_cast<std::uint16_t>(std::lround(value))},
          .pause = answer_after,
          .words = 1,
          .only_on_change = true};
}

std::vector<Exchange> start_sequence(const Options& values) {
  std::vector<Exchange> start{{.code = read_firmware_version, .pause = answer_after, .words = 1}, keep(0x4600, 2)};
  if (values.has("altitude_m")) start.push_back(keep(0x5102, static_cast<double>(values.integer("altitude_m"))));
  if (values.has("temperature_offset_k")) start.push_back(keep(0x5403, values.number("temperature_offset_k") * 100));
  if (values.has("self_calibration")) start.push_back(keep(0x5306, values.flag("self_calibration") ? 1 : 0));
  start.push_back({.code = 0x0010, .arguments = {0}, .pause = answer_after});  // 0: no pressure compensation
  return start;
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  DialogChip chip{
      .start = start_sequence(context.options),
      .trigger =
          {{.code = 0x0202, .pause = answer_after, .words = 1, .accept = is_ready, .looks = 60, .between = 100ms},
           {.code = 0x0300, .pause = answer_after, .words = 6}},
      .decode = decode};
  return std::make_unique<WordDialogSensor>(std::move(chip), i2c_device(context), channels);
}

}  // namespace

B2M_DRIVER(scd30) = {
    .name = "scd30",
    .summary = "Sensirion SCD30 CO2 sensor",
    .datasheet = "Sensirion, Interface description SCD30, version 1.0",
    .wiring =
        "SEL open or to ground for I2C. It stretches the clock: slow the bus to 50 kHz where that is "
        "badly supported (Raspberry Pi 0 to 3)",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 2s,
    .make_sensor = make,
    .example = R"({"driver": "scd30", "bus": "i2c-1", "address": "0x61", "altitude_m": 50})",
};

}  // namespace b2m
