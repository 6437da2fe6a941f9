// MAX31855: thermocouple converter with cold-junction compensation. Maxim, MAX31855 19-5793 rev. 5.
// Supported: the K, J, N, T, S, R and E types of the part (the letter is fixed in the part); its three faults. Not
// supported: correcting the straight line that the part takes for its thermocouple.
#include <string>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"
#include "drivers/engine/spi_device.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr SpiFormat format{.mode = 0, .speed_hz = 2'000'000};  // up to 5 MHz

// 14 and 12 bits; table 4 and 5.
constexpr ChannelSpec channels[] = {
    {"temperature", Quantity::temperature, {-270, 1800}, "±2 °C for type K up to 700 °C"},
    {"internal_temperature", Quantity::temperature, {-55, 127}, "of the cold junction, ±2 °C"}};

// Table 2 and 3.
constexpr std::uint32_t any_fault = 1U << 16;
constexpr std::uint32_t short_to_supply = 1U << 2;
constexpr std::uint32_t short_to_ground = 1U << 1;
constexpr std::uint32_t always_zero = 1U << 17 | 1U << 3;

constexpr double thermocouple(std::uint32_t word) { return sign_extend(word >> 18, 14) * 0.25; }
constexpr double cold_junction(std::uint32_t word) { return sign_extend(word >> 4 & 0xfff, 12) * 0.0625; }
static_assert(thermocouple(0x64000000) == 1600 && thermocouple(0xfffc0000) == -0.25 && thermocouple(0xf0600000) == -250,
              "table 4");
static_assert(cold_junction(0x7f00) == 127 && cold_junction(0xfff0) == -0.0625 && cold_junction(0xc900) == -55,
              "table 5");

std::string fault_text(std::uint32_t word) {
  if ((word & short_to_supply) != 0) return "the thermocouple is shorted to the supply";
  if ((word & short_to_ground) != 0) return "the thermocouple is shorted to ground";
  return "the thermocouple is not connected";
}

/// Reads the result of the part's own conversions, one each 100 ms.
/// Worker only.
class Max31855 final : public Sensor {
 public:
  explicit Max31855(SpiBus& bus) : device_{&bus, format} {}
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(b2m::channels); }

  Result<> read(Samples& samples) override {
    B2M_ASSIGN(const auto bytes, device_.exchange(std::array<std::uint8_t, 4>{}));
    const std::uint32_t word = to_unsigned(bytes, ByteOrder::big_endian);
    if (word == 0) return fail(Errc::no_ack, "all bits are 0: nothing drives the data line");
    if ((word & always_zero) != 0) return fail(Errc::no_ack, "bits that are always 0 are not: no such part answers");
    samples.set(
        0, (word & any_fault) != 0 ? fail(Errc::out_of_range, fault_text(word)) : Result<double>(thermocouple(word)));
    samples.set(1, cold_junction(word));
    return {};
  }

 private:
  SpiDevice device_;
};

std::unique_ptr<Sensor> make(const DriverContext& context) { return std::make_unique<Max31855>(*context.spi); }

}  // namespace

B2M_DRIVER(max31855) = {
    .name = "max31855",
    .summary = "Maxim MAX31855 thermocouple converter",
    .datasheet = "Maxim Integrated, MAX31855 19-5793 rev. 5",
    .wiring =
        "3.3 V; the thermocouple must not touch ground; red is its negative wire by the American "
        "colours",
    .bus = BusKind::spi,
    .channels = channels,
    .every_min = 110ms,
    .make_sensor = make,
    .example = R"({"driver": "max31855", "bus": "spidev1.0"})",
};

}  // namespace b2m
