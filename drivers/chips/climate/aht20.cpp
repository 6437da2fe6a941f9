// AHT20 and its kin, AHT10 and its kin: humidity and temperature. Aosong (ASAIR), AHT20 product manual V1.1 (sections
// below), AHT10 technical manual V1.1, DHT20 product manual V1.0.
// The two generations differ by the initialization command and by the checksum, which the older one does not have. Not
// probed: the parts have no identity, and others share the address.
#include <fmt/format.h>

#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"
#include "drivers/engine/checksum.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t all_addresses[] = {0x38, 0x39};
constexpr std::uint8_t aht20_address[] = {0x38};

constexpr ChannelSpec channel_table[] = {{"temperature", Quantity::temperature, {-40, 85}, "±0.3 °C"},
                                         {"humidity", Quantity::relative_humidity, {0, 100}, "±2 %"}};

constexpr Model models[] = {
    {.name = "aht20", .addresses = aht20_address},   {.name = "aht21", .addresses = aht20_address},
    {.name = "aht25", .addresses = aht20_address},   {.name = "dht20", .addresses = aht20_address},
    {.name = "am2301b", .addresses = aht20_address}, {.name = "aht10", .summary = "without checksum"},
    {.name = "aht15", .summary = "without checksum"}};

/// What the generations differ by.
struct Generation {
  std::uint8_t initialize;
  std::size_t frame_size;
  bool has_checksum;
};
constexpr Generation aht10{.initialize = 0xe1, .frame_size = 6, .has_checksum = false};
constexpr Generation aht20{.initialize = 0xbe, .frame_size = 7, .has_checksum = true};

constexpr Generation generation_of(std::string_view model) {
  return model == "aht10" || model == "aht15" ? aht10 : aht20;
}

// §5.3, §5.4.
constexpr std::uint8_t soft_reset = 0xba;
constexpr std::uint8_t measure = 0xac;
constexpr std::uint8_t status_busy = 0x80;
constexpr std::uint8_t status_calibrated = 0x08;

using Frame = std::array<std::uint8_t, 7>;  ///< status, 20 bits of humidity, 20 bits of temperature, checksum

constexpr std::uint32_t raw_humidity(const Frame& f) { return be24(&f[1]) >> 4; }
constexpr std::uint32_t raw_temperature(const Frame& f) { return be24(&f[3]) & 0x0fffff; }

// §6.1, §6.2.
constexpr double full_scale = 1 << 20;
constexpr double percent(std::uint32_t raw) { return raw / full_scale * 100; }
constexpr double celsius(std::uint32_t raw) { return raw / full_scale * 200 - 50; }
static_assert(celsius(raw_temperature({0x1c, 0x80, 0x00, 0x06, 0x00, 0x00})) == 25);
static_assert(percent(raw_humidity({0x1c, 0x80, 0x00, 0x06, 0x00, 0x00})) == 50);

/// Worker only.
class Aht20 final : public Sensor {
 public:
  Aht20(I2cDevice device, Generation generation) : device_(device), generation_(generation) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  Result<Progress> reset();
  Result<Progress> calibrate();
  Result<Progress> start_measurement();
  Result<Progress> fetch_measurement();

  I2cDevice device_;
  Generation generation_;
  bool resetting_ = false;
  bool measuring_ = false;
  Frame frame_{};
  BoundedWait conversion_{10ms, 10, "finish its measurement"};
};

Result<Progress> Aht20::init() {
  measuring_ = false;
  auto progress = resetting_ ? calibrate() : reset();
  resetting_ = progress && progress->again();
  return progress;
}

Result<Progress> Aht20::reset() {
  B2M_TRY(device_.write({soft_reset}));
  return Progress::again_after(20ms);  // §5.5
}

/// Asked for once: some copies never show the bit.
Result<Progress> Aht20::calibrate() {
  std::array<std::uint8_t, 1> status{};
  B2M_TRY(device_.read(status));
  if ((status[0] & status_calibrated) != 0) return Progress::done();
  B2M_TRY(device_.write({generation_.initialize, 0x08, 0x00}));
  return Progress::done_after(10ms);
}

Result<Progress> Aht20::trigger() {
  auto progress = measuring_ ? fetch_measurement() : start_measurement();
  measuring_ = progress && progress->again();
  return progress;
}

Result<Progress> Aht20::start_measurement() {
  B2M_TRY(device_.write({measure, 0x33, 0x00}));
  conversion_.restart();
  return Progress::again_after(80ms);
}

/// The status of the frame itself counts: it belongs to the values behind it.
Result<Progress> Aht20::fetch_measurement() {
  B2M_TRY(device_.read(std::span(frame_).first(generation_.frame_size)));
  if ((frame_[0] & status_busy) != 0) return conversion_.again();
  return Progress::done();
}

Result<> Aht20::read(Samples& samples) {
  if (generation_.has_checksum && crc8_sensirion(std::span(frame_).first(6)) != frame_[6])
    return fail(Errc::checksum, "frame of the measurement");
  // Without a checksum this is all that tells an answer from a line that is held.
  if (!generation_.has_checksum && (frame_[0] & status_calibrated) == 0)
    return fail(Errc::not_ready, fmt::format("the part is not calibrated, its status is 0x{:02x}", frame_[0]));
  if (raw_humidity(frame_) == 0) return fail(Errc::not_ready, "the part has measured nothing");
  samples.set(0, celsius(raw_temperature(frame_)));
  samples.set(1, percent(raw_humidity(frame_)));
  return {};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<Aht20>(i2c_device(context), generation_of(models[context.model].name));
}

}  // namespace

B2M_DRIVER(aht20) = {
    .name = "aht20",
    .summary = "Aosong AHT20, AHT10 and related humidity and temperature sensors",
    .datasheet = "Aosong, AHT20 product manual V1.1; AHT10 technical manual V1.1; DHT20 product manual V1.0",
    .wiring = "the address is fixed, so two need two buses or a multiplexer",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = all_addresses,
    .channels = channel_table,
    .every_min = 1s,  // faster, the part warms itself
    .make_sensor = make,
    .example = R"({"driver": "aht20", "bus": "i2c-1", "address": "0x38"})",
};

}  // namespace b2m
