// OPT3001, OPT3002, OPT3004, OPT3006, OPT3007: ambient light, of the OPT3002 irradiance. Texas Instruments, SBOS681C,
// SBOS745A, SBOS763, SBOS698A, SBOS864. Supported: single conversions with automatic range. Not supported: fixed
// ranges, limits, interrupt. The OPT3002 has no identity.
#include <array>
#include <memory>

#include "drivers/engine/bounded_wait.hpp"
#include "drivers/engine/identity.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x44, 0x45, 0x46, 0x47};
constexpr std::uint8_t opt3007_address[] = {0x45};

// SBOS681C §7.6, register maps.
constexpr std::uint8_t reg_result = 0x00;
constexpr std::uint8_t reg_config = 0x01;
constexpr std::uint8_t reg_manufacturer = 0x7e;
constexpr std::uint8_t reg_device = 0x7f;
constexpr std::uint16_t texas_instruments = 0x5449;
constexpr std::uint16_t device = 0x3001;       // the relatives with a device ID have this one too
constexpr std::uint16_t single_shot = 0xc210;  // automatic range, 100 ms, one conversion, latched comparison
constexpr std::uint16_t time_800ms = 0x0800;
constexpr std::uint16_t overflow = 0x0100;
constexpr std::uint16_t ready = 0x0080;

// The mantissa has 12 bits, the largest exponent is 11.
constexpr double steps = 4095 * 2048.0;
constexpr ChannelSpec lux_channels[] = {{"illuminance", Quantity::illuminance, {0, 0.01 * steps}}};
constexpr ChannelSpec watt_channels[] = {{"irradiance", Quantity::irradiance, {0, 1.2e-5 * steps}, "at 505 nm"}};

struct Chip {
  Model model;
  double step;  ///< lx or W/m²
  bool has_device_id = true;
};
// clang-format off
constexpr std::array chips{
    Chip{{.name = "opt3001", .channels = lux_channels, .summary = "illuminance"}, 0.01},
    Chip{{.name = "opt3002", .channels = watt_channels, .summary = "irradiance, 300 to 1000 nm"}, 1.2e-5, false},
    Chip{{.name = "opt3004", .channels = lux_channels, .summary = "illuminance"}, 0.01},
    Chip{{.name = "opt3006", .channels = lux_channels, .summary = "illuminance"}, 0.01},
    Chip{{.name = "opt3007", .addresses = opt3007_address, .channels = lux_channels, .summary = "illuminance"}, 0.01},
};
// clang-format on
constexpr auto models = [] {
  std::array<Model, chips.size()> rows{};
  for (std::size_t i = 0; i < chips.size(); ++i) rows[i] = chips[i].model;
  return rows;
}();

/// A range of four bits above a mantissa of twelve.
constexpr double decode(std::uint16_t word, double step) { return (1U << (word >> 12)) * (word & 0x0fffU) * step; }
static_assert(decode(0x789a, 1) == 281856, "SBOS681C table 10, 2818.56 lx");

/// Worker only.
class Opt3001 final : public Sensor {
 public:
  Opt3001(I2cDevice at, const Chip& chip, bool slow) : device_(at), chip_(chip), slow_(slow) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(chip_.model.channels); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> start();
  Result<Progress> look();

  I2cDevice device_;
  const Chip& chip_;
  bool slow_;
  bool converting_ = false;
  bool overflow_ = false;
  BoundedWait wait_{10ms, 50, "finish its conversion"};
};

Result<Progress> Opt3001::init() {
  converting_ = false;
  B2M_TRY(expect_be16(device_, reg_manufacturer, texas_instruments));
  if (chip_.has_device_id) B2M_TRY(expect_be16(device_, reg_device, device));
  return Progress::done();
}

Result<Progress> Opt3001::trigger() {
  auto progress = converting_ ? look() : start();
  converting_ = progress && progress->again();
  return progress;
}

/// SBOS681C §6.5: 110 and 880 ms at the longest; finding the range takes some 10 ms more (§7.4.1).
Result<Progress> Opt3001::start() {
  const auto config = static_cast<std::uint16_t>(slow_ ? single_shot | time_800ms : single_shot);
  B2M_TRY(write_be16(device_, reg_config, config));
  wait_.restart();
  return Progress::again_after(slow_ ? 890ms : 120ms);
}

Result<Progress> Opt3001::look() {
  B2M_ASSIGN(const std::uint16_t config, read_be16(device_, reg_config));
  if ((config & ready) == 0) return wait_.again();
  overflow_ = (config & overflow) != 0;
  return Progress::done();
}

Result<> Opt3001::read(Samples& samples) {
  if (overflow_) return fail(Errc::out_of_range, "too much light");
  B2M_ASSIGN(const std::uint16_t word, read_be16(device_, reg_result));
  samples.set(0, decode(word, chip_.step));
  return {};
}

constexpr std::string_view times[] = {"100ms", "800ms"};
constexpr OptionSpec options[] = {{.key = "conversion_time",
                                   .type = OptionType::choice,
                                   .summary = "800ms is finer in the dark",
                                   .fallback = "800ms",
                                   .choices = times}};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Opt3001>(i2c_device(context), chips[context.model],
                                   context.options.text("conversion_time") == "800ms");
}

Result<std::string_view> probe(const I2cDevice& at) {
  B2M_TRY(expect_be16(at, reg_manufacturer, texas_instruments));
  B2M_TRY(expect_be16(at, reg_device, device));
  return "opt3001";
}

}  // namespace

B2M_DRIVER(opt3001) = {
    .name = "opt3001",
    .summary = "TI OPT3001 and relatives, ambient light sensors",
    .datasheet = "Texas Instruments, SBOS681C, SBOS745A, SBOS763, SBOS698A, SBOS864",
    .wiring = "ADDR to ground is address 0x44, to 3.3 V 0x45, to SDA 0x46, to SCL 0x47",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = lux_channels,
    .options = options,
    .every_min = 150ms,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "opt3001", "bus": "i2c-1", "address": "0x44"})",
};

}  // namespace b2m
