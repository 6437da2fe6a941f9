// MPU-6050, MPU-6500, MPU-9250, MPU-9255: accelerometer, gyroscope, thermometer. InvenSense, MPU-6000/MPU-6050 register
// map RM-MPU-6000A-00 rev. 4.2; MPU-6500 RM-MPU-6500A-00 rev. 2.1; MPU-9250 RM-MPU-9250A-00 rev. 1.6. Supported:
// continuous measurement, all ranges, low-pass filter of 44 Hz; which part it is is read from it, since boards sold as
// MPU-6050 often carry an MPU-6500, whose thermometer differs. Not supported: the magnetometer of the MPU-92xx, FIFO,
// interrupts, motion processor, SPI.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/choice.hpp"
#include "drivers/engine/register_burst.hpp"
#include "drivers/engine/three_axes.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x68, 0x69};

constexpr double radians_per_degree = 0.017453292519943295;
constexpr Range widest_acceleration{-16 * standard_gravity, 16 * standard_gravity};
constexpr Range widest_velocity{-2000 * radians_per_degree, 2000 * radians_per_degree};
constexpr ChannelSpec specs[] = {
    {"acceleration_x", Quantity::acceleration, widest_acceleration, "±0.5 m/s²"},
    {"acceleration_y", Quantity::acceleration, widest_acceleration, "±0.5 m/s²"},
    {"acceleration_z", Quantity::acceleration, widest_acceleration, "±0.8 m/s²"},
    {"angular_velocity_x", Quantity::angular_velocity, widest_velocity, "±20 °/s at rest"},
    {"angular_velocity_y", Quantity::angular_velocity, widest_velocity, "±20 °/s at rest"},
    {"angular_velocity_z", Quantity::angular_velocity, widest_velocity, "±20 °/s at rest"},
    {"temperature", Quantity::temperature, {-40, 105}, "of the part"},
};

constexpr Model models[] = {{.name = "mpu6050", .summary = "also GY-521"},
                            {.name = "mpu6500"},
                            {.name = "mpu9250", .summary = "without its magnetometer; also MPU-9255"}};

/// What WHO_AM_I tells. °C = raw / steps_per_kelvin + offset.
struct Part {
  std::uint8_t id;
  std::string_view model;
  double steps_per_kelvin;
  double offset;
};
constexpr std::array parts{Part{0x68, "mpu6050", 340, 36.53}, Part{0x70, "mpu6500", 333.87, 21},
                           Part{0x71, "mpu9250", 333.87, 21}, Part{0x73, "mpu9250", 333.87, 21}};

Result<Part> identify(const I2cDevice& device) {
  constexpr std::uint8_t reg_who_am_i = 0x75;
  B2M_ASSIGN(const std::uint8_t id, read_u8(device, reg_who_am_i));
  const auto* part = std::find_if(parts.begin(), parts.end(), [id](const Part& p) { return p.id == id; });
  if (part != parts.end()) return *part;
  return fail(Errc::wrong_chip, fmt::format("register 0x75 reads 0x{:02x}, expected 0x68, 0x70, 0x71 or 0x73", id));
}

constexpr std::string_view acceleration_ranges[] = {"2g", "4g", "8g", "16g"};
constexpr std::string_view velocity_ranges[] = {"250dps", "500dps", "1000dps", "2000dps"};
constexpr double steps_per_dps[] = {131, 65.5, 32.8, 16.4};
constexpr OptionSpec options[] = {
    {.key = "acceleration_range",
     .type = OptionType::choice,
     .summary = "largest acceleration of each axis, of either sign",
     .fallback = "2g",
     .choices = acceleration_ranges},
    {.key = "angular_velocity_range",
     .type = OptionType::choice,
     .summary = "largest angular velocity of each axis in degrees per second, of either sign",
     .fallback = "250dps",
     .choices = velocity_ranges},
};

constexpr std::uint8_t reg_config = 0x1a;
constexpr std::uint8_t reg_gyro_config = 0x1b;
constexpr std::uint8_t reg_accel_config = 0x1c;
constexpr std::uint8_t reg_accel_xout = 0x3b;  ///< acceleration, temperature, angular velocity
constexpr std::uint8_t reg_pwr_mgmt_1 = 0x6b;
constexpr std::uint8_t device_reset = 0x80;
constexpr std::uint8_t awake_clocked_by_gyroscope = 0x01;
constexpr std::uint8_t filter_44_hz = 0x03;

