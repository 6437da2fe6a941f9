// ENS160 and ENS161: air quality index, total VOC and equivalent CO2, computed by the part from the resistances of
// heated metal oxides. ScioSense, ENS160 datasheet, revision 0.95 (2020); ENS161 datasheet. Supported: standard
// operation (a result each second), compensation for a fixed humidity and temperature. Not supported: the raw
// resistances, the interrupt, SPI, the low-power modes of the ENS161. Values are given only when the part itself calls
// them valid: 3 minutes after each start, and one hour after the first start of its life.
#include <array>
#include <cmath>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/register_burst.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x52, 0x53};

constexpr ChannelSpec channels[] = {
    {"air_quality_index", Quantity::air_quality_index, {1, 5}, "UBA's: 1 excellent to 5 unhealthy"},
    {"tvoc", Quantity::tvoc, {0, 65'000e-9}, {}},
    {"co2", Quantity::co2, {400e-6, 65'000e-6}, "equivalent, not measured"}};

constexpr Model models[] = {{.name = "ens160"}, {.name = "ens161"}};
constexpr std::array<std::uint8_t, 2> part_ids{0x60, 0x61};  ///< low byte; the high byte is 0x01

constexpr OptionSpec options[] = {
    {.key = "humidity_percent",
     .type = OptionType::number,
     .summary = "relative humidity that the values are compensated for",
     .fallback = "50",
     .min = 0,
     .max = 100},
    {.key = "temperature_c",
     .type = OptionType::number,
     .summary = "temperature that the values are compensated for",
     .fallback = "25",
     .min = -40,
     .max = 85},
};

// "Registers".
constexpr std::uint8_t reg_part_id = 0x00;
constexpr std::uint8_t reg_opmode = 0x10;
constexpr std::uint8_t reg_temp_in = 0x13;
constexpr std::uint8_t reg_rh_in = 0x15;
constexpr std::uint8_t reg_device_status = 0x20;  ///< followed by the index, TVOC and CO2

constexpr std::uint8_t mode_idle = 0x01;
constexpr std::uint8_t mode_standard = 0x02;
constexpr std::uint8_t status_error = 0x40;
constexpr std::uint8_t status_new_data = 0x02;

/// "DEVICE_STATUS", the validity flag.
Result<> check_validity(std::uint8_t status) {
  if ((status & status_error) != 0) return fail(Errc::io, "the chip reports an error");
  switch (status >> 2 & 3) {
    case 0: return {};
    case 1: return fail(Errc::not_ready, "the chip is warming up, for 3 minutes");
    case 2: return fail(Errc::not_ready, "the chip is in its first hour of operation");
    default: return fail(Errc::not_ready, "the chip has no valid output");
  }
}

Result<> decode(RegisterBytes bytes, Samples& samples) {
  B2M_TRY(check_validity(bytes[0]));
  samples.set(0, bytes[1] & 0x07);
  samples.set(1, le16(&bytes[2]) * 1e-9);
  samples.set(2, le16(&bytes[4]) * 1e-6);
  return {};
}

Result<> identify(const I2cDevice& device, std::size_t model) {
  return expect_registers(device, {.reg = reg_part_id, .value = {part_ids[model], 0x01}}, Errc::wrong_chip);
}

/// A number of 16 bits into two registers, the low byte first.
void append(std::vector<RegisterWrite>& rows, std::uint8_t reg, double value) {
  const auto word = static_cast<unsigned>(std::lround(value));
  rows.push_back({.reg = reg, .value = static_cast<std::uint8_t>(word & 0xff)});
  rows.push_back({.reg = static_cast<std::uint8_t>(reg + 1), .value = static_cast<std::uint8_t>(word >> 8)});
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  std::vector<RegisterWrite> setup{{.reg = reg_opmode, .value = mode_idle, .pause = 10ms}};
  append(setup, reg_temp_in, (context.options.number("temperature_c") + 273.15) * 64);
  append(setup, reg_rh_in, context.options.number("humidity_percent") * 512);
  setup.push_back({.reg = reg_opmode, .value = mode_standard, .pause = 20ms});
  BurstChip chip{.identify = [model = context.model](const I2cDevice& device) { return identify(device, model); },
                 .setup = std::move(setup),
                 .guard = RegisterGuard{.reg = reg_opmode, .value = {mode_standard}},
                 .ready = ReadyFlag{.reg = reg_device_status, .mask = status_new_data, .pause = 100ms, .looks = 30},
                 .bursts = {{reg_device_status, 6}},
                 .decode = decode};
  return std::make_unique<BurstSensor>(std::move(chip), i2c_device(context), to_channels(channels));
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_ASSIGN(const std::uint16_t id, read_le16(device, reg_part_id));
  for (std::size_t i = 0; i < part_ids.size(); ++i)
    if (id == (0x0100 | part_ids[i])) return models[i].name;
  return fail(Errc::wrong_chip, "the part number is not that of an ENS160");
}

}  // namespace

B2M_DRIVER(ens160) = {
    .name = "ens160",
    .summary = "ScioSense ENS160 and ENS161 air quality sensors",
    .datasheet = "ScioSense, ENS160 datasheet, revision 0.95 (2020); ENS161 datasheet",
    .wiring = "ADD to ground is address 0x52, to 3.3 V 0x53; CS stays at 3.3 V",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 1s,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "ens160", "bus": "i2c-1", "address": "0x53"})",
};

}  // namespace b2m
