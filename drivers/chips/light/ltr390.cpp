// LTR-390UV: ambient light and ultraviolet light, one after the other. Lite-On, DS86-2015-0004, revision 1.1 and later,
// whose sensitivity of 2300 counts per UV index replaced the 1400 of before.
// Supported: five gains, resolutions of 16 to 20 bits. Not supported: 13 bits, whose time the formulas do not know;
// interrupts.
#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"
#include "drivers/engine/identity.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x53};

// "Register set".
constexpr std::uint8_t reg_main_control = 0x00;
constexpr std::uint8_t reg_measuring_rate = 0x04;
constexpr std::uint8_t reg_gain = 0x05;
constexpr std::uint8_t reg_part_id = 0x06;
constexpr std::uint8_t reg_status = 0x07;
constexpr std::uint8_t reg_als_data = 0x0d;
constexpr std::uint8_t reg_uvs_data = 0x10;
constexpr std::uint8_t standby = 0x00;
constexpr std::uint8_t measure_als = 0x02;
constexpr std::uint8_t measure_uvs = 0x0a;
constexpr std::uint8_t new_data = 0x08;
constexpr std::uint8_t part_id = 0xb0;  // the lower half is the revision

// The most light that any setting can count; no sun has a UV index of 60.
constexpr ChannelSpec channels[] = {{"illuminance", Quantity::illuminance, {0, 160e3}, "±15 %"},
                                    {"uv_index", Quantity::uv_index, {0, 60}, "of the sun"}};

/// Time and bits go together.
struct Resolution {
  std::string_view name;
  unsigned bits;
  std::uint8_t code;  ///< of the measuring rate register, with the rate that just fits
  std::chrono::milliseconds time;
};
constexpr std::array resolutions{Resolution{"16", 16, 0x40, 25ms}, Resolution{"17", 17, 0x31, 50ms},
                                 Resolution{"18", 18, 0x22, 100ms}, Resolution{"19", 19, 0x13, 200ms},
                                 Resolution{"20", 20, 0x04, 400ms}};
constexpr std::string_view resolution_names[] = {"16", "17", "18", "19", "20"};

struct Gain {
  std::string_view name;
  unsigned factor;
};
constexpr std::array gains{Gain{"1", 1}, Gain{"3", 3}, Gain{"6", 6}, Gain{"9", 9}, Gain{"18", 18}};
constexpr std::string_view gain_names[] = {"1", "3", "6", "9", "18"};

/// How a configured chip measures.
struct Setup {
  Resolution resolution;
  Gain gain;
  std::uint8_t gain_code;
  double window_factor;

  [[nodiscard]] constexpr std::uint32_t full_scale() const { return (1U << resolution.bits) - 1; }
  /// "Calculating LUX", counts for 0.6 lx.
  [[nodiscard]] constexpr double lux(std::uint32_t counts) const {
    return 0.6 * counts * window_factor / (gain.factor * (static_cast<double>(resolution.time.count()) / 100));
  }
  /// "Calculating UVI": 2300 counts at gain 18 and 20 bits.
  [[nodiscard]] constexpr double uv_index(std::uint32_t counts) const {
    const double sensitivity = gain.factor / 18.0 * ((1U << resolution.bits) / 1048576.0) * 2300;
    return counts * window_factor / sensitivity;
  }
};

/// Worker only.
class Ltr390 final : public Sensor {
 public:
  Ltr390(I2cDevice device, const Setup& setup) : device_(device), setup_(setup) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(b2m::channels); }
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  enum class Step : std::uint8_t { idle, als, uvs };
  Result<Progress> advance();
  Result<Progress> start(Step step);
  Result<std::uint32_t> fetch(std::uint8_t reg) const;
  [[nodiscard]] Result<std::uint32_t> in_scale(std::uint32_t counts) const;

  I2cDevice device_;
  Setup setup_;
  Step step_ = Step::idle;
  std::uint32_t als_ = 0;
  std::uint32_t uvs_ = 0;
  BoundedWait wait_{10ms, 50, "finish its measurement"};
};

Result<Progress> Ltr390::init() {
  step_ = Step::idle;
  B2M_TRY(expect_u8(device_, reg_part_id, part_id, 0xf0));
  return Progress::done();
}

