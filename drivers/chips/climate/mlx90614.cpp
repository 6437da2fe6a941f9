// MLX90614 and MLX90615: infrared thermometers. Melexis, MLX90614 family datasheet, 3901090614 rev. 013 (September
// 2019); MLX90615 datasheet, 3901090615. Supported: the temperature of the object (of the first zone, where there are
// two) and of the part itself, each with its packet error code. Not supported: setting the emissivity and other
// contents of the EEPROM, sleeping, PWM output. The bus must not be faster than 100 kHz. The parts have no identity: an
// answer with the right code at the address is all there is.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"
#include "drivers/engine/checksum.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x5a, 0x5b};
constexpr std::uint8_t mlx90615_addresses[] = {0x5b};

// The ends of the linearised outputs: 0x27ad to 0x7fff for the object, 0x2de4 to 0x4dc4 for the part.
constexpr ChannelSpec specs[] = {{"object_temperature", Quantity::temperature, {-70.01, 382.19}, "±0.5 °C"},
                                 {"temperature", Quantity::temperature, {-40, 125}, "of the part; ±0.5 °C"}};

constexpr Model models[] = {{.name = "mlx90614", .summary = "also GY-906"},
                            {.name = "mlx90615", .addresses = mlx90615_addresses}};

/// Where the two temperatures stand in the memory, as commands.
struct Registers {
  std::uint8_t object;
  std::uint8_t ambient;
};
constexpr std::array registers{Registers{0x07, 0x06}, Registers{0x27, 0x26}};

/// SMBus 2.0 §5.3: over everything on the wire, both address bytes included.
constexpr std::uint8_t packet_error_code(std::uint8_t address, std::uint8_t command, std::uint8_t low,
                                         std::uint8_t high) {
  const std::array<std::uint8_t, 5> wire{static_cast<std::uint8_t>(address << 1), command,
                                         static_cast<std::uint8_t>(address << 1 | 1), low, high};
  return crc8(wire, 0x07, 0x00);
}
static_assert(packet_error_code(0x5a, 0x07, 0xd2, 0x3a) == 0x30,
              "MLX90614 datasheet, the figure of the read word format");

/// Steps of 0.02 K above absolute zero.
constexpr double celsius(std::uint16_t raw) { return raw * 0.02 - 273.15; }

/// Worker only.
class Mlx90614 final : public Sensor {
 public:
  Mlx90614(I2cDevice device, const Registers& where) : device_(device), where_(where) {}
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(specs); }
  Result<> read(Samples& samples) override;

 private:
  Result<std::uint16_t> read_word(std::uint8_t command) const;
  I2cDevice device_;
  Registers where_;
};

/// The part needs the repeated start between command and answer.
Result<std::uint16_t> Mlx90614::read_word(std::uint8_t command) const {
  std::array<std::uint8_t, 3> bytes{};
  B2M_TRY(read_registers(device_, command, bytes));
  if (packet_error_code(device_.address, command, bytes[0], bytes[1]) != bytes[2])
    return fail(Errc::checksum, fmt::format("register 0x{:02x}", command));
  return le16(bytes.data());
}

Result<> Mlx90614::read(Samples& samples) {
  constexpr std::uint16_t error_flag = 0x8000;
  B2M_ASSIGN(const std::uint16_t object, read_word(where_.object));
  B2M_ASSIGN(const std::uint16_t ambient, read_word(where_.ambient));
  samples.set(0, (object & error_flag) != 0 ? fail(Errc::out_of_range, "the chip could not compute the temperature")
                                            : Result<double>(celsius(object)));
  samples.set(1, celsius(ambient));
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Mlx90614>(i2c_device(context), registers[context.model]);
}

}  // namespace

B2M_DRIVER(mlx90614) = {
    .name = "mlx90614",
    .summary = "Melexis MLX90614 and MLX90615 infrared thermometers",
    .datasheet = "Melexis, 3901090614 rev. 013 (MLX90614), 3901090615 (MLX90615)",
    .wiring =
        "the bus may not be faster than 100 kHz; the 3.3 V variants have a B in their order number "
        "(…-BAA), the 5 V ones an A and want a level shifter",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = specs,
    .every_min = 150ms,
    .make_sensor = make,
    .example = R"({"driver": "mlx90614", "bus": "i2c-1", "address": "0x5a"})",
};

}  // namespace b2m
