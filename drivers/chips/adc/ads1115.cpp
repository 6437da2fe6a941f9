// ADS1115 (16 bits) and ADS1015 (12 bits): four-input analog-to-digital converters. Texas Instruments, SBAS444D and
// SBAS473E. Supported: single-shot conversions of any set of inputs, one after the other; ranges; data rates. Not
// supported: continuous conversion, comparator and ALERT/RDY pin. The parts have no identity register and cannot be
// told from each other.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>

#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x48, 0x49, 0x4a, 0x4b};

constexpr std::uint8_t reg_conversion = 0;
constexpr std::uint8_t reg_config = 1;

// SBAS444D §9.6.3, config register.
constexpr std::uint16_t start_or_idle = 0x8000;  ///< written: start; read: no conversion is running
constexpr std::uint16_t single_shot = 0x0100;
constexpr std::uint16_t comparator_off = 0x0003;

/// What the multiplexer can connect, and the channel it becomes.
struct Input {
  std::string_view name;  ///< as in the option `inputs`
  ChannelSpec channel;
  std::uint16_t mux;
};

constexpr Range span{-6.144, 6.144};
constexpr std::array inputs{
    Input{"ain0", {"ain0", Quantity::voltage, span, "AIN0 to ground"}, 4},
    Input{"ain1", {"ain1", Quantity::voltage, span, "AIN1 to ground"}, 5},
    Input{"ain2", {"ain2", Quantity::voltage, span, "AIN2 to ground"}, 6},
    Input{"ain3", {"ain3", Quantity::voltage, span, "AIN3 to ground"}, 7},
    Input{"ain0-ain1", {"ain0_ain1", Quantity::voltage, span, "AIN0 to AIN1, when in `inputs`"}, 0},
    Input{"ain0-ain3", {"ain0_ain3", Quantity::voltage, span, "AIN0 to AIN3, when in `inputs`"}, 1},
    Input{"ain1-ain3", {"ain1_ain3", Quantity::voltage, span, "AIN1 to AIN3, when in `inputs`"}, 2},
    Input{"ain2-ain3", {"ain2_ain3", Quantity::voltage, span, "AIN2 to AIN3, when in `inputs`"}, 3},
};
constexpr std::size_t single_ended = 4;  ///< the first ones, read by default

/// One fact of each row of `inputs`, as a table of its own.
template <class T, T Input::*member>
constexpr auto column() {
  std::array<T, inputs.size()> values{};
  std::transform(inputs.begin(), inputs.end(), values.begin(), [](const Input& input) { return input.*member; });
  return values;
}
constexpr auto input_names = column<std::string_view, &Input::name>();
constexpr auto channels = column<ChannelSpec, &Input::channel>();

struct FullScale {
  std::string_view name;
  double volt;
};
constexpr std::array full_scales{FullScale{"6.144V", 6.144}, FullScale{"4.096V", 4.096}, FullScale{"2.048V", 2.048},
                                 FullScale{"1.024V", 1.024}, FullScale{"0.512V", 0.512}, FullScale{"0.256V", 0.256}};
constexpr std::string_view range_names[] = {"6.144V", "4.096V", "2.048V", "1.024V", "0.512V", "0.256V"};

/// One chip: its data rates in the order of their codes, and the low bits of a result that it does not have.
struct Chip {
  std::array<unsigned, 8> samples_per_second;
  unsigned unused_bits;
};
constexpr std::array chips{Chip{{8, 16, 32, 64, 128, 250, 475, 860}, 0},
                           Chip{{128, 250, 490, 920, 1600, 2400, 3300, 3300}, 4}};
constexpr Model models[] = {{.name = "ads1115", .summary = "16 bits, 8 to 860 samples/s"},
                            {.name = "ads1015", .summary = "12 bits, 128 to 3300 samples/s"}};

