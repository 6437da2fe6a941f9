// INA219, INA220, INA226, INA230, INA231, INA260: voltage, current and power of a supply. Texas Instruments, SBOS448G,
// SBOS459F, SBOS547B, SBOS601A, SBOS644D, SBOS656C.
// Supported: continuous conversion of shunt and bus, averaging, the shunt ranges of the INA219. Current and power are
// computed here from the shunt voltage, so that no calibration register is needed: it limits the resolution, can
// overflow, and is lost by a dip of the supply. The steps of the results are the same in every setting of the chip; a
// chip that lost its configuration goes on with its power-on one, continuous and unaveraged, and its readings stay
// true. Not supported: alerts, triggered conversion. The INA219, INA220, INA230 and INA231 have no identity that is
// documented.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"
#include "drivers/engine/identity.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47,
                                      0x48, 0x49, 0x4a, 0x4b, 0x4c, 0x4d, 0x4e, 0x4f};

constexpr std::uint8_t reg_config = 0x00;
constexpr std::uint8_t reg_shunt = 0x01;  // INA260: current
constexpr std::uint8_t reg_bus = 0x02;
constexpr std::uint8_t reg_manufacturer = 0xfe;
constexpr std::uint8_t reg_die = 0xff;
constexpr std::uint16_t texas_instruments = 0x5449;
constexpr std::uint16_t die_mask = 0xfff0;  // the rest is the revision

// What the largest shunt voltage is at the smallest shunt; a running sensor tells its own range.
constexpr ChannelSpec channels[] = {
    {"voltage", Quantity::voltage, {0, 36}, "of the supply, IN- or VBUS to ground"},
    {"current", Quantity::current, {-3200, 3200}, "0.5 to 1 % and the shunt's tolerance"},
    {"power", Quantity::power, {-102400, 102400}, "voltage × current"},
    {"shunt_voltage", Quantity::voltage, {-0.32, 0.32}, "across the shunt; not INA260"},
};

/// How often a conversion is averaged in the chip, in the order of the codes.
constexpr std::array<unsigned, 8> averages_ina219{1, 2, 4, 8, 16, 32, 64, 128};
constexpr std::array<unsigned, 8> averages_ina226{1, 4, 16, 64, 128, 256, 512, 1024};

enum class Layout : std::uint8_t { ina219, ina226 };  ///< of the configuration register

struct Chip {
  std::string_view name;
  std::string_view summary;
  Layout layout;
  double shunt_step;      ///< V; for a chip with its shunt inside: A
  double bus_step;        ///< V
  double bus_end;         ///< V, the largest
  std::uint16_t die = 0;  ///< 0: none
  bool shunt_inside = false;
};

// clang-format off
constexpr std::array chips{
    Chip{"ina219", "shunt ±320 mV, bus 0 to 26 V", Layout::ina219, 10e-6, 4e-3, 32},
    Chip{"ina220", "shunt ±320 mV, bus 0 to 26 V", Layout::ina219, 10e-6, 4e-3, 32},
    Chip{"ina226", "shunt ±82 mV, bus 0 to 36 V", Layout::ina226, 2.5e-6, 1.25e-3, 40.96, 0x2260},
    Chip{"ina230", "shunt ±82 mV, bus 0 to 28 V", Layout::ina226, 2.5e-6, 1.25e-3, 40.96},
    Chip{"ina231", "shunt ±82 mV, bus 0 to 28 V", Layout::ina226, 2.5e-6, 1.25e-3, 40.96},
    Chip{"ina260", "±15 A, its shunt inside", Layout::ina226, 1.25e-3, 1.25e-3, 40.96, 0x2270, true},
};
// clang-format on

constexpr auto models = [] {
  std::array<Model, chips.size()> rows{};
  for (std::size_t i = 0; i < chips.size(); ++i) {
    rows[i] = {.name = chips[i].name, .summary = chips[i].summary, .has_identity = chips[i].die != 0};
    if (chips[i].shunt_inside) rows[i].channels = std::span(channels).first(3);
  }
  return rows;
}();

constexpr std::string_view shunt_ranges[] = {"40mV", "80mV", "160mV", "320mV"};

/// The largest code whose count is not above `wanted`.
constexpr unsigned average_code(const std::array<unsigned, 8>& counts, unsigned wanted) {
  unsigned code = 0;
  while (code + 1 < counts.size() && counts[code + 1] <= wanted) ++code;
  return code;
}
static_assert(average_code(averages_ina226, 100) == 3);

/// A chip as its options configure it.
struct Setup {
  Chip chip;
  std::uint16_t config;
  std::chrono::microseconds first_result;
  std::int32_t shunt_end;  ///< the code at which the shunt voltage is clipped, of either sign
  double ampere_per_volt;  ///< of the shunt; 1 for a chip that tells amperes
};

/// SBOS448G table 4: 32 V, 12 bits averaged, shunt and bus continuous.
Setup make_ina219(const Chip& chip, unsigned averages, unsigned range, double shunt_ohm) {
  const unsigned code = average_code(averages_ina219, averages);
  const unsigned adc = 8 | code;
  return {chip, static_cast<std::uint16_t>(0x2007 | range << 11 | adc << 7 | adc << 3),
          2 * 586us * averages_ina219[code], 4000 << range, 1 / shunt_ohm};
}

/// SBOS547B table 7-2, SBOS656C table 3: 1.1 ms averaged, both continuous. The fixed bits differ.
Setup make_ina226(const Chip& chip, unsigned averages, double shunt_ohm) {
  const unsigned code = average_code(averages_ina226, averages);
  const unsigned fixed = chip.shunt_inside ? 0x6127 : 0x4127;
  return {chip, static_cast<std::uint16_t>(fixed | code << 9), 2 * 1210us * averages_ina226[code], 32767,
          chip.shunt_inside ? 1 : 1 / shunt_ohm};
}

