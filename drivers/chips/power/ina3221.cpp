// INA3221: voltage and current of three supplies. Texas Instruments, SBOS576B.
// Supported: continuous conversion of all three, averaging. Not supported: alerts, the sum of the shunts, switching
// single inputs off. The chip has no current register: current and power are computed from the shunts' resistances.
#include <array>
#include <cmath>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"
#include "drivers/engine/identity.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x40, 0x41, 0x42, 0x43};

// §8.6, register maps; input n (from 0) has its shunt voltage at 1 + 2n and its bus voltage at 2 + 2n.
constexpr std::uint8_t reg_config = 0x00;
constexpr std::uint8_t reg_shunt = 0x01;
constexpr std::uint8_t reg_bus = 0x02;
constexpr std::uint8_t reg_manufacturer = 0xfe;
constexpr std::uint8_t reg_die = 0xff;
constexpr std::uint16_t texas_instruments = 0x5449;
constexpr std::uint16_t die = 0x3220;

constexpr std::size_t inputs = 3;
constexpr std::size_t channels_of_input = 4;
constexpr double shunt_step = 40e-6;
constexpr double bus_step = 8e-3;
constexpr std::int32_t largest = 4095;  // 12 bits and a sign; where either is clipped

// What the largest shunt voltage is at the smallest shunt; a running sensor tells its own range.
constexpr Range volt{-largest * bus_step, largest* bus_step};
constexpr Range shunt_volt{-largest * shunt_step, largest* shunt_step};
constexpr Range ampere{-1638, 1638};
constexpr Range watt{-53660, 53660};
// clang-format off
constexpr ChannelSpec channels[] = {
    {"voltage_1", Quantity::voltage, volt, "IN-1 to ground"},
    {"current_1", Quantity::current, ampere, "0.25 % and the shunt's tolerance"},
    {"power_1", Quantity::power, watt, "voltage × current"},
    {"shunt_voltage_1", Quantity::voltage, shunt_volt, "across shunt 1"},
    {"voltage_2", Quantity::voltage, volt, "IN-2 to ground"},
    {"current_2", Quantity::current, ampere, "0.25 % and the shunt's tolerance"},
    {"power_2", Quantity::power, watt, "voltage × current"},
    {"shunt_voltage_2", Quantity::voltage, shunt_volt, "across shunt 2"},
    {"voltage_3", Quantity::voltage, volt, "IN-3 to ground"},
    {"current_3", Quantity::current, ampere, "0.25 % and the shunt's tolerance"},
    {"power_3", Quantity::power, watt, "voltage × current"},
    {"shunt_voltage_3", Quantity::voltage, shunt_volt, "across shunt 3"},
};
// clang-format on
static_assert(std::size(channels) == inputs * channels_of_input);

constexpr std::array<unsigned, 8> averages{1, 4, 16, 64, 128, 256, 512, 1024};

/// The largest code whose count is not above `wanted`.
constexpr unsigned average_code(unsigned wanted) {
  unsigned code = 0;
  while (code + 1 < averages.size() && averages[code + 1] <= wanted) ++code;
  return code;
}

/// Both results are left aligned above three unused bits (§8.6.2.2).
constexpr std::int32_t code_of(std::uint16_t word) { return sign_extend(static_cast<std::uint32_t>(word) >> 3, 13); }
static_assert(code_of(0x0320) == 100);
static_assert(code_of(0xfff8) == -1);

/// Worker only.
class Ina3221 final : public Sensor {
 public:
  Ina3221(I2cDevice device, unsigned average, const std::array<double, inputs>& shunt_ohm)
      : device_(device), average_code_(average), shunt_ohm_(shunt_ohm) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<> read(Samples& samples) override;

 private:
  I2cDevice device_;
  unsigned average_code_;
  std::array<double, inputs> shunt_ohm_;
};

