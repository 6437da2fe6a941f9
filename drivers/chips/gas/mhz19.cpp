// MH-Z19, MH-Z19B, MH-Z19C, MH-Z14A: infrared CO2 sensors. Winsen, MH-Z19 user's manual V1.0, MH-Z19B V1.6, MH-Z19C
// V1.2, MH-Z14A V1.01. Supported: reading over the serial line, self calibration on or off. Not supported: zero and
// span calibration (they would spoil a part that is not in calibration gas), the detection range (kept as the part has
// it), PWM and analog outputs. For one to three minutes after power-on the part answers with values that are not yet
// measured; its answer does not tell.
#include "drivers/engine/checksum.hpp"
#include "drivers/engine/frame.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr ChannelSpec channels[] = {
    {"co2", Quantity::co2, {0, 10'000e-6}, "±(50 ppm + 3 to 5 %)"},
    {"temperature", Quantity::temperature, {-39, 100}, "inside the part, to 1 °C; not in the manual"}};
constexpr std::span co2_alone = std::span(channels).first<1>();

constexpr FrameField fields[] = {{.channel = "co2", .at = 2, .scale = 1e-6},
                                 {.channel = "temperature", .at = 4, .bytes = 1, .offset = -40, .invalid = 0}};

constexpr Model models[] = {{.name = "mhz19", .channels = channels},
                            {.name = "mhz19b", .channels = channels},
                            {.name = "mhz19c", .channels = channels},
                            {.name = "mhz14a", .channels = co2_alone}};

constexpr std::string_view calibrations[] = {"keep", "on", "off"};
constexpr OptionSpec options[] = {
    {.key = "self_calibration",
     .type = OptionType::choice,
     .summary =
         "take the lowest value of each day for 400 ppm: off for rooms that are never aired; keep: as the part has it",
     .fallback = "keep",
     .choices = calibrations}};

/// The complement of the sum of what stands between the start byte and the checksum.
constexpr std::uint8_t checksum(std::span<const std::uint8_t> frame) {
  return static_cast<std::uint8_t>(-byte_sum(frame.subspan(1, 7)) & 0xff);
}
static_assert(checksum(std::array<std::uint8_t, 9>{0xff, 0x86, 0x02, 0x60, 0x47, 0, 0, 0}) == 0xd1,
              "the example of the manual");

bool is_whole(std::span<const std::uint8_t> frame) { return frame[8] == checksum(frame); }

FrameChip::Bytes command(std::uint8_t code, std::uint8_t argument = 0) {
  FrameChip::Bytes bytes{0xff, 0x01, code, argument, 0, 0, 0, 0, 0};
  bytes[8] = checksum(bytes);
  return bytes;
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const auto& calibration = context.options.text("self_calibration");
  const Model& model = models[context.model];
  FrameChip chip{.frame = {.header = {0xff, 0x86}, .length = 9, .is_whole = is_whole},
                 .fields = std::span(fields).first(model.channels.size()),
                 .request = command(0x86),
                 .answer = 300ms};
  if (calibration != "keep") chip.setup.push_back(command(0x79, calibration == "on" ? 0xa0 : 0x00));
  return std::make_unique<FrameSensor>(std::move(chip), *context.serial, model.channels);
}

}  // namespace

B2M_DRIVER(mhz19) = {
    .name = "mhz19",
    .summary = "Winsen MH-Z19 and MH-Z14A infrared CO2 sensors",
    .datasheet = "Winsen, MH-Z19B user's manual V1.6; MH-Z19 V1.0, MH-Z19C V1.2, MH-Z14A V1.01",
    .wiring = "VIN 5 V, with up to 150 mA; TX and RX are 3.3 V and go to the board directly",
    .bus = BusKind::serial,
    .models = models,
    .channels = channels,
    .options = options,
    .every = 30s,
    .every_min = 5s,
    .make_sensor = make,
    .example = R"({"driver": "mhz19b", "port": "/dev/ttyS2"})",
};

}  // namespace b2m