Result<Progress> Ltr390::trigger() {
  auto progress = advance();
  if (!progress || !progress->again()) step_ = Step::idle;
  return progress;
}

/// The flag is cleared when it is read, and its data are complete with it.
Result<Progress> Ltr390::advance() {
  if (step_ == Step::idle) {
    B2M_TRY(write_u8(device_, reg_main_control, standby));
    B2M_TRY(write_u8(device_, reg_measuring_rate, setup_.resolution.code));
    B2M_TRY(write_u8(device_, reg_gain, setup_.gain_code));
    return start(Step::als);
  }
  B2M_ASSIGN(const std::uint8_t status, read_u8(device_, reg_status));
  if ((status & new_data) == 0) return wait_.again();
  if (step_ == Step::als) {
    B2M_ASSIGN(als_, fetch(reg_als_data));
    return start(Step::uvs);
  }
  B2M_ASSIGN(uvs_, fetch(reg_uvs_data));
  B2M_TRY(write_u8(device_, reg_main_control, standby));
  return Progress::done();
}

/// A tenth more than the nominal time, and 10 ms to wake up.
Result<Progress> Ltr390::start(Step step) {
  B2M_TRY(write_u8(device_, reg_main_control, step == Step::als ? measure_als : measure_uvs));
  step_ = step;
  wait_.restart();
  return Progress::again_after(setup_.resolution.time * 11 / 10 + 10ms);
}

Result<std::uint32_t> Ltr390::fetch(std::uint8_t reg) const {
  std::array<std::uint8_t, 3> data{};
  B2M_TRY(read_registers(device_, reg, data));
  return to_unsigned(data, ByteOrder::little_endian) & 0xfffff;
}

Result<std::uint32_t> Ltr390::in_scale(std::uint32_t counts) const {
  if (counts >= setup_.full_scale()) return fail(Errc::out_of_range, "too much light: choose a smaller `gain`");
  return counts;
}

Result<> Ltr390::read(Samples& samples) {
  samples.set(0, in_scale(als_).map([&](std::uint32_t counts) { return setup_.lux(counts); }));
  samples.set(1, in_scale(uvs_).map([&](std::uint32_t counts) { return setup_.uv_index(counts); }));
  return {};
}

constexpr OptionSpec options[] = {
    {.key = "gain",
     .type = OptionType::choice,
     .summary = "1 reaches full sunlight, 3 half of it",
     .fallback = "1",
     .choices = gain_names},
    {.key = "resolution_bits",
     .type = OptionType::choice,
     .summary = "finer takes longer: 25 ms for 16 bits, twice for each further one, for either light",
     .fallback = "18",
     .choices = resolution_names},
    {.key = "window_factor",
     .type = OptionType::number,
     .summary = "what a window in front takes away: 1 without one",
     .fallback = "1",
     .min = 1,
     .max = 100},
};

template <std::size_t size>
std::size_t position(const std::string_view (&names)[size], std::string_view name) {
  return static_cast<std::size_t>(std::find(std::begin(names), std::end(names), name) - std::begin(names));
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const std::size_t gain = position(gain_names, context.options.text("gain"));
  const std::size_t resolution = position(resolution_names, context.options.text("resolution_bits"));
  return std::make_unique<Ltr390>(i2c_device(context),
                                  Setup{resolutions[resolution], gains[gain], static_cast<std::uint8_t>(gain),
                                        context.options.number("window_factor")});
}

Result<std::string_view> probe(const I2cDevice& device) {
  B2M_TRY(expect_u8(device, reg_part_id, part_id, 0xf0));
  return "ltr390";
}

}  // namespace

B2M_DRIVER(ltr390) = {
    .name = "ltr390",
    .summary = "Lite-On LTR-390UV ambient and ultraviolet light sensor",
    .datasheet = "Lite-On, DS86-2015-0004",
    .wiring = "the address is fixed, so two need two buses or a multiplexer",
    .bus = BusKind::i2c,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 1s,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "ltr390", "bus": "i2c-1", "address": "0x53"})",
};

}  // namespace b2m