/// How the ranges are written, and what the words mean with them.
struct Ranges {
  std::size_t acceleration;
  std::size_t velocity;

  [[nodiscard]] std::uint8_t acceleration_code() const { return static_cast<std::uint8_t>(acceleration << 3); }
  [[nodiscard]] std::uint8_t velocity_code() const { return static_cast<std::uint8_t>(velocity << 3); }
  [[nodiscard]] double largest_acceleration() const { return (2 << acceleration) * standard_gravity; }
  [[nodiscard]] double largest_velocity() const { return 32768 / steps_per_dps[velocity] * radians_per_degree; }
};

/// The words of a part. Pure.
Result<> decode(const Part& part, const Ranges& ranges, RegisterBytes bytes, Samples& samples) {
  const auto word = [&](std::size_t i) { return sign_extend(be16(&bytes[2 * i]), 16); };
  const AxisScale acceleration{ranges.largest_acceleration() / 32768, -32768, 32767};
  const AxisScale velocity{ranges.largest_velocity() / 32768, -32768, 32767};
  for (std::size_t i = 0; i < 3; ++i) {
    samples.set(i, axis_value(acceleration, word(i), "acceleration_range"));
    samples.set(3 + i, axis_value(velocity, word(4 + i), "angular_velocity_range"));
  }
  samples.set(6, word(3) / part.steps_per_kelvin + part.offset);
  return {};
}

/// What the part has after power-on differs in the filter, so that a loss of its supply shows. What identify() finds
/// decides how the temperature is decoded.
BurstChip describe(const Ranges& ranges) {
  const auto part = std::make_shared<Part>(parts[0]);
  return {.identify = [part](const I2cDevice& device) -> Result<> {
            B2M_ASSIGN(*part, identify(device));
            return {};
          },
          .setup = {{.reg = reg_pwr_mgmt_1, .value = device_reset, .pause = 100ms},
                    {.reg = reg_pwr_mgmt_1, .value = awake_clocked_by_gyroscope, .pause = 10ms},
                    {.reg = reg_config, .value = filter_44_hz},
                    {.reg = reg_gyro_config, .value = ranges.velocity_code()},
                    {.reg = reg_accel_config, .value = ranges.acceleration_code(), .pause = 100ms}},
          .guard = RegisterGuard{.reg = reg_config,
                                 .value = {filter_44_hz, ranges.velocity_code(), ranges.acceleration_code()}},
          .bursts = {{reg_accel_xout, 14}},
          .decode = [part, ranges](RegisterBytes bytes,
                                   Samples& samples) { return decode(*part, ranges, bytes, samples); }};
}

std::vector<Channel> narrowed(const Ranges& ranges) {
  auto channels = within(to_channels(specs), Quantity::acceleration, ranges.largest_acceleration());
  return within(std::move(channels), Quantity::angular_velocity, ranges.largest_velocity());
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const Ranges ranges{position(acceleration_ranges, context.options.text("acceleration_range")),
                      position(velocity_ranges, context.options.text("angular_velocity_range"))};
  return std::make_unique<BurstSensor>(describe(ranges), i2c_device(context), narrowed(ranges));
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_ASSIGN(const Part part, identify(device));
  return part.model;
}

}  // namespace

B2M_DRIVER(mpu6050) = {
    .name = "mpu6050",
    .summary = "InvenSense MPU-6050, MPU-6500 and MPU-9250 accelerometers and gyroscopes",
    .datasheet = "InvenSense, RM-MPU-6000A-00 rev. 4.2; RM-MPU-6500A-00 rev. 2.1; RM-MPU-9250A-00 rev. 1.6",
    .wiring = "AD0 open or to ground is address 0x68, to 3.3 V 0x69; 0x68 is also that of a DS3231",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = specs,
    .options = options,
    .every_min = 20ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "mpu6050", "bus": "i2c-1", "address": "0x68"})",
};

}  // namespace b2m
