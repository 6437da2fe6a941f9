// QMC5883L: three-axis magnetometer, on most boards named GY-271 or HMC5883L. QST, QMC5883L datasheet 13-52-04 rev. A
// (2016). Supported: continuous measurement at 10 Hz with the longest averaging, both ranges. Not supported: the
// uncalibrated thermometer, interrupts, other rates, the QMC5883P (another part, at 0x2c).
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

constexpr std::uint8_t addresses[] = {0x0d};

constexpr double tesla_per_gauss = 1e-4;

/// "Sensitivity", in the order of the codes.
constexpr std::array<double, 2> steps_per_gauss{12000, 3000};
constexpr std::string_view ranges[] = {"200uT", "800uT"};
constexpr double largest(std::size_t range) { return 32768 / steps_per_gauss[range] * tesla_per_gauss; }

constexpr Range widest{-largest(1), largest(1)};
constexpr ChannelSpec channels[] = {{"magnetic_field_x", Quantity::magnetic_flux_density, widest, {}},
                                    {"magnetic_field_y", Quantity::magnetic_flux_density, widest, {}},
                                    {"magnetic_field_z", Quantity::magnetic_flux_density, widest, {}}};

constexpr Model models[] = {{.name = "qmc5883l", .summary = "also GY-271"}};

constexpr OptionSpec options[] = {{.key = "range",
                                   .type = OptionType::choice,
                                   .summary = "largest field of each axis, of either sign; the Earth's is 25 to 65 µT",
                                   .fallback = "200uT",
                                   .choices = ranges}};

// "Register map".
constexpr std::uint8_t reg_data = 0x00;  ///< followed by the status
constexpr std::uint8_t reg_status = 0x06;
constexpr std::uint8_t reg_control_1 = 0x09;
constexpr std::uint8_t reg_control_2 = 0x0a;
constexpr std::uint8_t reg_set_reset_period = 0x0b;
constexpr std::uint8_t reg_chip_id = 0x0d;

constexpr std::uint8_t soft_reset = 0x80;
constexpr std::uint8_t recommended_period = 0x01;
constexpr std::uint8_t continuous_10_hz = 0x01;  ///< averaging 512 samples is code 0
constexpr std::uint8_t status_ready = 0x01;
constexpr std::uint8_t status_overflow = 0x02;

Result<> identify(const I2cDevice& device) { return expect_u8(device, reg_chip_id, 0xff); }

/// X, Y, Z, little endian, then the status, whose overflow flag does not tell the axis.
std::function<Result<>(RegisterBytes, Samples&)> decoder(std::size_t range) {
  const AxisScale scale{tesla_per_gauss / steps_per_gauss[range], -32768, 32767};
  return [scale](RegisterBytes bytes, Samples& samples) -> Result<> {
    if ((bytes[6] & status_overflow) != 0)
      return fail(Errc::out_of_range, "an axis is beyond the range: choose a larger `range`");
    for (std::size_t i = 0; i < 3; ++i) samples.set(i, axis_value(scale, sign_extend(le16(&bytes[2 * i]), 16)));
    return {};
  };
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const std::size_t range = position(ranges, context.options.text("range"));
  const auto control = static_cast<std::uint8_t>(continuous_10_hz | range << 4);
  BurstChip chip{.identify = identify,
                 .setup = {{.reg = reg_control_2, .value = soft_reset, .pause = 5ms},
                           {.reg = reg_set_reset_period, .value = recommended_period},
                           {.reg = reg_control_1, .value = control, .pause = 100ms}},
                 .guard = RegisterGuard{.reg = reg_control_1, .value = {control}},
                 .ready = ReadyFlag{.reg = reg_status, .mask = status_ready, .pause = 10ms, .looks = 30},
                 .bursts = {{reg_data, 7}},
                 .decode = decoder(range)};
  return std::make_unique<BurstSensor>(std::move(chip), i2c_device(context),
                                       within(to_channels(channels), Quantity::magnetic_flux_density, largest(range)));
}

}  // namespace

B2M_DRIVER(qmc5883l) = {
    .name = "qmc5883l",
    .summary = "QST QMC5883L magnetometer",
    .datasheet = "QST, QMC5883L datasheet 13-52-04 rev. A",
    .wiring =
        "keep it away from iron, speakers and supply lines; boards named GY-271 carry this part or an "
        "HMC5883L",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 100ms,
    .make_sensor = make,
    .example = R"({"driver": "qmc5883l", "bus": "i2c-1", "address": "0x0d"})",
};

}  // namespace b2m
