// LIS3DH and LIS2DH12: three-axis accelerometers. STMicroelectronics, LIS3DH DocID17530 rev. 2; LIS2DH12 DocID025056
// rev. 6.
// Supported: continuous measurement at 100 Hz, high-resolution mode (12 bits), all ranges. Not supported: FIFO,
// interrupts, clicks, the auxiliary converter and thermometer, SPI. The parts cannot be told from each other.
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/choice.hpp"
#include "drivers/engine/identity.hpp"
#include "drivers/engine/register_burst.hpp"
#include "drivers/engine/three_axes.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x18, 0x19};

/// "Mechanical characteristics", so of high-resolution mode: the 16 g range has coarser steps than its width suggests.
struct FullScale {
  double g;
  double g_per_step;
};
constexpr std::array full_scales{FullScale{2, 0.001}, FullScale{4, 0.002}, FullScale{8, 0.004}, FullScale{16, 0.012}};
constexpr std::string_view ranges[] = {"2g", "4g", "8g", "16g"};
constexpr std::int32_t end_of_scale = 2048;  ///< 12 bits
constexpr double largest(const FullScale& scale) { return end_of_scale * scale.g_per_step * standard_gravity; }

constexpr Range widest{-largest(full_scales[3]), largest(full_scales[3])};
constexpr ChannelSpec channels[] = {{"acceleration_x", Quantity::acceleration, widest, "±0.4 m/s²"},
                                    {"acceleration_y", Quantity::acceleration, widest, "±0.4 m/s²"},
                                    {"acceleration_z", Quantity::acceleration, widest, "±0.4 m/s²"}};

constexpr Model models[] = {{.name = "lis3dh"}, {.name = "lis2dh12", .summary = "also LIS2DH"}};

constexpr OptionSpec options[] = {{.key = "range",
                                   .type = OptionType::choice,
                                   .summary = "largest acceleration of each axis, of either sign",
                                   .fallback = "2g",
                                   .choices = ranges}};

// "Register mapping".
constexpr std::uint8_t reg_who_am_i = 0x0f;
constexpr std::uint8_t reg_ctrl1 = 0x20;
constexpr std::uint8_t reg_ctrl2 = 0x21;
constexpr std::uint8_t reg_ctrl4 = 0x23;
constexpr std::uint8_t reg_ctrl5 = 0x24;
constexpr std::uint8_t reg_status = 0x27;
constexpr std::uint8_t reg_out = 0x28;
constexpr std::uint8_t reg_fifo_ctrl = 0x2e;
constexpr std::uint8_t auto_increment = 0x80;

constexpr std::uint8_t boot = 0x80;
constexpr std::uint8_t rate_100_hz_all_axes = 0x57;
constexpr std::uint8_t block_data_update = 0x80;  ///< keeps both bytes of an axis together
constexpr std::uint8_t high_resolution = 0x08;
constexpr std::uint8_t new_data_of_all_axes = 0x08;

/// The first result of high-resolution mode is there after 7 periods.
std::vector<RegisterWrite> setup(std::uint8_t ctrl4) {
  return {{.reg = reg_ctrl5, .value = boot, .pause = 10ms},
          {.reg = reg_ctrl2, .value = 0},
          {.reg = reg_fifo_ctrl, .value = 0},
          {.reg = reg_ctrl4, .value = ctrl4},
          {.reg = reg_ctrl1, .value = rate_100_hz_all_axes, .pause = 80ms}};
}

Result<> identify(const I2cDevice& device) { return expect_u8(device, reg_who_am_i, 0x33); }

/// Left-aligned words, the low byte first.
std::function<Result<>(RegisterBytes, Samples&)> decoder(const FullScale& full_scale) {
  const AxisScale scale{full_scale.g_per_step * standard_gravity, -end_of_scale, end_of_scale - 1};
  return [scale](RegisterBytes bytes, Samples& samples) -> Result<> {
    for (std::size_t i = 0; i < 3; ++i)
      samples.set(i, axis_value(scale, sign_extend(static_cast<std::uint32_t>(le16(&bytes[2 * i]) >> 4), 12)));
    return {};
  };
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const std::size_t range = position(ranges, context.options.text("range"));
  const auto ctrl4 = static_cast<std::uint8_t>(block_data_update | high_resolution | range << 4);
  BurstChip chip{.identify = identify,
                 .setup = setup(ctrl4),
                 .guard = RegisterGuard{.reg = reg_ctrl1, .value = {rate_100_hz_all_axes}},
                 .ready = ReadyFlag{.reg = reg_status, .mask = new_data_of_all_axes, .pause = 5ms, .looks = 10},
                 .bursts = {{reg_out | auto_increment, 6}},
                 .decode = decoder(full_scales[range])};
  return std::make_unique<BurstSensor>(
      std::move(chip), i2c_device(context),
      within(to_channels(channels), Quantity::acceleration, largest(full_scales[range])));
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(identify(device));
  return "lis3dh";
}

}  // namespace

B2M_DRIVER(lis3dh) = {
    .name = "lis3dh",
    .summary = "STMicroelectronics LIS3DH and LIS2DH12 accelerometers",
    .datasheet = "STMicroelectronics, LIS3DH DocID17530 rev. 2; LIS2DH12 DocID025056 rev. 6",
    .wiring = "CS stays at 3.3 V for I2C; SDO to ground is address 0x18, to 3.3 V 0x19",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 20ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "lis3dh", "bus": "i2c-1", "address": "0x18"})",
};

}  // namespace b2m
