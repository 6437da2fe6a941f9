// MPR121: twelve capacitive touch electrodes. Freescale (NXP), MPR121 data sheet rev. 4 (September 2010); filter
// settings of application note AN3944, charging settings by the formulas of AN3889. Supported: which electrodes are
// touched, thresholds. Not supported: proximity detection, the electrodes as GPIO or LED outputs, the interrupt pin.
// Touches shorter than `every` are missed.
#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/register_burst.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x5a, 0x5b, 0x5c, 0x5d};

// clang-format off
constexpr ChannelSpec channels[] = {
    {"electrode_0", Quantity::state, {0, 1}, "1 while touched"},
    {"electrode_1", Quantity::state, {0, 1}, {}},
    {"electrode_2", Quantity::state, {0, 1}, {}},
    {"electrode_3", Quantity::state, {0, 1}, {}},
    {"electrode_4", Quantity::state, {0, 1}, {}},
    {"electrode_5", Quantity::state, {0, 1}, {}},
    {"electrode_6", Quantity::state, {0, 1}, {}},
    {"electrode_7", Quantity::state, {0, 1}, {}},
    {"electrode_8", Quantity::state, {0, 1}, {}},
    {"electrode_9", Quantity::state, {0, 1}, {}},
    {"electrode_10", Quantity::state, {0, 1}, {}},
    {"electrode_11", Quantity::state, {0, 1}, {}},
};
// clang-format on

constexpr Model models[] = {{.name = "mpr121"}};

constexpr OptionSpec options[] = {
    {.key = "electrodes",
     .type = OptionType::integer,
     .summary = "how many electrodes are read, beginning with electrode 0",
     .fallback = "12",
     .min = 1,
     .max = 12},
    {.key = "touch_threshold",
     .type = OptionType::integer,
     .summary = "steps below the baseline at which a touch begins: smaller is more sensitive",
     .fallback = "12",
     .min = 1,
     .max = 255},
    {.key = "release_threshold",
     .type = OptionType::integer,
     .summary = "steps below the baseline at which a touch ends: smaller than touch_threshold",
     .fallback = "6",
     .min = 0,
     .max = 254},
};

// "Register map".
constexpr std::uint8_t reg_touch_status = 0x00;
constexpr std::uint8_t reg_filters = 0x2b;
constexpr std::uint8_t reg_thresholds = 0x41;  ///< touch and release of each electrode
constexpr std::uint8_t reg_filter_configuration = 0x5d;
constexpr std::uint8_t reg_electrode_configuration = 0x5e;
constexpr std::uint8_t reg_auto_configuration = 0x7b;
constexpr std::uint8_t reg_upper_limit = 0x7d;
constexpr std::uint8_t reg_lower_limit = 0x7e;
constexpr std::uint8_t reg_target = 0x7f;
constexpr std::uint8_t reg_soft_reset = 0x80;

/// AN3944: how the baseline follows the signal when it rises (4 registers) and when it falls (4).
constexpr std::array<std::uint8_t, 8> filters{0x01, 0x01, 0x00, 0x00, 0x01, 0x01, 0xff, 0x02};
constexpr std::uint8_t each_16_ms = 0x04;  ///< 4 samples filtered; the power-on setting is other
/// AN3889 for a supply of 3.3 V: (3.3 - 0.7) / 3.3 × 256, of which 90 % is the target and 65 % the lower limit.
constexpr std::uint8_t upper_limit = 201;
constexpr std::uint8_t target = 181;
constexpr std::uint8_t lower_limit = 131;
constexpr std::uint8_t configure_charging = 0x0b;
constexpr std::uint8_t follow_baseline = 0x80;  ///< beginning with the first measurement

/// The electrode configuration comes last: it starts the measurement, and the other registers take no writes then.
std::vector<RegisterWrite> setup(const Options& values) {
  const auto electrodes = static_cast<std::uint8_t>(values.integer("electrodes"));
  const auto touch = static_cast<std::uint8_t>(values.integer("touch_threshold"));
  const auto release = static_cast<std::uint8_t>(values.integer("release_threshold"));
  std::vector<RegisterWrite> rows{{.reg = reg_soft_reset, .value = 0x63, .pause = 1ms}};
  for (std::uint8_t i = 0; i < filters.size(); ++i)
    rows.push_back({.reg = static_cast<std::uint8_t>(reg_filters + i), .value = filters[i]});
  for (std::uint8_t i = 0; i < electrodes; ++i) {
    rows.push_back({.reg = static_cast<std::uint8_t>(reg_thresholds + 2 * i), .value = touch});
    rows.push_back({.reg = static_cast<std::uint8_t>(reg_thresholds + 2 * i + 1), .value = release});
  }
  rows.push_back({.reg = reg_filter_configuration, .value = each_16_ms});
  rows.push_back({.reg = reg_auto_configuration, .value = configure_charging});
  rows.push_back({.reg = reg_upper_limit, .value = upper_limit});
  rows.push_back({.reg = reg_lower_limit, .value = lower_limit});
  rows.push_back({.reg = reg_target, .value = target});
  rows.push_back({.reg = reg_electrode_configuration,
                  .value = static_cast<std::uint8_t>(follow_baseline | electrodes),
                  .pause = 200ms});
  return rows;
}

Result<> decode(RegisterBytes bytes, Samples& samples) {
  const std::uint16_t status = le16(bytes.data());
  constexpr std::uint16_t overcurrent = 0x8000;
  if ((status & overcurrent) != 0) return fail(Errc::io, "overcurrent at the pin REXT: the chip has stopped");
  for (std::size_t i = 0; i < samples.size(); ++i) samples.set(i, status >> i & 1);
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const auto electrodes = static_cast<std::size_t>(context.options.integer("electrodes"));
  BurstChip chip{.setup = setup(context.options),
                 .guard = RegisterGuard{.reg = reg_filter_configuration,
                                        .value = {each_16_ms, static_cast<std::uint8_t>(follow_baseline | electrodes)}},
                 .bursts = {{reg_touch_status, 2}},
                 .decode = decode};
  return std::make_unique<BurstSensor>(std::move(chip), i2c_device(context),
                                       to_channels(std::span(channels).first(electrodes)));
}

}  // namespace

B2M_DRIVER(mpr121) = {
    .name = "mpr121",
    .summary = "NXP MPR121 touch sensor",
    .datasheet = "Freescale, MPR121 data sheet rev. 4; AN3944; AN3889",
    .wiring = "ADDR to ground is address 0x5a, to 3.3 V 0x5b, to SDA 0x5c, to SCL 0x5d",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every = 100ms,
    .every_min = 20ms,
    .make_sensor = make,
    .example = R"({"driver": "mpr121", "bus": "i2c-1", "address": "0x5a", "electrodes": 4})",
};

}  // namespace b2m
