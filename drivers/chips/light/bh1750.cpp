// BH1750FVI: ambient light. ROHM, BH1750FVI technical note 11046EDT01 (November 2011).
// Supported: one-time measurement in its three resolutions, the measurement time register (for windows, and for the
// range). Not supported: continuous measurement. The part has no identity: whatever answers at its address is taken for
// one.
#include <memory>

#include "drivers/engine/word_command.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x23, 0x5c};

// 65535 counts at the shortest measurement time: 65535 / 1.2 × 69 / 31.
constexpr ChannelSpec channels[] = {{"illuminance", Quantity::illuminance, {0, 121.6e3}, "±20 %"}};

constexpr Model models[] = {{.name = "bh1750", .summary = "also GY-30, GY-302"}};

constexpr double typical_time = 69;  // MTreg after power-on
constexpr std::string_view resolutions[] = {"0.5lx", "1lx", "4lx"};
constexpr OptionSpec options[] = {
    {.key = "resolution",
     .type = OptionType::choice,
     .summary = "finest step at the typical measurement time",
     .fallback = "1lx",
     .choices = resolutions},
    {.key = "measurement_time",
     .type = OptionType::integer,
     .summary = "register MTreg: larger for dark places or behind a window, smaller for direct sun",
     .fallback = "69",
     .min = 31,
     .max = 254},
};

struct Mode {
  std::uint16_t code;
  double counts_per_lux;
  std::chrono::microseconds longest;  // at the typical measurement time
};

/// "Instruction set architecture", one-time modes.
constexpr Mode mode_of(std::string_view resolution) {
  if (resolution == "0.5lx") return {0x21, 2.4, 180ms};
  if (resolution == "4lx") return {0x23, 1.2, 24ms};
  return {0x20, 1.2, 180ms};
}

constexpr WordCommand one_byte(unsigned code) { return {.code = static_cast<std::uint16_t>(code), .bytes = 1}; }

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const Mode mode = mode_of(context.options.text("resolution"));
  const auto time = static_cast<unsigned>(context.options.integer("measurement_time"));
  const double longer = time / typical_time;
  const auto wait = std::chrono::ceil<std::chrono::microseconds>(mode.longest * longer);
  // The time is written in two parts: 01000 and its upper three bits, 011 and its lower five. The typical one is
  // written too, since whoever used the part before may have left another.
  WordChip chip{
      .start = {one_byte(0x01), one_byte(0x40 | time >> 5), one_byte(0x60 | (time & 0x1f))},
      .measure = {.code = mode.code, .pause = wait, .bytes = 1},
      .fields = {{.channel = "illuminance", .span = 1, .steps = mode.counts_per_lux * longer, .saturated = 0xffff}},
      .checksums = false};
  return std::make_unique<WordCommandSensor>(std::move(chip), i2c_device(context), channels);
}

}  // namespace

B2M_DRIVER(bh1750) = {
    .name = "bh1750",
    .summary = "ROHM BH1750FVI ambient light sensor",
    .datasheet = "ROHM, BH1750FVI technical note 11046EDT01",
    .wiring = "ADDR open or to ground is address 0x23, to 3.3 V 0x5c",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 1s,
    .make_sensor = make,
    .example = R"({"driver": "bh1750", "bus": "i2c-1", "address": "0x23"})",
};

}  // namespace b2m
