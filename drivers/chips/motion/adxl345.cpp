// ADXL345 and ADXL343: three-axis accelerometers. Analog Devices, ADXL345 data sheet rev. G; ADXL343 data sheet rev. 0.
// Supported: continuous measurement at 100 Hz in full resolution (3.9 mg) in all ranges. Not supported: FIFO,
// interrupts, taps, free fall, offsets, SPI. The parts cannot be told from each other.
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/choice.hpp"
#include "drivers/engine/identity.hpp"
#include "drivers/engine/register_burst.hpp"
#include "drivers/engine/three_axes.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x53, 0x1d};

constexpr Range widest{-16 * standard_gravity, 16 * standard_gravity};
constexpr ChannelSpec channels[] = {{"acceleration_x", Quantity::acceleration, widest, "±0.4 m/s²"},
                                    {"acceleration_y", Quantity::acceleration, widest, "±0.4 m/s²"},
                                    {"acceleration_z", Quantity::acceleration, widest, "±0.8 m/s²"}};

constexpr Model models[] = {{.name = "adxl345", .summary = "also GY-291"}, {.name = "adxl343"}};

constexpr std::string_view ranges[] = {"2g", "4g", "8g", "16g"};
constexpr OptionSpec options[] = {{.key = "range",
                                   .type = OptionType::choice,
                                   .summary = "largest acceleration of each axis, of either sign",
                                   .fallback = "16g",
                                   .choices = ranges}};

// "Register map".
constexpr std::uint8_t reg_devid = 0x00;
constexpr std::uint8_t reg_bw_rate = 0x2c;
constexpr std::uint8_t reg_power_ctl = 0x2d;
constexpr std::uint8_t reg_int_enable = 0x2e;
constexpr std::uint8_t reg_int_source = 0x30;
constexpr std::uint8_t reg_data_format = 0x31;
constexpr std::uint8_t reg_data = 0x32;
constexpr std::uint8_t reg_fifo_ctl = 0x38;

constexpr std::uint8_t rate_100_hz = 0x0a;
constexpr std::uint8_t full_resolution = 0x08;
constexpr std::uint8_t measure = 0x08;
constexpr std::uint8_t data_ready = 0x80;

/// Standby while it is set up, no interrupts, no FIFO; the first result is there after 1.1 ms and one period.
std::vector<RegisterWrite> setup(std::size_t range) {
  return {{.reg = reg_power_ctl, .value = 0},
          {.reg = reg_int_enable, .value = 0},
          {.reg = reg_fifo_ctl, .value = 0},
          {.reg = reg_bw_rate, .value = rate_100_hz},
          {.reg = reg_data_format, .value = static_cast<std::uint8_t>(full_resolution | range)},
          {.reg = reg_power_ctl, .value = measure, .pause = 20ms}};
}

Result<> identify(const I2cDevice& device) { return expect_u8(device, reg_devid, 0xe5); }

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const std::size_t range = position(ranges, context.options.text("range"));
  const std::int32_t end = 512 << range;  // 256 steps each g
  const AxisScale scale{standard_gravity / 256, -end, end - 1};
  BurstChip chip{.identify = identify,
                 .setup = setup(range),
                 .guard = RegisterGuard{.reg = reg_bw_rate, .value = {rate_100_hz, measure}},
                 .ready = ReadyFlag{.reg = reg_int_source, .mask = data_ready, .pause = 5ms, .looks = 10},
                 .bursts = {{reg_data, 6}},
                 .decode = [scale](RegisterBytes bytes, Samples& samples) -> Result<> {
                   for (std::size_t i = 0; i < 3; ++i)
                     samples.set(i, axis_value(scale, sign_extend(le16(&bytes[2 * i]), 16)));
                   return {};
                 }};
  return std::make_unique<BurstSensor>(
      std::move(chip), i2c_device(context),
      within(to_channels(channels), Quantity::acceleration, (2 << range) * standard_gravity));
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(identify(device));
  return "adxl345";
}

}  // namespace

B2M_DRIVER(adxl345) = {
    .name = "adxl345",
    .summary = "Analog Devices ADXL345 and ADXL343 accelerometers",
    .datasheet = "Analog Devices, ADXL345 rev. G; ADXL343 rev. 0",
    .wiring = "CS stays at 3.3 V for I2C; SDO to ground is address 0x53, to 3.3 V 0x1d",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 20ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "adxl345", "bus": "i2c-1", "address": "0x53", "range": "2g"})",
};

}  // namespace b2m
