// MS5611-01BA03, MS5607-02BA03: pressure and temperature. TE Connectivity, MS5611-01BA03 (2017) and MS5607-02BA03
// (2017). Supported: all oversampling rates, second order compensation. Not supported: SPI. Not probed: a checksum of
// four bits over the memory is too little to tell the parts from others at their addresses.
#include <algorithm>
#include <array>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x76, 0x77};

constexpr ChannelSpec channel_table[] = {{"temperature", Quantity::temperature, {-40, 85}, "±0.8 to ±2 °C"},
                                         {"pressure", Quantity::atmospheric_pressure, {1e3, 120e3}, "±1.5 hPa"}};

constexpr Model models[] = {{.name = "ms5611"}, {.name = "ms5607"}};

// "Commands". The two low bits of the oversampling rate stand from bit 1 on.
constexpr std::uint8_t adc_read = 0x00;
constexpr std::uint8_t reset_command = 0x1e;
constexpr std::uint8_t convert_pressure = 0x40;
constexpr std::uint8_t convert_temperature = 0x50;
constexpr std::uint8_t prom_read = 0xa0;

/// Word 0 is the maker's, words 1 to 6 are C1 to C6, the low nibble of word 7 is the checksum.
using Prom = std::array<std::uint16_t, 8>;

/// AN520: CRC-4 with the polynomial 0x3000 in a remainder of 16 bits, over all bytes with the last one as 0.
constexpr unsigned prom_checksum(const Prom& prom) {
  unsigned remainder = 0;
  for (std::size_t i = 0; i < 2 * prom.size(); ++i) {
    const unsigned word = i == 15 ? 0 : prom[i / 2];
    remainder ^= i % 2 == 0 ? word >> 8 : word & 0xff;
    for (int bit = 0; bit < 8; ++bit) remainder = (remainder & 0x8000) != 0 ? remainder << 1 ^ 0x3000 : remainder << 1;
    remainder &= 0xffff;
  }
  return remainder >> 12;
}
static_assert(prom_checksum({0x3132, 0x3334, 0x3536, 0x3738, 0x3940, 0x4142, 0x4344, 0x450b}) == 0xb, "AN520");

constexpr bool is_good(const Prom& prom) {
  const bool empty = std::all_of(prom.begin() + 1, prom.begin() + 7, [](auto word) { return word == 0; });
  return !empty && prom_checksum(prom) == (prom[7] & 0xf);
}

/// What the two parts differ by: the weights of first and second order.
struct Scale {
  double sensitivity, sensitivity_slope, offset, offset_slope;
  double cold_offset, cold_sensitivity, very_cold_offset, very_cold_sensitivity;
};
constexpr Scale ms5611{1 << 15, 1.0 / (1 << 8), 1 << 16, 1.0 / (1 << 7), 5.0 / 2, 5.0 / 4, 7, 11.0 / 2};
constexpr Scale ms5607{1 << 16, 1.0 / (1 << 7), 1 << 17, 1.0 / (1 << 6), 61.0 / 16, 2, 15, 8};

struct Measurement {
  double celsius;
  double pa;
};

/// "Pressure and temperature calculation", with "second order temperature compensation" below 20 °C.
constexpr Measurement compensate(std::uint32_t d1, std::uint32_t d2, const Prom& c, const Scale& scale) {
  const double dt = d2 - c[5] * 256.0;
  double temperature = 2000 + dt * c[6] / 8388608;  // 1/100 °C
  double offset = c[2] * scale.offset + c[4] * dt * scale.offset_slope;
  double sensitivity = c[1] * scale.sensitivity + c[3] * dt * scale.sensitivity_slope;
  if (temperature < 2000) {
    const double cold = (temperature - 2000) * (temperature - 2000);
    const double very_cold = temperature < -1500 ? (temperature + 1500) * (temperature + 1500) : 0;
    offset -= scale.cold_offset * cold + scale.very_cold_offset * very_cold;
    sensitivity -= scale.cold_sensitivity * cold + scale.very_cold_sensitivity * very_cold;
    temperature -= dt * dt / 2147483648.0;
  }
  return {temperature / 100, (d1 * sensitivity / 2097152 - offset) / 32768};
}

namespace worked_examples {  // figure "Flow chart for pressure and temperature reading" of either datasheet
constexpr bool near(double value, double truncated, double step) {
  return value >= truncated && value < truncated + step;
}
constexpr Measurement a = compensate(9085466, 8569150, {0, 40127, 36924, 23317, 23282, 33464, 28312, 0}, ms5611);
static_assert(near(a.celsius, 20.07, 0.01) && near(a.pa, 100009, 1));
constexpr Measurement b = compensate(6465444, 8077636, {0, 46372, 43981, 29059, 27842, 31553, 28165, 0}, ms5607);
static_assert(near(b.celsius, 20.00, 0.01) && near(b.pa, 110002, 1));
}  // namespace worked_examples

