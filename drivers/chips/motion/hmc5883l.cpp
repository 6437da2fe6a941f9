// HMC5883L: three-axis magnetometer. Honeywell, HMC5883L data sheet 900405 rev. E (February 2013).
// Supported: continuous measurement at 15 Hz, eight samples averaged, all ranges. Not supported: the self-test's bias
// field, other rates. Boards named GY-271 mostly carry a QMC5883L instead, which answers at 0x0d.
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/choice.hpp"
#include "drivers/engine/register_burst.hpp"
#include "drivers/engine/three_axes.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x1e};

constexpr double tesla_per_gauss = 1e-4;

/// Table 9, in the order of the codes.
constexpr std::array<double, 8> steps_per_gauss{1370, 1090, 820, 660, 440, 390, 330, 230};
constexpr std::string_view ranges[] = {"88uT", "130uT", "190uT", "250uT", "400uT", "470uT", "560uT", "810uT"};
constexpr std::int32_t end_of_scale = 2048;  ///< 12 bits
constexpr double largest(std::size_t range) { return end_of_scale / steps_per_gauss[range] * tesla_per_gauss; }

constexpr Range widest{-largest(7), largest(7)};
constexpr ChannelSpec channels[] = {{"magnetic_field_x", Quantity::magnetic_flux_density, widest, "±5 %"},
                                    {"magnetic_field_y", Quantity::magnetic_flux_density, widest, "±5 %"},
                                    {"magnetic_field_z", Quantity::magnetic_flux_density, widest, "±5 %"}};

constexpr Model models[] = {{.name = "hmc5883l"}};

constexpr OptionSpec options[] = {{.key = "range",
                                   .type = OptionType::choice,
                                   .summary = "largest field of each axis, of either sign; the Earth's is 25 to 65 µT",
                                   .fallback = "130uT",
                                   .choices = ranges}};

// "Register list".
constexpr std::uint8_t reg_configuration_a = 0x00;
constexpr std::uint8_t reg_configuration_b = 0x01;
constexpr std::uint8_t reg_mode = 0x02;
constexpr std::uint8_t reg_data = 0x03;
constexpr std::uint8_t reg_status = 0x09;
constexpr std::uint8_t reg_identification = 0x0a;

constexpr std::uint8_t eight_averaged_15_hz = 0x70;
constexpr std::uint8_t continuous = 0x00;
constexpr std::uint8_t status_ready = 0x01;

Result<> identify(const I2cDevice& device) {
  return expect_registers(device, {.reg = reg_identification, .value = {'H', '4', '3'}}, Errc::wrong_chip);
}

/// Big endian, in the order X, Z, Y; an overflow reads -4096.
std::function<Result<>(RegisterBytes, Samples&)> decoder(std::size_t range) {
  const AxisScale scale{tesla_per_gauss / steps_per_gauss[range], -end_of_scale - 1, end_of_scale};
  return [scale](RegisterBytes bytes, Samples& samples) -> Result<> {
    constexpr std::array<std::size_t, 3> word_of_axis{0, 2, 1};
    for (std::size_t i = 0; i < 3; ++i)
      samples.set(i, axis_value(scale, sign_extend(be16(&bytes[2 * word_of_axis[i]]), 16)));
    return {};
  };
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const std::size_t range = position(ranges, context.options.text("range"));
  const auto gain = static_cast<std::uint8_t>(range << 5);
  // The mode is not looked at: reading it would lock the results (status register, LOCK).
  BurstChip chip{.identify = identify,
                 .setup = {{.reg = reg_configuration_a, .value = eight_averaged_15_hz},
                           {.reg = reg_configuration_b, .value = gain},
                           {.reg = reg_mode, .value = continuous, .pause = 140ms}},  // the second with this gain
                 .guard = RegisterGuard{.reg = reg_configuration_a, .value = {eight_averaged_15_hz, gain}},
                 .ready = ReadyFlag{.reg = reg_status, .mask = status_ready, .pause = 10ms, .looks = 20},
                 .bursts = {{reg_data, 6}},
                 .decode = decoder(range)};
  return std::make_unique<BurstSensor>(std::move(chip), i2c_device(context),
                                       within(to_channels(channels), Quantity::magnetic_flux_density, largest(range)));
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(identify(device));
  return "hmc5883l";
}

}  // namespace

B2M_DRIVER(hmc5883l) = {
    .name = "hmc5883l",
    .summary = "Honeywell HMC5883L magnetometer",
    .datasheet = "Honeywell, HMC5883L data sheet 900405 rev. E",
    .wiring = "most boards sold as GY-271 carry a QMC5883L, which answers at 0x0d: `scan` tells",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 100ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "hmc5883l", "bus": "i2c-1", "address": "0x1e"})",
};

}  // namespace b2m