/// Worker only.
class Ina2xx final : public Sensor {
 public:
  Ina2xx(I2cDevice device, const Setup& setup) : device_(device), setup_(setup) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<> read(Samples& samples) override;

 private:
  /// Volt, or ampere with the shunt inside.
  [[nodiscard]] Result<double> decode_shunt(std::uint16_t word) const;
  /// Volt.
  [[nodiscard]] double decode_bus(std::uint16_t word) const;

  I2cDevice device_;
  Setup setup_;
};

Result<> check_identity(const I2cDevice& device, const Chip& chip) {
  if (chip.die == 0) return {};
  B2M_TRY(expect_be16(device, reg_manufacturer, texas_instruments));
  return expect_be16(device, reg_die, chip.die, die_mask);
}

Result<Progress> Ina2xx::init() {
  B2M_TRY(check_identity(device_, setup_.chip));
  B2M_TRY(write_be16(device_, reg_config, setup_.config));
  return Progress::done_after(setup_.first_result);
}

std::vector<Channel> Ina2xx::channels() const {
  const double shunt = setup_.shunt_end * setup_.chip.shunt_step;
  const double ampere = shunt * setup_.ampere_per_volt;
  const double watt = ampere * setup_.chip.bus_end;
  std::vector<Channel> found{{"voltage", Quantity::voltage, {0, setup_.chip.bus_end}},
                             {"current", Quantity::current, {-ampere, ampere}},
                             {"power", Quantity::power, {-watt, watt}}};
  if (!setup_.chip.shunt_inside) found.push_back({"shunt_voltage", Quantity::voltage, {-shunt, shunt}});
  return found;
}

Result<double> Ina2xx::decode_shunt(std::uint16_t word) const {
  const std::int32_t code = sign_extend(word, 16);
  if (std::abs(code) >= setup_.shunt_end)
    return fail(Errc::out_of_range, setup_.chip.shunt_inside ? "the current is beyond what the chip can measure"
                                                             : "the voltage across the shunt is beyond the range");
  return code * setup_.chip.shunt_step;
}

double Ina2xx::decode_bus(std::uint16_t word) const {
  // SBOS448G §8.6.3.2: the INA219 keeps two flags below the result.
  const unsigned flags = setup_.chip.layout == Layout::ina219 ? 3 : 0;
  return (word >> flags) * setup_.chip.bus_step;
}

Result<> Ina2xx::read(Samples& samples) {
  B2M_ASSIGN(const std::uint16_t shunt_word, read_be16(device_, reg_shunt));
  B2M_ASSIGN(const std::uint16_t bus_word, read_be16(device_, reg_bus));
  const double volt = decode_bus(bus_word);
  const auto shunt = decode_shunt(shunt_word);
  const auto ampere = shunt.map([&](double value) { return value * setup_.ampere_per_volt; });
  samples.set(0, volt);
  samples.set(1, ampere);
  samples.set(2, ampere.map([&](double value) { return value * volt; }));
  if (!setup_.chip.shunt_inside) samples.set(3, shunt);
  return {};
}

constexpr OptionSpec options[] = {
    {.key = "shunt_ohm",
     .type = OptionType::number,
     .summary = "resistance of the shunt; the INA260 has its own inside",
     .fallback = "0.1",
     .min = 1e-4,
     .max = 100},
    {.key = "averages",
     .type = OptionType::integer,
     .summary = "samples averaged in the chip: the next lower number that it can is taken",
     .fallback = "16",
     .min = 1,
     .max = 1024},
    {.key = "shunt_range",
     .type = OptionType::choice,
     .summary = "largest voltage across the shunt of an INA219 or INA220; a smaller one has less offset",
     .fallback = "320mV",
     .choices = shunt_ranges},
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const Chip& chip = chips[context.model];
  const auto averages = static_cast<unsigned>(context.options.integer("averages"));
  const double shunt_ohm = context.options.number("shunt_ohm");
  const auto* range = std::find(std::begin(shunt_ranges), std::end(shunt_ranges), context.options.text("shunt_range"));
  return std::make_unique<Ina2xx>(
      i2c_device(context), chip.layout == Layout::ina219
                               ? make_ina219(chip, averages, static_cast<unsigned>(range - shunt_ranges), shunt_ohm)
                               : make_ina226(chip, averages, shunt_ohm));
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(expect_be16(device, reg_manufacturer, texas_instruments));
  B2M_ASSIGN(const std::uint16_t die, read_be16(device, reg_die));
  for (const auto& chip : chips)
    if (chip.die != 0 && chip.die == (die & die_mask)) return chip.name;
  return fail(Errc::wrong_chip, fmt::format("the die 0x{:04x} is none of this driver's", die));
}

}  // namespace

B2M_DRIVER(ina2xx) = {
    .name = "ina2xx",
    .summary = "TI INA219, INA220, INA226, INA230, INA231 and INA260 power monitors",
    .datasheet = "Texas Instruments, SBOS448G, SBOS459F, SBOS547B, SBOS601A, SBOS644D, SBOS656C",
    .wiring =
        "the load's supply goes through Vin+ and Vin-, its ground is shared with the board. A0 and A1 "
        "(solder jumpers) select addresses from 0x40 on",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "ina219", "bus": "i2c-1", "address": "0x40", "shunt_ohm": 0.1})",
};

}  // namespace b2m