/// The fastest code that is not faster than `wanted`; the slowest when all are.
constexpr std::size_t rate_code(const Chip& chip, unsigned wanted) {
  std::size_t code = 0;
  while (code + 1 < chip.samples_per_second.size() && chip.samples_per_second[code + 1] <= wanted) ++code;
  return code;
}
static_assert(rate_code(chips[0], 128) == 4);
static_assert(rate_code(chips[1], 1000) == 3);

/// Volt of a conversion result, or out_of_range at either end of the scale, where the input may be anywhere beyond.
Result<double> decode(std::uint16_t word, const Chip& chip, const FullScale& full_scale) {
  const unsigned bits = 16 - chip.unused_bits;
  const std::int32_t code = sign_extend(static_cast<std::uint32_t>(word) >> chip.unused_bits, bits);
  const std::int32_t end = 1 << (bits - 1);
  if (code == end - 1 || code == -end)
    return fail(Errc::out_of_range, fmt::format("the input is beyond ±{}: choose a larger `range`", full_scale.name));
  return code * full_scale.volt / end;
}

/// How a configured chip converts.
struct Setup {
  Chip chip;
  FullScale full_scale;
  std::uint16_t config;                  ///< everything but the multiplexer
  std::chrono::microseconds conversion;  ///< the longest: the rate is 10 % accurate, waking up takes 25 µs
};

Setup make_setup(const Chip& chip, std::string_view range, unsigned samples_per_second) {
  const auto* scale =
      std::find_if(full_scales.begin(), full_scales.end(), [&](const FullScale& f) { return f.name == range; });
  const std::size_t rate = rate_code(chip, samples_per_second);
  const auto gain = static_cast<unsigned>(scale - full_scales.begin());
  const unsigned config = gain << 9 | single_shot | static_cast<unsigned>(rate) << 5 | comparator_off;
  return {chip, *scale, static_cast<std::uint16_t>(config),
          std::chrono::microseconds(1'100'000 / chip.samples_per_second[rate] + 50)};
}

/// Converts its inputs one after the other; the bus is free during each conversion.
/// Worker only.
class Ads1115 final : public Sensor {
 public:
  Ads1115(I2cDevice device, const Setup& setup, std::vector<const Input*> selected, std::string mistake)
      : device_(device), setup_(setup), selected_(std::move(selected)), mistake_(std::move(mistake)) {}

  Result<Progress> init() override;
  [[nodiscard]] std::vector<Channel> channels() const override;
  Result<Progress> trigger() override;
  Result<> read(Samples& samples) override;

 private:
  [[nodiscard]] std::uint16_t config_word() const {
    return static_cast<std::uint16_t>(setup_.config | selected_[results_.size()]->mux << 12);
  }
  Result<Progress> start_conversion();
  Result<Progress> fetch_conversion();

  I2cDevice device_;
  Setup setup_;
  std::vector<const Input*> selected_;
  std::string mistake_;                  ///< in the option `inputs`
  std::vector<Result<double>> results_;  ///< of this reading so far
  bool converting_ = false;
  BoundedWait wait_{1ms, 20, "finish its conversion"};
};

/// There is nothing to set up, but a chip that is missing shows here.
Result<Progress> Ads1115::init() {
  if (!mistake_.empty()) return fail(Errc::unsupported, mistake_);
  results_.clear();
  converting_ = false;
  B2M_TRY(read_be16(device_, reg_config));
  return Progress::done();
}

std::vector<Channel> Ads1115::channels() const {
  std::vector<Channel> found;
  for (const auto* input : selected_)
    found.push_back(
        {std::string(input->channel.key), input->channel.quantity, {-setup_.full_scale.volt, setup_.full_scale.volt}});
  return found;
}

Result<Progress> Ads1115::trigger() {
  if (!converting_) results_.clear();
  auto progress = converting_ ? fetch_conversion() : start_conversion();
  converting_ = progress && progress->again();
  return progress;
}