constexpr std::string_view oversamplings[] = {"256", "512", "1024", "2048", "4096"};
/// "Performance specifications", the longest conversions.
constexpr std::array<std::chrono::microseconds, 5> conversion_times{600us, 1170us, 2280us, 4540us, 9040us};

/// Worker only.
class Ms5611 final : public Sensor {
 public:
  Ms5611(I2cDevice device, const Scale& scale, std::size_t oversampling)
      : device_(device), scale_(scale), oversampling_(oversampling) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> reset();
  Result<Progress> read_prom();
  Result<> convert(std::uint8_t command) const;
  Result<std::uint32_t> fetch() const;
  Result<Progress> start_pressure();
  Result<Progress> start_temperature();

  I2cDevice device_;
  Scale scale_;
  std::size_t oversampling_;  ///< row of the tables above
  bool resetting_ = false;
  bool converting_pressure_ = false;
  Prom prom_{};
  std::uint32_t raw_pressure_ = 0;
};

Result<Progress> Ms5611::init() {
  converting_pressure_ = false;
  auto progress = resetting_ ? read_prom() : reset();
  resetting_ = progress && progress->again();
  return progress;
}

Result<Progress> Ms5611::reset() {
  B2M_TRY(device_.write({reset_command}));
  return Progress::again_after(3ms);  // 2.8 ms
}

Result<Progress> Ms5611::read_prom() {
  for (std::size_t i = 0; i < prom_.size(); ++i) {
    B2M_ASSIGN(prom_[i], read_be16(device_, static_cast<std::uint8_t>(prom_read + 2 * i)));
  }
  if (!is_good(prom_)) return fail(Errc::checksum, "calibration memory");
  return Progress::done();
}

Result<Progress> Ms5611::trigger() {
  auto progress = converting_pressure_ ? start_temperature() : start_pressure();
  converting_pressure_ = progress && progress->again();
  return progress;
}

Result<> Ms5611::convert(std::uint8_t command) const {
  return device_.write({static_cast<std::uint8_t>(command + 2 * oversampling_)});
}

/// The result reads 0 when the conversion has not ended or was none.
Result<std::uint32_t> Ms5611::fetch() const {
  std::array<std::uint8_t, 3> bytes{};
  B2M_TRY(read_registers(device_, adc_read, bytes));
  const std::uint32_t raw = be24(bytes.data());
  if (raw == 0) return fail(Errc::not_ready, "the conversion has not ended");
  return raw;
}

Result<Progress> Ms5611::start_pressure() {
  B2M_TRY(convert(convert_pressure));
  return Progress::again_after(conversion_times[oversampling_]);
}

Result<Progress> Ms5611::start_temperature() {
  B2M_ASSIGN(raw_pressure_, fetch());
  B2M_TRY(convert(convert_temperature));
  return Progress::done_after(conversion_times[oversampling_]);
}

Result<> Ms5611::read(Samples& samples) {
  B2M_ASSIGN(const std::uint32_t raw_temperature, fetch());
  const Measurement measurement = compensate(raw_pressure_, raw_temperature, prom_, scale_);
  samples.set(0, measurement.celsius);
  samples.set(1, measurement.pa);
  return {};
}

constexpr OptionSpec options[] = {{.key = "oversampling",
                                   .type = OptionType::choice,
                                   .summary = "oversampling rate of the converter: higher is less noisy",
                                   .fallback = "4096",
                                   .choices = oversamplings}};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const auto* chosen =
      std::find(std::begin(oversamplings), std::end(oversamplings), context.options.text("oversampling"));
  return std::make_unique<Ms5611>(i2c_device(context), models[context.model].name == "ms5607" ? ms5607 : ms5611,
                                  static_cast<std::size_t>(chosen - oversamplings));
}

}  // namespace

B2M_DRIVER(ms5611) = {
    .name = "ms5611",
    .summary = "TE MS5611 and MS5607 pressure and temperature sensors",
    .datasheet = "TE Connectivity, MS5611-01BA03 (2017); MS5607-02BA03 (2017); AN520",
    .wiring =
        "CSB to ground is address 0x77, to 3.3 V 0x76, the other way round than most; PS stays at 3.3 "
        "V for I2C",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channel_table,
    .options = options,
    .every_min = 50ms,
    .make_sensor = make,
    .example = R"({"driver": "ms5611", "bus": "i2c-1", "address": "0x77"})",
};

}  // namespace b2m
