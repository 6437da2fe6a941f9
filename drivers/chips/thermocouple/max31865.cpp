// MAX31865: converter for platinum resistance thermometers. Maxim, MAX31865 19-6478 rev. 3; IEC 60751:2008.
// Supported: PT100, PT500, PT1000 and any other nominal resistance, two to four wires, single conversions (the current
// through the thermometer is on only for them), the part's faults. Not supported: continuous conversion, fault
// thresholds other than the open and shorted ones that the part has after power-on, the fault detection cycle.
#include <cmath>
#include <string>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"
#include "drivers/engine/spi_device.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr SpiFormat format{.mode = 1, .speed_hz = 1'000'000};  // mode 1 or 3, up to 5 MHz

constexpr ChannelSpec channels[] = {
    {"temperature", Quantity::temperature, {-200, 850}, "±0.5 °C and the thermometer's"},
    {"resistance", Quantity::resistance, {0, 20e3}, "of the thermometer"}};

constexpr std::string_view wirings[] = {"2", "3", "4"};
constexpr std::string_view mains[] = {"50", "60"};
constexpr OptionSpec options[] = {
    {.key = "r0_ohm",
     .type = OptionType::number,
     .summary = "resistance of the thermometer at 0 °C: 100 for PT100, 1000 for PT1000",
     .fallback = "100",
     .min = 10,
     .max = 10'000},
    {.key = "reference_ohm",
     .type = OptionType::number,
     .summary = "reference resistor on the board: mostly 430 for PT100, 4300 for PT1000",
     .fallback = "430",
     .min = 20,
     .max = 50'000},
    {.key = "wires",
     .type = OptionType::choice,
     .summary = "wires to the thermometer",
     .fallback = "2",
     .choices = wirings},
    {.key = "mains_hz",
     .type = OptionType::choice,
     .summary = "mains frequency whose hum is filtered out",
     .fallback = "50",
     .choices = mains},
};

// Table 1 and 2.
constexpr std::uint8_t reg_config = 0x00;
constexpr std::uint8_t reg_rtd = 0x01;
constexpr std::uint8_t reg_fault = 0x07;
constexpr std::uint8_t write_bit = 0x80;
constexpr std::uint8_t bias_on = 0x80;
constexpr std::uint8_t one_shot = 0x20;
constexpr std::uint8_t three_wires = 0x10;
constexpr std::uint8_t clear_faults = 0x02;
constexpr std::uint8_t filter_50_hz = 0x01;
constexpr std::uint8_t detection_cycle = 0x0c;                            // reads 0 while none runs
constexpr std::uint8_t kept_bits = bias_on | three_wires | filter_50_hz;  // one shot and clear reset themselves
constexpr std::uint16_t fault_bit = 0x0001;                               // of the result
constexpr unsigned full_scale = 32768;

// "1-shot": ten and a half time constants of the input filter (100 nF behind 430 Ω to 4.3 kΩ) and 1 ms; the longest
// conversions are 66 ms with the 50 Hz filter, 55 ms with the other.
constexpr auto settling = 10ms;
constexpr auto conversion = 66ms;

// IEC 60751: R = R0 (1 + A t + B t² + C (t - 100) t³), the last term below 0 °C alone.
constexpr double a = 3.9083e-3;
constexpr double b = -5.775e-7;
constexpr double c = -4.183e-12;

/// R / R0 at a temperature.
constexpr double resistance_ratio(double t) {
  const double cold = t < 0 ? c * (t - 100) * t * t * t : 0;
  return 1 + a * t + b * t * t + cold;
}
constexpr double slope(double t) {
  const double cold = t < 0 ? c * (4 * t - 300) * t * t : 0;
  return a + 2 * b * t + cold;
}

/// The temperature at which R / R0 is `ratio`. Newton's method doubles its digits with each step: from a straight line
/// at 0 °C, six suffice over the whole range.
Result<double> temperature_of(double ratio) {
  if (ratio < resistance_ratio(-200) || ratio > resistance_ratio(850))
    return fail(Errc::out_of_range, "no platinum thermometer of this nominal resistance has this one");
  double t = (ratio - 1) / a;
  for (int step = 0; step < 6; ++step) t -= (resistance_ratio(t) - ratio) / slope(t);
  return t;
}

/// Table 7, fault status.
std::string fault_text(std::uint8_t status) {
  constexpr struct {
    std::uint8_t bit;
    std::string_view text;
  } rows[] = {{0x80, "the thermometer is not connected"},
              {0x40, "the thermometer is shorted"},
              {0x20, "REFIN- is above 0.85 VBIAS"},
              {0x10, "REFIN- is below 0.85 VBIAS with FORCE- open"},
              {0x08, "RTDIN- is below 0.85 VBIAS with FORCE- open"},
              {0x04, "over- or undervoltage at an input"}};
  for (const auto& row : rows)
    if ((status & row.bit) != 0) return std::string(row.text);
  return "the part reports a fault";
}

/// Switches the current on, lets it settle, converts once, switches it off.
/// Worker only.
class Max31865 final : public Sensor {
 public:
  struct Setup {
    double r0;
    double reference;
    std::uint8_t config;  ///< wires and filter
  };
  Max31865(SpiBus& bus, const Setup& setup) : device_{&bus, format}, setup_(setup) {}
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(b2m::channels); }

  /// The part has no identity, but it keeps what is written.
  Result<Progress> init() override {
    biased_ = false;
    B2M_TRY(configure(bias_on | clear_faults));
    B2M_ASSIGN(const auto found, read_registers<1>(reg_config));
    if ((found[0] & (kept_bits | detection_cycle)) != (setup_.config | bias_on))
      return fail(Errc::wrong_chip, "the configuration does not stay as written");
    B2M_TRY(configure(0));
    return Progress::done();
  }

  Result<Progress> trigger() override {
    if (!std::exchange(biased_, false)) {
      B2M_TRY(configure(bias_on));
      biased_ = true;
      return Progress::again_after(settling);
    }
    B2M_TRY(configure(bias_on | one_shot));
    return Progress::done_after(conversion);
  }

  Result<> read(Samples& samples) override {
    B2M_ASSIGN(const auto bytes, read_registers<2>(reg_rtd));
    B2M_TRY(configure(0));
    const std::uint16_t word = be16(bytes.data());
    if ((word & fault_bit) != 0) return fault();
    const unsigned code = word >> 1;
    if (code == 0) return fail(Errc::out_of_range, "the thermometer is shorted");
    if (code == full_scale - 1) return fail(Errc::out_of_range, "the thermometer is not connected");
    const double resistance = code * setup_.reference / full_scale;
    samples.set(0, temperature_of(resistance / setup_.r0));
    samples.set(1, resistance);
    return {};
  }

 private:
  template <std::size_t size>
  Result<std::array<std::uint8_t, size>> read_registers(std::uint8_t first) const {
    B2M_ASSIGN(const auto answer, device_.exchange(std::array<std::uint8_t, size + 1>{first}));
    std::array<std::uint8_t, size> bytes{};
    std::copy(answer.begin() + 1, answer.end(), bytes.begin());
    return bytes;
  }

  Result<> configure(std::uint8_t bits) const {
    B2M_TRY(device_.exchange(
        std::array<std::uint8_t, 2>{reg_config | write_bit, static_cast<std::uint8_t>(setup_.config | bits)}));
    return {};
  }

  Result<> fault() const {
    B2M_ASSIGN(const auto status, read_registers<1>(reg_fault));
    B2M_TRY(configure(clear_faults));
    return fail(Errc::out_of_range, fault_text(status[0]));
  }

  SpiDevice device_;
  Setup setup_;
  bool biased_ = false;
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const bool three = context.options.text("wires") == "3";
  const bool fifty = context.options.text("mains_hz") == "50";
  return std::make_unique<Max31865>(
      *context.spi,
      Max31865::Setup{.r0 = context.options.number("r0_ohm"),
                      .reference = context.options.number("reference_ohm"),
                      .config = static_cast<std::uint8_t>((three ? three_wires : 0) | (fifty ? filter_50_hz : 0))});
}

}  // namespace

B2M_DRIVER(max31865) = {
    .name = "max31865",
    .summary = "Maxim MAX31865 converter for PT100 and PT1000 thermometers",
    .datasheet = "Maxim Integrated, MAX31865 19-6478 rev. 3",
    .wiring =
        "solder jumpers of the board select two, three or four wires; its reference resistor is 430 "
        "Ω for a PT100, 4300 Ω for a PT1000",
    .bus = BusKind::spi,
    .channels = channels,
    .options = options,
    .every_min = 200ms,
    .make_sensor = make,
    .example = R"({"driver": "max31865", "bus": "spidev1.0", "r0_ohm": 100, "reference_ohm": 430, "wires": "3"})",
};

}  // namespace b2m
