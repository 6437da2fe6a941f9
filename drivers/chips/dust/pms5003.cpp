// PMS5003 and the Plantower particle sensors that kept its frame: Plantower, Digital universal particle concentration
// sensor, PMS5003 series data manual, V2.3; PMS7003 V2.5; PMSA003 V2.6; PMS5003T and PMS5003ST V1.3; PMS3003 (2014).
// Supported: active mode (the part is woken and put into it at start), the atmospheric concentrations (the ones for
// factory environments, "CF=1", differ above 30 µg/m³), particle counts, temperature and humidity where the part has
// them. Not supported: passive mode, sleep, formaldehyde of the S types. For 30 s after it was powered or woken the
// part's fan is not steady; its frames do not tell.
#include "drivers/engine/checksum.hpp"
#include "drivers/engine/frame.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

// A field is a word of 16 bits; a concentration counts µg/m³, a number of particles those in 0.1 L.
constexpr double concentration = 1e-9;
constexpr double in_cubic_metre = 1e4;
constexpr Range concentrations{0, 65535 * concentration};
constexpr Range counts{0, 65535 * in_cubic_metre};

// clang-format off
constexpr ChannelSpec full_channels[] = {
    {"pm1", Quantity::pm1, concentrations, "±10 µg/m³ or 10 %"},
    {"pm2_5", Quantity::pm2_5, concentrations, "±10 µg/m³ or 10 %"},
    {"pm10", Quantity::pm10, concentrations, "±10 µg/m³ or 10 %"},
    {"particles_0_3", Quantity::particle_count, counts, "particles above 0.3 µm"},
    {"particles_0_5", Quantity::particle_count, counts, "particles above 0.5 µm"},
    {"particles_1_0", Quantity::particle_count, counts, "particles above 1 µm"},
    {"particles_2_5", Quantity::particle_count, counts, "particles above 2.5 µm"},
    {"particles_5_0", Quantity::particle_count, counts, "particles above 5 µm"},
    {"particles_10", Quantity::particle_count, counts, "particles above 10 µm"},
    {"temperature", Quantity::temperature, {-20, 99}, "±0.5 °C; of the T types"},
    {"humidity", Quantity::relative_humidity, {0, 100}, "±2 %; of the T types"},
};
constexpr std::span all(full_channels);
constexpr auto dust_channels = all.first<3>();
constexpr auto dust_and_counts = all.first<9>();
constexpr ChannelSpec t_channels[] = {all[0], all[1], all[2], all[3], all[4], all[5], all[6], all[9], all[10]};

// "Appendix I": bytes 4 to 9 are the concentrations for factories, 10 to 15 the atmospheric ones, 16 on the counts.
constexpr FrameField fields[] = {
    {.channel = "pm1", .at = 10, .scale = concentration},
    {.channel = "pm2_5", .at = 12, .scale = concentration},
    {.channel = "pm10", .at = 14, .scale = concentration},
    {.channel = "particles_0_3", .at = 16, .scale = in_cubic_metre},
    {.channel = "particles_0_5", .at = 18, .scale = in_cubic_metre},
    {.channel = "particles_1_0", .at = 20, .scale = in_cubic_metre},
    {.channel = "particles_2_5", .at = 22, .scale = in_cubic_metre},
    {.channel = "particles_5_0", .at = 24, .scale = in_cubic_metre},
    {.channel = "particles_10", .at = 26, .scale = in_cubic_metre},
};
constexpr std::span dust_fields = std::span(fields).first<3>();
/// PMS5003T: in place of the two largest counts.
constexpr FrameField t_fields[] = {
    fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6],
    {.channel = "temperature", .at = 24, .sign = true, .scale = 0.1},
    {.channel = "humidity", .at = 26, .scale = 0.1},
};
/// PMS5003ST: behind the counts and the formaldehyde.
constexpr FrameField st_fields[] = {
    fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7], fields[8],
    {.channel = "temperature", .at = 30, .sign = true, .scale = 0.1},
    {.channel = "humidity", .at = 32, .scale = 0.1},
};

struct Family {
  Model model;
  std::uint8_t length;  ///< of the frame behind its length word
  std::span<const FrameField> fields;
};
constexpr std::array families{
    Family{{.name = "pms5003", .channels = dust_and_counts}, 28, fields},
    Family{{.name = "pms7003", .channels = dust_and_counts}, 28, fields},
    Family{{.name = "pmsa003", .channels = dust_and_counts}, 28, fields},
    Family{{.name = "pms1003", .channels = dust_and_counts, .summary = "also G1"}, 28, fields},
    Family{{.name = "pms5003s", .channels = dust_and_counts}, 28, fields},
    Family{{.name = "pms5003t", .channels = t_channels, .summary = "temperature and humidity"}, 28, t_fields},
    Family{{.name = "pms5003st", .channels = full_channels, .summary = "temperature and humidity"}, 36, st_fields},
    Family{{.name = "pms3003", .channels = dust_channels, .summary = "no counts; also G3"}, 20, dust_fields},
};
// clang-format on

constexpr auto models = [] {
  std::array<Model, families.size()> rows{};
  std::transform(families.begin(), families.end(), rows.begin(), [](const Family& family) { return family.model; });
  return rows;
}();

/// The sum of all bytes before it, most significant byte first.
bool is_whole(std::span<const std::uint8_t> frame) {
  return byte_sum(frame.first(frame.size() - 2)) == be16(&frame[frame.size() - 2]);
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const Family& family = families[context.model];
  FrameChip chip{.frame = {.header = {0x42, 0x4d, 0x00, family.length},
                           .length = std::size_t{family.length} + 4,
                           .is_whole = is_whole},
                 .fields = family.fields,
                 // "Appendix II": wake up; send by itself.
                 .setup = {{0x42, 0x4d, 0xe4, 0x00, 0x01, 0x01, 0x74}, {0x42, 0x4d, 0xe1, 0x00, 0x01, 0x01, 0x71}},
                 .answer = 3s};  // a frame each 2.3 s while values stand still, each 0.2 to 0.8 s while they move
  return std::make_unique<FrameSensor>(std::move(chip), *context.serial, family.model.channels);
}

}  // namespace

B2M_DRIVER(pms5003) = {
    .name = "pms5003",
    .summary = "Plantower PMS5003 and compatible particle sensors",
    .datasheet = "Plantower, PMS5003 series data manual V2.3",
    .wiring =
        "VCC 5 V, for the fan; TX and RX are 3.3 V and go to the board directly; SET and RESET stay "
        "open",
    .bus = BusKind::serial,
    .models = models,
    .channels = full_channels,
    .every_min = 3s,
    .make_sensor = make,
    .example = R"({"driver": "pms5003", "port": "/dev/ttyS2"})",
};

}  // namespace b2m