Result<Progress> Ads1115::start_conversion() {
  B2M_TRY(write_be16(device_, reg_config, start_or_idle | config_word()));
  wait_.restart();
  return Progress::again_after(setup_.conversion);
}

Result<Progress> Ads1115::fetch_conversion() {
  B2M_ASSIGN(const std::uint16_t config, read_be16(device_, reg_config));
  // After a dip of its supply the chip is idle too, with a result of another input.
  if ((config & ~start_or_idle) != config_word())
    return fail(Errc::io, fmt::format("the chip lost its configuration: 0x{:04x}", config));
  if ((config & start_or_idle) == 0) return wait_.again();
  B2M_ASSIGN(const std::uint16_t word, read_be16(device_, reg_conversion));
  results_.push_back(decode(word, setup_.chip, setup_.full_scale));
  return results_.size() < selected_.size() ? start_conversion() : Result<Progress>(Progress::done());
}

Result<> Ads1115::read(Samples& samples) {
  if (results_.size() != selected_.size()) return fail(Errc::not_ready);
  for (std::size_t i = 0; i < results_.size(); ++i) samples.set(i, std::move(results_[i]));
  results_.clear();
  return {};
}

constexpr OptionSpec options[] = {
    {.key = "inputs",
     .type = OptionType::text_list,
     .summary = "inputs to read, \"ain0\" or the difference \"ain0-ain1\"; default: the four to ground",
     .choices = input_names},
    {.key = "range",
     .type = OptionType::choice,
     .summary = "largest voltage, of either sign; an input must not exceed the supply",
     .fallback = "2.048V",
     .choices = range_names},
    {.key = "data_rate",
     .type = OptionType::integer,
     .summary = "samples per second: the next lower rate of the chip is taken; slower is less noisy",
     .fallback = "128",
     .min = 8,
     .max = 3300},
};

/// The rows of `inputs` that the option asks for, or what is wrong with it.
std::pair<std::vector<const Input*>, std::string> select(const Options& values) {
  std::vector<const Input*> selected;
  if (!values.has("inputs")) {
    for (std::size_t i = 0; i < single_ended; ++i) selected.push_back(&inputs[i]);
    return {selected, {}};
  }
  for (const auto& name : values.list("inputs")) {
    const auto* input = std::find_if(inputs.begin(), inputs.end(), [&](const Input& i) { return i.name == name; });
    if (input == inputs.end())
      return {{}, fmt::format("\"{}\" is not an input; there are {}", name, fmt::join(input_names, ", "))};
    if (std::find(selected.begin(), selected.end(), input) != selected.end())
      return {{}, fmt::format("input \"{}\" is listed twice", name)};
    selected.push_back(input);
  }
  if (selected.empty()) return {{}, "`inputs` is empty"};
  return {selected, {}};
}

std::unique_ptr<Sensor> make(const DriverContext& context) {
  auto [selected, mistake] = select(context.options);
  const Setup setup = make_setup(chips[context.model], context.options.text("range"),
                                 static_cast<unsigned>(context.options.integer("data_rate")));
  return std::make_unique<Ads1115>(i2c_device(context), setup, std::move(selected), std::move(mistake));
}

}  // namespace

B2M_DRIVER(ads1115) = {
    .name = "ads1115",
    .summary = "TI ADS1115 and ADS1015 analog-to-digital converters",
    .datasheet = "Texas Instruments, SBAS444D (ADS1115), SBAS473E (ADS1015)",
    .wiring =
        "ADDR to ground is address 0x48, to the supply 0x49, to SDA 0x4a, to SCL 0x4b. No input may "
        "exceed the supply by more than 0.3 V, so supply it with 3.3 V and divide higher voltages",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = channels,
    .options = options,
    .every_min = 100ms,
    .make_sensor = make,
    .example = R"({"driver": "ads1115", "bus": "i2c-1", "address": "0x48", "range": "4.096V"})",
};

}  // namespace b2m
