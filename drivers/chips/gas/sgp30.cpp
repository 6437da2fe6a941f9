// SGP30: equivalent CO2 and total VOC, both computed by the part from one signal of a heated metal oxide. Sensirion,
// Datasheet SGP30, version 1.0 (May 2020).
// Supported: the air quality measurement. Not supported: keeping the baseline over a power cycle (the part finds a new
// one within 12 hours), humidity compensation, raw signals. The part's algorithm expects to be read once a second: a
// longer `every` makes its baseline worse, so publish less often by a filter rather than by reading less often.
#include <array>
#include <memory>

#include "drivers/engine/word_dialog.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr std::uint8_t addresses[] = {0x58};

// "Air quality signals": the ends of the outputs.
constexpr ChannelSpec specs[] = {{"co2", Quantity::co2, {400e-6, 60'000e-6}, "equivalent, not measured"},
                                 {"tvoc", Quantity::tvoc, {0, 60'000e-9}, "15 % of the value"}};

constexpr Model models[] = {{.name = "sgp30"}};

constexpr std::uint16_t get_feature_set = 0x202f;
constexpr std::uint16_t iaq_init = 0x2003;
constexpr std::uint16_t measure_iaq = 0x2008;

/// The product type in the upper four bits is 0.
Result<> is_sgp30(Words feature_set) {
  if (feature_set[0] >> 12 == 0) return {};
  return fail(Errc::wrong_chip, "the feature set is not that of an SGP30");
}

/// For 15 s after the start the part answers 400 ppm and 0 ppb whatever it smells. It is read once a second, so
/// that readings can be counted in place of seconds.
/// Worker only.
class Sgp30 final : public Sensor {
 public:
  explicit Sgp30(I2cDevice device)
      : dialog_({.start = {{.code = get_feature_set, .pause = 10ms, .words = 1, .accept = is_sgp30},
                           {.code = iaq_init, .pause = 10ms}},
                 .trigger = {{.code = measure_iaq, .pause = 12ms, .words = 2}},
                 .decode = [this](Words words, Samples& samples) { return decode(words, samples); }},
                device, specs) {}

  Result<Progress> init() override {
    readings_ = 0;
    return dialog_.init();
  }
  [[nodiscard]] std::vector<Channel> channels() const override { return dialog_.channels(); }
  Result<Progress> trigger() override { return dialog_.trigger(); }
  Result<> read(Samples& samples) override { return dialog_.read(samples); }

 private:
  Result<> decode(Words words, Samples& samples) {
    const bool starting = readings_ < fixed_readings;
    if (starting) ++readings_;
    if (starting && words[0] == 400 && words[1] == 0) return fail(Errc::not_ready, "the chip is warming up");
    samples.set(0, words[0] * 1e-6);
    samples.set(1, words[1] * 1e-9);
    return {};
  }

  static constexpr unsigned fixed_readings = 15;
  WordDialogSensor dialog_;
  unsigned readings_ = 0;  ///< since the start, up to fixed_readings
};

std::unique_ptr<Sensor> make(const DriverContext& context) { return std::make_unique<Sgp30>(i2c_device(context)); }

Result<std::string_view> probe(const I2cDevice& device) {
  std::array<std::uint16_t, 1> feature_set{};
  B2M_TRY(ask_checked_words(device, get_feature_set, feature_set));
  B2M_TRY(is_sgp30(feature_set));
  return "sgp30";
}

}  // namespace

B2M_DRIVER(sgp30) = {
    .name = "sgp30",
    .summary = "Sensirion SGP30 air quality sensor",
    .datasheet = "Sensirion, Datasheet SGP30, version 1.0",
    .wiring = "the bare part is 1.8 V; modules have a regulator and level shifters",
    .bus = BusKind::i2c,
    .models = models,
    .addresses = addresses,
    .channels = specs,
    .every = 1s,
    .every_min = 1s,
    .probe = probe,
    .make_sensor = make,
    .example = R"({"driver": "sgp30", "bus": "i2c-1", "address": "0x58"})",
};

}  // namespace b2m