Result<Progress> Ina3221::init() {
  B2M_TRY(expect_be16(device_, reg_manufacturer, texas_instruments));
  B2M_TRY(expect_be16(device_, reg_die, die));
  // §8.6.2.1: all inputs, 1.1 ms averaged, shunt and bus continuous.
  B2M_TRY(write_be16(device_, reg_config, static_cast<std::uint16_t>(0x7127 | average_code_ << 9)));
  return Progress::done_after(2 * inputs * 1210us * averages[average_code_]);
}

std::vector<Channel> Ina3221::channels() const {
  auto found = to_channels(b2m::channels);
  for (std::size_t i = 0; i < inputs; ++i) {
    const double most = shunt_volt.high / shunt_ohm_[i];
    found[channels_of_input * i + 1].range = {-most, most};
    found[channels_of_input * i + 2].range = {-most * volt.high, most * volt.high};
  }
  return found;
}

/// Volt, or out_of_range at either end of the scale, where it may be anywhere beyond.
Result<double> decode(std::uint16_t word, double step, const char* what) {
  const std::int32_t code = code_of(word);
  if (std::abs(code) >= largest) return fail(Errc::out_of_range, what);
  return code * step;
}

Result<> Ina3221::read(Samples& samples) {
  for (std::size_t i = 0; i < inputs; ++i) {
    const auto pair = static_cast<std::uint8_t>(2 * i);
    B2M_ASSIGN(const std::uint16_t shunt_word, read_be16(device_, static_cast<std::uint8_t>(reg_shunt + pair)));
    B2M_ASSIGN(const std::uint16_t bus_word, read_be16(device_, static_cast<std::uint8_t>(reg_bus + pair)));
    const auto shunt = decode(shunt_word, shunt_step, "the voltage across the shunt is beyond ±163.8 mV");
    const auto bus = decode(bus_word, bus_step, "the voltage is beyond 32.76 V");
    const auto current = shunt.map([&](double value) { return value / shunt_ohm_[i]; });
    const std::size_t first = channels_of_input * i;
    samples.set(first, bus);
    samples.set(first + 1, current);
    samples.set(first + 2, current ? bus.map([&](double value) { return value * *current; }) : current);
    samples.set(first + 3, shunt);
  }
  return {};
}

constexpr OptionSpec shunt_option(std::string_view key) {
  return {.key = key,
          .type = OptionType::number,
          .summary = "resistance of this input's shunt",
          .fallback = "0.1",
          .min = 1e-4,
          .max = 100};
}
constexpr std::string_view shunt_keys[] = {"shunt_1_ohm", "shunt_2_ohm", "shunt_3_ohm"};
constexpr OptionSpec options[] = {
    shunt_option(shunt_keys[0]),
    shunt_option(shunt_keys[1]),
    shunt_option(shunt_keys[2]),
    {.key = "averages",
     .type = OptionType::integer,
     .summary = "samples averaged in the chip: the next lower of 1, 4, 16, 64, 128, 256, 512, 1024 is taken",
     .fallback = "16",
     .min = 1,
     .max = 1024},
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  std::array<double, inputs> shunt_ohm{};
  for (std::size_t i = 0; i < inputs; ++i) shunt_ohm[i] = context.options.number(shunt_keys[i]);
  const auto wanted = static_cast<unsigned>(context.options.integer("averages"));
  return std::make_unique<Ina3221>(i2c_device(context), average_code(wanted), shunt_ohm);
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(expect_be16(device, reg_manufacturer, texas_instruments));
  B2M_TRY(expect_be16(device, reg_die, die));
  return "ina3221";
}

}  // namespace

B2M_DRIVER(ina3221) = {
    .name = "ina3221",
    .summary = "TI INA3221 power monitor of three supplies",
    .datasheet = "Texas Instruments, SBOS576B",
    .wiring =
        "each supply goes through its own shunt, all grounds are shared. A0 to ground is address "
        "0x40, to the supply 0x41, to SDA 0x42, to SCL 0x43",
    .bus = BusKind::i2c,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "ina3221", "bus": "i2c-1", "address": "0x40", "shunt_1_ohm": 0.1})",
};

}  // namespace b2m
