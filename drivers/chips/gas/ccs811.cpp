// CCS811: equivalent CO2 and total VOC, both computed by the part from one signal of a heated metal oxide. ams (now
// ScioSense), CCS811 datasheet v1-06 (February 2019), which ScioSense issued again as revision 2 (December 2020).
// Supported: a result each second (drive mode 1), compensation for a fixed humidity and temperature. Not supported: the
// other drive modes, keeping the baseline, the interrupt, firmware updates. A new part needs 48 hours, and each start
// 20 minutes, until its values mean something. The part stretches the clock, which some adapters cannot bear.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x5a, 0x5b};

// "ALG_RESULT_DATA": the ends of the outputs.
constexpr ChannelSpec specs[] = {{"co2", Quantity::co2, {400e-6, 32'768e-6}, "equivalent, not measured"},
                                 {"tvoc", Quantity::tvoc, {0, 32'768e-9}, {}}};

constexpr Model models[] = {{.name = "ccs811", .summary = "also CJMCU-811"}};

constexpr OptionSpec options[] = {
    {.key = "humidity_percent",
     .type = OptionType::number,
     .summary = "relative humidity that the values are compensated for",
     .fallback = "50",
     .min = 0,
     .max = 100},
    {.key = "temperature_c",
     .type = OptionType::number,
     .summary = "temperature that the values are compensated for",
     .fallback = "25",
     .min = -25,
     .max = 50},
};

// "Application register overview".
constexpr std::uint8_t reg_status = 0x00;
constexpr std::uint8_t reg_meas_mode = 0x01;
constexpr std::uint8_t reg_alg_result_data = 0x02;
constexpr std::uint8_t reg_env_data = 0x05;
constexpr std::uint8_t reg_hw_id = 0x20;
constexpr std::uint8_t reg_error_id = 0xe0;
constexpr std::uint8_t reg_app_start = 0xf4;

constexpr std::uint8_t status_error = 0x01;
constexpr std::uint8_t status_data_ready = 0x08;
constexpr std::uint8_t status_app_valid = 0x10;
constexpr std::uint8_t status_fw_mode = 0x80;  ///< the application runs, not the boot loader

constexpr std::uint8_t hardware_id = 0x81;
constexpr std::uint8_t each_second = 0x10;

/// "ERROR_ID".
std::string describe_errors(std::uint8_t errors) {
  constexpr std::array<std::string_view, 6> meanings{
      "it received an invalid register to write",  "it received an invalid register to read",
      "its measurement mode is not supported",     "its sensor resistance is beyond the range",
      "the current of its heater is out of range", "the voltage of its heater is wrong"};
  for (std::size_t i = 0; i < meanings.size(); ++i)
    if ((errors >> i & 1) != 0) return fmt::format("the chip reports: {}", meanings[i]);
  return fmt::format("the chip reports error 0x{:02x}", errors);
}

Result<> check_identity(const I2cDevice& device) {
  B2M_ASSIGN(const std::uint8_t id, read_u8(device, reg_hw_id));
  if (id == hardware_id) return {};
  return fail(Errc::wrong_chip, fmt::format("register 0x20 reads 0x{:02x}, expected 0x81", id));
}

/// "ENV_DATA": the humidity in 1/512 %, then the temperature above -25 °C in 1/512 K, both with the high byte first.
std::array<std::uint8_t, 5> env_data(double percent, double celsius) {
  const auto humidity = static_cast<unsigned>(std::lround(percent * 512));
  const auto temperature = static_cast<unsigned>(std::lround((celsius + 25) * 512));
  return {reg_env_data, static_cast<std::uint8_t>(humidity >> 8), static_cast<std::uint8_t>(humidity & 0xff),
          static_cast<std::uint8_t>(temperature >> 8), static_cast<std::uint8_t>(temperature & 0xff)};
}

/// Worker only.
class Ccs811 final : public Sensor {
 public:
  Ccs811(I2cDevice device, const std::array<std::uint8_t, 5>& environment)
      : device_(device), environment_(environment) {}
  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(specs); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> start_application();
  Result<Progress> configure();
  Result<Progress> look();
  Result<> check_status(std::uint8_t status) const;

  I2cDevice device_;
  std::array<std::uint8_t, 5> environment_;
  bool starting_ = false;  ///< the application was told to start
  bool waiting_ = false;   ///< for a result
  BoundedWait wait_{100ms, 30, "finish a measurement"};
};

Result<Progress> Ccs811::init() {
  waiting_ = false;
  auto progress = starting_ ? configure() : start_application();
  starting_ = progress && progress->again();
  return progress;
}

/// A part that runs already keeps running, since a restart would cost it its baseline.
Result<Progress> Ccs811::start_application() {
  B2M_TRY(check_identity(device_));
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_status));
  if ((status & status_fw_mode) != 0) return configure();
  if ((status & status_app_valid) == 0) return fail(Errc::unsupported, "the chip has no valid firmware");
  B2M_TRY(device_.write({reg_app_start}));
  return Progress::again_after(2ms);
}

Result<Progress> Ccs811::configure() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_status));
  if ((status & status_fw_mode) == 0) return fail(Errc::io, "the chip did not start its firmware");
  B2M_TRY(write_u8(device_, reg_meas_mode, each_second));
  B2M_TRY(device_.write(environment_));
  return Progress::done();
}

Result<> Ccs811::check_status(std::uint8_t status) const {
  if ((status & status_fw_mode) == 0)
    return fail(Errc::io, "the chip lost its configuration: its firmware has stopped");
  if ((status & status_error) == 0) return {};
  B2M_ASSIGN(const std::uint8_t errors, read_u8(device_, reg_error_id));
  return fail(Errc::io, describe_errors(errors));
}

Result<Progress> Ccs811::trigger() {
  if (!waiting_) wait_.restart();
  auto progress = look();
  waiting_ = progress && progress->again();
  return progress;
}

Result<Progress> Ccs811::look() {
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_status));
  B2M_TRY(check_status(status));
  return (status & status_data_ready) != 0 ? Result<Progress>(Progress::done()) : wait_.again();
}

/// CO2 and VOC, then status and error identification of this very result.
Result<> Ccs811::read(Samples& samples) {
  std::array<std::uint8_t, 6> bytes{};
  B2M_TRY(read_registers(device_, reg_alg_result_data, bytes));
  if ((bytes[4] & status_error) != 0) return fail(Errc::io, describe_errors(bytes[5]));
  const std::uint16_t ppm = be16(&bytes[0]);
  if (ppm == 0) return fail(Errc::not_ready, "the chip has no result yet");
  samples.set(0, ppm * 1e-6);
  samples.set(1, be16(&bytes[2]) * 1e-9);
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const auto environment =
      env_data(context.options.number("humidity_percent"), context.options.number("temperature_c"));
  return std::make_unique<Ccs811>(i2c_device(context), environment);
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(check_identity(device));
  return "ccs811";
}

}  // namespace

B2M_DRIVER(ccs811) = {
    .name = "ccs811",
    .summary = "ScioSense CCS811 air quality sensor",
    .datasheet = "ams, CCS811 datasheet v1-06 (ScioSense: revision 2)",
    .wiring =
        "WAKE to ground; ADDR to ground is address 0x5a, to 3.3 V 0x5b. It stretches the clock, which "
        "the hardware I2C of Raspberry Pi 0 to 3 gets wrong: slow the bus to 10 kHz there",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = specs,
    .options = options,
    .every_min = 1s,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "ccs811", "bus": "i2c-1", "address": "0x5a"})",
};

}  // namespace b2m
