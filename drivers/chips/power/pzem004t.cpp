// PZEM-004T version 3 and PZEM-016: AC voltage, current, power, energy, frequency, power factor. Peacefair, PZEM-004T
// V3.0 and PZEM-014/016 user manuals; Modbus over Serial Line V1.02. Supported: reading all input registers at once,
// several meters on one RS-485 line. Not supported: the alarm threshold, resetting the energy, calibration, changing
// the address; version 1 and 2 of the PZEM-004T, which speak another protocol. Without mains the meter has no power and
// does not answer.
#include "drivers/engine/checksum.hpp"
#include "drivers/engine/frame.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr double joules = 3600;  // in a watt-hour

// Manual §2.2: the measuring ranges; the frame could say more.
// clang-format off
constexpr ChannelSpec channels[] = {{"voltage", Quantity::voltage, {0, 300}, "±0.5 %"},
                                    {"current", Quantity::current, {0, 120}, "±0.5 %"},
                                    {"power", Quantity::power, {0, 30e3}, "±0.5 %"},
                                    {"energy", Quantity::energy, {0, 99'999'990 * joules}, "±0.5 %; since it was reset"},
                                    {"frequency", Quantity::frequency, {40, 70}, "±0.5 %"},
                                    {"power_factor", Quantity::power_factor, {0, 1}, "±1 %"}};

// Manual §2.3; values of 32 bits have their low word first. Registers stand from byte 3 of the answer.
constexpr FrameField fields[] = {
    {.channel = "voltage", .at = 3, .scale = 0.1},
    {.channel = "current", .at = 5, .bytes = 4, .scale = 0.001, .low_word_first = true},
    {.channel = "power", .at = 9, .bytes = 4, .scale = 0.1, .low_word_first = true},
    {.channel = "energy", .at = 13, .bytes = 4, .scale = joules, .low_word_first = true},
    {.channel = "frequency", .at = 17, .scale = 0.1},
    {.channel = "power_factor", .at = 19, .scale = 0.01},
};
// clang-format on

constexpr Model models[] = {{.name = "pzem004t", .summary = "version 3, 10 or 100 A"},
                            {.name = "pzem016", .summary = "RS-485, 100 A; also PZEM-014"}};

constexpr OptionSpec options[] = {{.key = "modbus_address",
                                   .type = OptionType::integer,
                                   .summary = "of the meter on its line",
                                   .fallback = "1",
                                   .min = 1,
                                   .max = 247}};

constexpr std::uint8_t read_input_registers = 0x04;
constexpr std::uint8_t registers = 10;
constexpr std::size_t answer_length = 3 + 2 * registers + 2;

bool is_whole(std::span<const std::uint8_t> frame) {
  return crc16_modbus(frame.first(frame.size() - 2)) == le16(&frame[frame.size() - 2]);
}

FrameChip::Bytes with_crc(FrameChip::Bytes bytes) {
  const auto crc = crc16_modbus(bytes);
  bytes.push_back(static_cast<std::uint8_t>(crc & 0xff));
  bytes.push_back(static_cast<std::uint8_t>(crc >> 8));
  return bytes;
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const auto address = static_cast<std::uint8_t>(context.options.integer("modbus_address"));
  FrameChip chip{.frame = {.header = {address, read_input_registers, 2 * registers},
                           .length = answer_length,
                           .is_whole = is_whole},
                 .fields = fields,
                 .request = with_crc({address, read_input_registers, 0, 0, 0, registers}),
                 .answer = 400ms};
  return std::make_unique<FrameSensor>(std::move(chip), *context.serial, channels);
}

}  // namespace

B2M_DRIVER(pzem004t) = {
    .name = "pzem004t",
    .summary = "Peacefair PZEM-004T v3 and PZEM-016 energy meters",
    .datasheet = "Peacefair, PZEM-004T V3.0 user manual; PZEM-014/016 user manual",
    .wiring =
        "the side of the screws is mains: only for those who may work on it. The serial side wants 5 "
        "V; check that its TX does not exceed 3.3 V before it meets the board",
    .bus = BusKind::serial,
    .models = models,
    .channels = channels,
    .options = options,
    .every_min = 1s,
    .make_sensor = make,
    .example = R"({"driver": "pzem004t", "port": "/dev/ttyUSB0", "modbus_address": 1})",
};

}  // namespace b2m
