// SEN50, SEN54, SEN55: particles, and with SEN54 humidity, temperature and VOC, with SEN55 NOx too. Sensirion,
// Datasheet SEN5x, version 2 (March 2022). Supported: continuous measurement of everything. Not supported: measuring
// without particles, cleaning the fan by command (the part does it once a week of operation), keeping the state of the
// VOC algorithm, tuning of its algorithms. The values settle within 30 s after the start, the VOC index within an hour.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <string>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/word_dialog.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x69};

// What the formats can express, humidity apart; the particles are specified to 1000 µg/m³. An index has no unit.
constexpr Range masses{0, 6553.4e-9};
constexpr Range index{0, 500};
constexpr ChannelSpec sen55_channels[] = {
    {"pm1", Quantity::pm1, masses, "±5 µg/m³ + 5 %, or 10 %"},
    {"pm2_5", Quantity::pm2_5, masses, "±5 µg/m³ + 5 %, or 10 %"},
    {"pm4", Quantity::pm4, masses, "±25 µg/m³ or 25 %"},
    {"pm10", Quantity::pm10, masses, "±25 µg/m³ or 25 %"},
    {"humidity", Quantity::relative_humidity, {0, 100}, "±4.5 %; SEN54, SEN55"},
    {"temperature", Quantity::temperature, {-45, 130}, "±0.45 °C; SEN54, SEN55"},
    {"voc_index", Quantity::air_quality_index, index, "100 is the average of the last day; SEN54, SEN55"},
    {"nox_index", Quantity::air_quality_index, index, "1 is the average of the last day; SEN55"}};
constexpr std::span all_channels(sen55_channels);
constexpr auto sen50_channels = all_channels.first<4>();
constexpr auto sen54_channels = all_channels.first<7>();

constexpr Model models[] = {{.name = "sen50", .channels = sen50_channels, .summary = "particles"},
                            {.name = "sen54", .channels = sen54_channels, .summary = "with climate and VOC"},
                            {.name = "sen55", .channels = sen55_channels, .summary = "with climate, VOC and NOx"}};

/// "Read product name", 32 characters, of which the first five are the model's in capitals.
using ProductName = std::array<std::uint16_t, 16>;
constexpr std::uint16_t read_product_name = 0xd014;

std::string model_name(Words name) {
  std::string text;
  for (std::size_t i = 0; i < 3; ++i)
    for (const int c : {name[i] >> 8, name[i] & 0xff})
      text.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
  return text.substr(0, 5);
}

Result<> is_model(Words name, std::string_view wanted) {
  const auto found = model_name(name);
  if (found == wanted) return {};
  const bool printable = std::all_of(found.begin(), found.end(), [](char c) { return c > ' ' && c < 0x7f; });
  return fail(Errc::wrong_chip, fmt::format("the chip is {}, not {}", printable ? found : "something else", wanted));
}

Result<> is_ready(Words flag) {
  if ((flag[0] & 0xff) != 0) return {};
  return fail(Errc::not_ready, "the chip did not finish a measurement");
}

/// "Device status register", 32 bits: 4 is the fan, 5 the laser, 6 humidity and temperature, 7 the gas sensor. What
/// they spoil is everything (the fan moves the air for all) or is told as unknown by the values themselves.
Result<> is_healthy(Words status) {
  if ((status[1] & 0x0010) != 0) return fail(Errc::not_ready, "the fan does not turn");
  if ((status[1] & 0x0020) != 0) return fail(Errc::not_ready, "the current of the laser is out of range");
  return {};
}

/// "Read measured values": in which steps, and that the largest number means unknown.
struct Value {
  bool sign;
  double step;
};
constexpr Value values[] = {{false, 0.1e-9}, {false, 0.1e-9}, {false, 0.1e-9}, {false, 0.1e-9},
                            {true, 0.01},    {true, 0.005},   {true, 0.1},     {true, 0.1}};

Result<double> decode_word(const Value& value, std::uint16_t raw) {
  if (raw == (value.sign ? 0x7fff : 0xffff)) return fail(Errc::not_ready, "the chip does not know the value yet");
  return value.step * (value.sign ? sign_extend(raw, 16) : static_cast<double>(raw));
}

Result<> decode(Words words, Samples& samples) {
  for (std::size_t i = 0; i < samples.size(); ++i) samples.set(i, decode_word(values[i], words[i]));
  return {};
}

DialogChip sen5x(std::string_view model) {
  const Exchange stop{.code = 0x0104, .pause = 200ms, .may_be_refused = true};
  const Exchange name{.code = read_product_name,
                      .pause = 50ms,
                      .words = std::tuple_size_v<ProductName>,
                      .accept = [model](Words words) { return is_model(words, model); }};
  const Exchange start{.code = 0x0021, .pause = 50ms};
  const Exchange ready{.code = 0x0202, .pause = 20ms, .words = 1, .accept = is_ready, .looks = 30, .between = 100ms};
  const Exchange status{.code = 0xd206, .pause = 20ms, .words = 2, .accept = is_healthy};
  return {.start = {stop, name, start},
          .trigger = {ready, status, {.code = 0x03c4, .pause = 20ms, .words = 8}},
          .decode = decode};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const Model& model = models[context.model];
  return std::make_unique<WordDialogSensor>(sen5x(model.name), i2c_device(context), model.channels);
}

Result<std::string_view> probe(const I2cDevice& device) {
  ProductName name{};
  B2M_TRY(ask_checked_words(device, read_product_name, name));
  for (const auto& model : models)
    if (is_model(name, model.name)) return model.name;
  return fail(Errc::wrong_chip, "the product name is not that of a SEN5x");
}

}  // namespace

B2M_DRIVER(sen5x) = {
    .name = "sen5x",
    .summary = "Sensirion SEN50, SEN54 and SEN55 environmental sensor nodes",
    .datasheet = "Sensirion, Datasheet SEN5x, version 2",
    .wiring =
        "VDD 5 V, for the fan; SEL (pin 5) to ground for I2C; SDA and SCL with pull-ups of 10 kΩ to "
        "3.3 V",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = sen55_channels,
    .every_min = 1s,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "sen55", "bus": "i2c-1", "address": "0x69"})",
};

}  // namespace b2m
