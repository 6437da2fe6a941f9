// SDS011, SDS018, SDS021: laser dust sensors. Nova Fitness, Laser PM2.5 sensor specification, SDS011 V1.3, and Laser
// dust sensor control protocol V1.3. Supported: active reporting, working all the time; both are set at start, also in
// a part that was left asleep. Not supported: query mode, sleep and working period (the laser is specified for 8000
// hours), device ids.
#include "drivers/engine/checksum.hpp"
#include "drivers/engine/frame.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr double step = 0.1e-9;  // kg/m³
constexpr ChannelSpec channels[] = {{"pm2_5", Quantity::pm2_5, {0, 999.9e-9}, "±10 µg/m³ or 15 %"},
                                    {"pm10", Quantity::pm10, {0, 999.9e-9}, "±10 µg/m³ or 15 %"}};
constexpr FrameField fields[] = {{.channel = "pm2_5", .at = 2, .order = ByteOrder::little_endian, .scale = step},
                                 {.channel = "pm10", .at = 4, .order = ByteOrder::little_endian, .scale = step}};
constexpr Model models[] = {{.name = "sds011"}, {.name = "sds018"}, {.name = "sds021"}};

constexpr std::uint8_t head = 0xaa;
constexpr std::uint8_t tail = 0xab;
constexpr std::uint8_t report = 0xc0;  // replies to commands are 0xc5 and no measurements

/// The low byte of the sum of the data.
constexpr std::uint8_t checksum(std::span<const std::uint8_t> data) {
  return static_cast<std::uint8_t>(byte_sum(data) & 0xff);
}

bool is_whole(std::span<const std::uint8_t> frame) {
  return frame[8] == checksum(frame.subspan(2, 6)) && frame[9] == tail;
}

/// Control protocol: a command sets `what` to `value` in every device on the line.
FrameChip::Bytes set(std::uint8_t what, std::uint8_t value) {
  FrameChip::Bytes command{head, 0xb4, what, 0x01, value, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, tail};
  command[17] = checksum(std::span(command).subspan(2, 15));
  return command;
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  constexpr std::uint8_t reporting_mode = 2, working_mode = 6, working_period = 8;
  FrameChip chip{.frame = {.header = {head, report}, .length = 10, .is_whole = is_whole},
                 .fields = fields,
                 .setup = {set(working_mode, 1), set(reporting_mode, 0), set(working_period, 0)},
                 .answer = 2500ms};  // a report each 1 to 1.5 s
  return std::make_unique<FrameSensor>(std::move(chip), *context.serial, channels);
}

}  // namespace

B2M_DRIVER(sds011) = {
    .name = "sds011",
    .summary = "Nova Fitness SDS011 laser dust sensors",
    .datasheet = "Nova Fitness, SDS011 specification V1.3 and control protocol V1.3",
    .wiring = "5 V; TXD and RXD are 3.3 V and go to the board directly",
    .bus = BusKind::serial,
    .models = models,
    .channels = channels,
    .every_min = 3s,
    .make_sensor = make,
    .example = R"({"driver": "sds011", "port": "/dev/ttyUSB0"})",
};

}  // namespace b2m
