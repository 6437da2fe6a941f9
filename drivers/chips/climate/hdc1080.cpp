// HDC1080, HDC1000, HDC1008, HDC1010: humidity and temperature. Texas Instruments, SNAS672 (HDC1080; sections below),
// SNAS643 (HDC1000), SNAS649 (HDC1008), SNAS685 (HDC1010).
// Supported: both quantities in one acquisition of 14 bits. Not supported: the heater (switched off at start), lower
// resolutions, the DRDYn pin. The parts send no checksum.
#include <memory>

#include "drivers/engine/word_command.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t all_addresses[] = {0x40, 0x41, 0x42, 0x43};
constexpr std::uint8_t hdc1080_address[] = {0x40};

// §8.6.1, §8.6.2: the ends of the two scales.
constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-40, 125}, "±0.2 °C"},
                                    {"humidity", Quantity::relative_humidity, {0, 100}, "±2 to ±4 %"}};

constexpr Model models[] = {{.name = "hdc1080", .addresses = hdc1080_address, .summary = "±2 %"},
                            {.name = "hdc1000", .summary = "±3 %"},
                            {.name = "hdc1008", .summary = "±4 %"},
                            {.name = "hdc1010", .summary = "±2 %"}};

// §8.6: a write of the pointer alone starts an acquisition, and a read goes on from there.
constexpr std::uint8_t reg_temperature = 0x00;
constexpr std::uint8_t reg_manufacturer = 0xfe;
constexpr std::uint8_t reg_device = 0xff;
constexpr std::uint16_t texas_instruments = 0x5449;
constexpr std::uint16_t id_hdc1080 = 0x1050;
constexpr std::uint16_t id_hdc1000 = 0x1000;  // of the other three

constexpr WordCommand configure{.code = 0x021000, .bytes = 3};                      // both, 14 bits, heater off
constexpr WordCommand acquire{.code = reg_temperature, .pause = 20ms, .bytes = 1};  // §7.5: 6.35 ms and 6.5 ms, typical

constexpr WordIdentity reads(std::uint8_t reg, std::uint16_t value) {
  return {.command = {.code = reg, .bytes = 1}, .value = value};
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_ASSIGN(const std::uint16_t manufacturer, read_be16(device, reg_manufacturer));
  B2M_ASSIGN(const std::uint16_t id, read_be16(device, reg_device));
  if (manufacturer == texas_instruments && id == id_hdc1080) return "hdc1080";
  if (manufacturer == texas_instruments && id == id_hdc1000) return "hdc1000";
  return fail(Errc::wrong_chip, "neither an HDC1080 nor an HDC1000");
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const bool is_hdc1080 = models[context.model].name == "hdc1080";
  // All bits clear is what a part without its supply seems to send: exactly -40 °C and 0 %.
  WordChip chip{
      .identity = {reads(reg_manufacturer, texas_instruments), reads(reg_device, is_hdc1080 ? id_hdc1080 : id_hdc1000)},
      .start = {configure},
      .measure = acquire,
      .fields = {{.channel = "temperature", .span = 165, .steps = 65536, .offset = -40, .invalid = 0x0000},
                 {.channel = "humidity", .span = 100, .steps = 65536}},
      .checksums = false};
  return std::make_unique<WordCommandSensor>(std::move(chip), i2c_device(context), channels);
}

}  // namespace

B2M_DRIVER(hdc1080) = {
    .name = "hdc1080",
    .summary = "TI HDC1080 and HDC10xx humidity and temperature sensors",
    .datasheet = "Texas Instruments, SNAS672 (HDC1080), SNAS643 (HDC1000), SNAS649 (HDC1008), SNAS685 (HDC1010)",
    .wiring =
        "the HDC1080 is always at 0x40, where an INA219 is too; ADR0 and ADR1 of the HDC10x0 add 1 "
        "and 2",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = all_addresses,
    .channels = channels,
    .every_min = 100ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "hdc1080", "bus": "i2c-1", "address": "0x40"})",
};

}  // namespace b2m
