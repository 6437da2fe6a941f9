// BMP581, BMP585: pressure and temperature. Bosch Sensortec, BST-BMP581-DS004 rev. 1.13; BST-BMP585-DS003 rev. 1.2.
// Supported: forced mode with 16 samples of pressure and one of temperature. Not supported: normal mode, FIFO, IIR
// filter, other oversampling, SPI. The compensation is done in the chip.
#include "drivers/engine/register_map.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x46, 0x47};

constexpr ChannelSpec channels[] = {{"temperature", Quantity::temperature, {-40, 85}, "±0.5 °C"},
                                    {"pressure", Quantity::atmospheric_pressure, {30e3, 125e3}, "±0.5 hPa"}};

// §4.5: 24 bits each, lowest byte first; 0x7f7f7f until the first measurement.
constexpr std::uint32_t unmeasured = 0x7f7f7f;
constexpr Field fields[] = {{.channel = "temperature",
                             .reg = 0x1d,
                             .width = 24,
                             .order = ByteOrder::little_endian,
                             .sign = true,
                             .scale = 1.0 / 65536,
                             .invalid = unmeasured},
                            {.channel = "pressure",
                             .reg = 0x20,
                             .width = 24,
                             .order = ByteOrder::little_endian,
                             .scale = 1.0 / 64,
                             .invalid = unmeasured}};

// The data-ready flag shows only when its source is on; ODR_CONFIG with deep standby off, before and together with
// forced mode, since deep standby forgets the configuration.
// §7.36: the reset is not acknowledged on I2C.
constexpr RegisterValue reset{.reg = 0x7e, .value = 0xb6, .width = 8};
constexpr RegisterValue setup[] = {{.reg = 0x37, .value = 0x80, .width = 8},
                                   {.reg = 0x15, .value = 0x01, .width = 8},
                                   {.reg = 0x36, .value = 0x60, .width = 8}};  // pressure on, ×16; temperature ×1
constexpr RegisterValue forced[] = {{.reg = 0x37, .value = 0x82, .width = 8}};

/// The two differ by their identity alone.
constexpr RegisterChip chip(std::string_view name, std::uint16_t id) {
  return {.model = {.name = name, .channels = channels},
          .fields = fields,
          .burst = true,
          .identity = RegisterValue{.reg = 0x01, .value = id, .width = 8},
          .reset = reset,
          .reset_time = 3ms,  // 2 ms at most
          .setup = setup,
          .start_up = 3ms,  // from deep standby: 2.5 ms
          .trigger = forced,
          .conversion = 16ms,
          .ready = ReadyFlag{.reg = 0x27, .mask = 0x01}};
}
constexpr std::array chips{chip("bmp581", 0x50), chip("bmp585", 0x51)};

}  // namespace

B2M_DRIVER(bmp581) = {
    .name = "bmp581",
    .summary = "Bosch BMP581 and BMP585 pressure and temperature sensors",
    .datasheet = "Bosch Sensortec, BST-BMP581-DS004 rev. 1.13; BST-BMP585-DS003 rev. 1.2",
    .wiring = "SDO to ground is address 0x46, to 3.3 V 0x47; CSB stays at 3.3 V",
    .bus = BusKind::i2c,
    .models = models_of<chips>,
    .addresses = addresses,
    .channels = channels,
    .every_min = 50ms,
    .probe = probe_register_chips<chips>,
    .make_sensor = make_register_sensor<chips>,
    .example = R"({"driver": "bmp581", "bus": "i2c-1", "address": "0x47"})",
};

}  // namespace b2m
