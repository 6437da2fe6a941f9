// SGP40 and SGP41: raw signals of heated metal oxides for VOC and, SGP41 alone, NOx. Sensirion, Datasheet SGP40,
// version 1.2 (February 2022); Datasheet SGP41, version 1.0 (October 2021). Supported: the raw signals, compensated for
// a fixed humidity and temperature; conditioning of the SGP41. A raw signal is the logarithm of a resistance in the
// part's own steps: it falls (VOC) or rises (NOx) with the gas, and is no concentration. Not supported: Sensirion's gas
// index algorithm, which makes an index out of it; compensation by another sensor; switching the heater off.
#include <array>
#include <cmath>
#include <memory>

#include "drivers/engine/word_dialog.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x59};

constexpr ChannelSpec sgp41_channels[] = {{"voc_raw", Quantity::count, {0, 65535}, "falls when there is more"},
                                          {"nox_raw", Quantity::count, {0, 65535}, "SGP41; rises when there is more"}};
constexpr std::span all_channels(sgp41_channels);
constexpr auto sgp40_channels = all_channels.first<1>();

constexpr Model models[] = {{.name = "sgp40", .channels = sgp40_channels, .summary = "VOC"},
                            {.name = "sgp41", .channels = sgp41_channels, .summary = "VOC and NOx"}};

constexpr OptionSpec options[] = {
    {.key = "humidity_percent",
     .type = OptionType::number,
     .summary = "relative humidity that the signals are compensated for",
     .fallback = "50",
     .min = 0,
     .max = 100},
    {.key = "temperature_c",
     .type = OptionType::number,
     .summary = "temperature that the signals are compensated for",
     .fallback = "25",
     .min = -45,
     .max = 130},
};

/// The arguments of a measurement: 0 to 65535 for 0 to 100 % and for -45 to 130 °C.
std::vector<std::uint16_t> compensation(double percent, double celsius) {
  return {static_cast<std::uint16_t>(std::lround(percent * 65535 / 100)),
          static_cast<std::uint16_t>(std::lround((celsius + 45) * 65535 / 175))};
}

Result<> decode(Words words, Samples& samples) {
  for (std::size_t i = 0; i < words.size(); ++i) samples.set(i, words[i]);
  return {};
}

// Tells that somebody is there and understands. Which of the two it is cannot be asked: newer SGP40s answer the
// undocumented feature set like an SGP41.
constexpr std::uint16_t get_serial_number = 0x3682;

DialogChip sgp40(std::vector<std::uint16_t> fixed) {
  return {.start = {{.code = get_serial_number, .pause = 1ms, .words = 3}},
          .trigger = {{.code = 0x260f, .arguments = std::move(fixed), .pause = 30ms, .words = 1}},
          .decode = decode};
}

/// sgp41_execute_conditioning: the NOx pixel is conditioned for 10 s before the first measurement, never longer, at
/// standard conditions.
DialogChip sgp41(std::vector<std::uint16_t> fixed) {
  constexpr std::size_t seconds = 10;
  const Exchange condition{.code = 0x2612, .arguments = {0x8000, 0x6666}, .pause = 1s, .words = 1};
  std::vector<Exchange> start{{.code = get_serial_number, .pause = 1ms, .words = 3}};
  start.insert(start.end(), seconds, condition);
  return {.start = std::move(start),
          .trigger = {{.code = 0x2619, .arguments = std::move(fixed), .pause = 50ms, .words = 2}},
          .decode = decode};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  auto fixed = compensation(context.options.number("humidity_percent"), context.options.number("temperature_c"));
  const Model& model = models[context.model];
  return std::make_unique<WordDialogSensor>(model.name == "sgp40" ? sgp40(std::move(fixed)) : sgp41(std::move(fixed)),
                                            i2c_device(context), model.channels);
}

}  // namespace

B2M_DRIVER(sgp4x) = {
    .name = "sgp4x",
    .summary = "Sensirion SGP40 and SGP41 gas sensors, raw signals",
    .datasheet = "Sensirion, Datasheet SGP40, version 1.2; Datasheet SGP41, version 1.0",
    .wiring = "the address is fixed, so two need two buses or a multiplexer",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = sgp41_channels,
    .options = options,
    .every = 1s,
    .every_min = 1s,
    .make_sensor = make,
    .example = R"({"driver": "sgp40", "bus": "i2c-1", "address": "0x59"})",
};

}  // namespace b2m
