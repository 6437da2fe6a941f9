// HX711: 24-bit converter for bridges such as load cells. Avia Semiconductor, HX711 (English) datasheet.
// Supported: both channels and all gains, the raw code, mass by offset and scale. Not supported: switching between the
// channels from reading to reading, choosing the rate (a pin of the part). Nothing protects a word against wrong bits:
// a `median` filter is advised.
#include <array>
#include <memory>
#include <utility>

#include "drivers/api/driver.hpp"
#include "drivers/engine/bits.hpp"
#include "drivers/engine/bounded_wait.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr ChannelSpec channels[] = {{"raw", Quantity::count, {-8388608, 8388607}, "the code of the converter"},
                                    {"mass", Quantity::mass, {-1000, 1000}, "with the option `counts_per_g`"}};

constexpr std::string_view inputs[] = {"a128", "a64", "b32"};
constexpr OptionSpec options[] = {
    {.key = "clock_line", .type = OptionType::line, .summary = "GPIO line of the pin PD_SCK", .required = true},
    {.key = "data_line", .type = OptionType::line, .summary = "GPIO line of the pin DOUT", .required = true},
    {.key = "input",
     .type = OptionType::choice,
     .summary = "channel and gain of the converter",
     .fallback = "a128",
     .choices = inputs},
    {.key = "offset_counts",
     .type = OptionType::number,
     .summary = "the raw code of the empty scale",
     .fallback = "0",
     .min = -8388608,
     .max = 8388607},
    {.key = "counts_per_g",
     .type = OptionType::number,
     .summary = "how much the raw code grows with each gram, negative for a cell that is mounted upside down; default: "
                "no mass",
     .min = -1e6,
     .max = 1e6},
};

constexpr unsigned word_bits = 24;
constexpr std::int32_t largest = (1 << (word_bits - 1)) - 1;

/// "Serial interface", table 3: pulses behind the word choose what is converted next.
constexpr unsigned trailing_pulses(std::string_view input) {
  if (input == "b32") return 2;
  if (input == "a64") return 3;
  return 1;
}

/// High for 50 µs at most; for more than 60 µs the part powers down.
constexpr auto longest_pulse = 55us;

/// "Output settling time": 400 ms at ten words a second, after power-on and after a change of channel or gain.
constexpr auto look = 10ms;
constexpr unsigned looks = 60;

/// Reads the word of the last conversion.
/// Worker only.
class Hx711 final : public Sensor {
 public:
  struct Scale {
    double offset = 0;
    double counts_per_gram = 0;  ///< 0: none
  };
  Hx711(TimedLines& lines, const Lines& where, unsigned trailing, const Scale& scale)
      : lines_(lines),
        clock_(where.at("clock_line")),
        data_(where.at("data_line")),
        trailing_(trailing),
        scale_(scale) {}

  /// The first word may be of another channel or gain: reading it chooses those of the next.
  Result<Progress> init() override {
    if (!waiting_) {
      held_.reset();  // before it is asked for again
      B2M_ASSIGN(held_, lines_.clocked(clock_, data_));
    }
    return fetch();
  }

  [[nodiscard]] std::vector<Channel> channels() const override {
    return to_channels(std::span(b2m::channels).first(scale_.counts_per_gram != 0 ? 2 : 1));
  }

  Result<Progress> trigger() override { return fetch(); }

  Result<> read(Samples& samples) override {
    const std::int32_t code = sign_extend(word_, word_bits);
    if (code == largest || code == -largest - 1)
      return fail(Errc::out_of_range, "the converter is saturated: is the bridge connected, the load too much?");
    samples.set(0, code);
    if (samples.size() > 1) samples.set(1, (code - scale_.offset) / scale_.counts_per_gram / 1000);
    return {};
  }

 private:
  /// Waits for the part to pull its data line low, which tells that a conversion has ended, and takes its word.
  Result<Progress> fetch() {
    if (!std::exchange(waiting_, false)) wait_.restart();
    B2M_ASSIGN(const bool busy, held_->data());
    if (busy) {
      auto progress = wait_.again();
      waiting_ = progress.has_value();
      return progress;
    }
    B2M_ASSIGN(word_, held_->clock_in(word_bits, trailing_, longest_pulse));
    return Progress::done();
  }

  TimedLines& lines_;
  LineId clock_;
  LineId data_;
  unsigned trailing_;
  Scale scale_;
  std::unique_ptr<ClockedLines> held_;
  BoundedWait wait_{look, looks, "finish a conversion"};
  bool waiting_ = false;
  std::uint32_t word_ = 0;
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  const auto& given = context.options;
  return std::make_unique<Hx711>(
      *context.timed_lines, context.lines, trailing_pulses(given.text("input")),
      Hx711::Scale{given.number("offset_counts"), given.has("counts_per_g") ? given.number("counts_per_g") : 0});
}

}  // namespace

B2M_DRIVER(hx711) = {
    .name = "hx711",
    .summary = "Avia HX711 converter for load cells",
    .datasheet = "Avia Semiconductor, HX711 datasheet (English)",
    .wiring =
        "VCC 3.3 V, so that DT does not exceed what a line takes; RATE to ground for 10 readings a "
        "second",
    .bus = BusKind::timed_lines,
    .channels = channels,
    .options = options,
    .every_min = 200ms,
    .make_sensor = make,
    .example = R"({"driver": "hx711", "clock_line": "PC9", "data_line": "PC11", "counts_per_g": 420.5})",
};

}  // namespace b2m
