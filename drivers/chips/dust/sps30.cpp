// SPS30: mass and number of particles by size. Sensirion, Datasheet SPS30, version 1.0 (March 2020).
// Supported: continuous measurement with floating-point output, over I2C (its pin SEL grounded before power is
// applied). Not supported: the serial interface, sleeping between readings, setting the interval of the fan's cleaning
// (the part cleans itself once a week of operation). The typical particle size is left out. After the start the values
// settle within 8 to 30 s; the part does not tell.
#include <algorithm>
#include <array>
#include <iterator>
#include <memory>

#include "drivers/engine/word_dialog.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x69};

// Specified to 1000 µg/m³ and 3000/cm³; the ranges are those of the integer format, which the part can output too.
constexpr double concentration = 1e-9;
constexpr double in_cubic_metre = 1e6;
constexpr Range masses{0, 65535 * concentration};
constexpr Range counts{0, 65535 * in_cubic_metre};
constexpr ChannelSpec channels[] = {{"pm1", Quantity::pm1, masses, "±10 µg/m³ or 10 %"},
                                    {"pm2_5", Quantity::pm2_5, masses, "±10 µg/m³ or 10 %"},
                                    {"pm4", Quantity::pm4, masses, "±25 µg/m³ or 25 %"},
                                    {"pm10", Quantity::pm10, masses, "±25 µg/m³ or 25 %"},
                                    {"particles_0_5", Quantity::particle_count, counts, "from 0.3 to 0.5 µm"},
                                    {"particles_1_0", Quantity::particle_count, counts, "from 0.3 to 1 µm"},
                                    {"particles_2_5", Quantity::particle_count, counts, "from 0.3 to 2.5 µm"},
                                    {"particles_4_0", Quantity::particle_count, counts, "from 0.3 to 4 µm"},
                                    {"particles_10", Quantity::particle_count, counts, "from 0.3 to 10 µm"}};
constexpr std::size_t mass_channels = 4;

constexpr Model models[] = {{.name = "sps30"}};

/// "Read device information": the product type, in ASCII.
Result<> is_sps30(Words type) {
  constexpr std::uint16_t expected[] = {0x3030, 0x3038, 0x3030, 0x3030};  // "00080000"
  if (std::equal(type.begin(), type.end(), std::begin(expected))) return {};
  return fail(Errc::wrong_chip, "the product type is not that of an SPS30");
}

Result<> is_ready(Words flag) {
  if (flag[0] == 1) return {};
  return fail(Errc::not_ready, "the chip did not finish a measurement");
}

/// "Device status register", 32 bits: 5 is the laser, 4 the fan. That the fan is too slow (21) is no fault by itself.
Result<> is_healthy(Words status) {
  if ((status[1] & 0x0010) != 0) return fail(Errc::not_ready, "the fan does not turn");
  if ((status[1] & 0x0020) != 0) return fail(Errc::not_ready, "the current of the laser is out of range");
  return {};
}

Result<> decode(Words words, Samples& samples) {
  for (std::size_t i = 0; i < std::size(channels); ++i)
    samples.set(i, ieee754(words[2 * i], words[2 * i + 1]) * (i < mass_channels ? concentration : in_cubic_metre));
  return {};
}

/// A sleeping part is woken by the first of two commands, which it does not acknowledge; firmware before 2.0 knows
/// neither, and before 2.2 no status.
DialogChip sps30() {
  const Exchange wake{.code = 0x1103, .pause = 5ms, .may_be_refused = true};
  const Exchange stop{.code = 0x0104, .pause = 20ms, .may_be_refused = true};
  const Exchange type{.code = 0xd002, .pause = 5ms, .words = 4, .accept = is_sps30};
  const Exchange start{.code = 0x0010, .arguments = {0x0300}, .pause = 20ms};  // floating point
  const Exchange ready{.code = 0x0202, .pause = 5ms, .words = 1, .accept = is_ready, .looks = 30, .between = 100ms};
  const Exchange status{.code = 0xd206, .pause = 5ms, .words = 2, .accept = is_healthy, .may_be_refused = true};
  return {.start = {wake, wake, stop, type, start},
          .trigger = {ready, status, {.code = 0x0300, .pause = 5ms, .words = 20}},
          .decode = decode};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<WordDialogSensor>(sps30(), i2c_device(context), channels);
}

Result<std::string_view> probe(const I2cDevice& device) {
  std::array<std::uint16_t, 4> type{};
  B2M_TRY(ask_checked_words(device, 0xd002, type));
  B2M_TRY(is_sps30(type));
  return "sps30";
}

}  // namespace

B2M_DRIVER(sps30) = {
    .name = "sps30",
    .summary = "Sensirion SPS30 particle sensor",
    .datasheet = "Sensirion, Datasheet SPS30, version 1.0",
    .wiring =
        "VDD 5 V, for the fan; SEL (pin 4) to ground before power-on for I2C; SDA and SCL with "
        "pull-ups of 10 kΩ to 3.3 V",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .every_min = 1s,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "sps30", "bus": "i2c-1", "address": "0x69"})",
};

}  // namespace b2m
