// HC-SR04 and the ultrasonic rangers that are asked and answer like it: Elecfreaks, HC-SR04 user guide; JSN-SR04T-2.0,
// mode 1. The echo is of 5 V where the part is: a line of 3.3 V needs a divider.
// Supported: the width of the echo as the kernel times it, the speed of sound at a given air temperature. Not
// supported: the serial modes of some parts.
#include <array>
#include <cmath>
#include <memory>
#include <string>

#include "drivers/api/driver.hpp"

namespace b2m {
namespace {

using namespace std::chrono_literals;

constexpr ChannelSpec short_range[] = {{"distance", Quantity::distance, {0.02, 4}, "±3 mm"}};
constexpr ChannelSpec long_range[] = {{"distance", Quantity::distance, {0.2, 6}, "±1 cm"}};

constexpr Model models[] = {{.name = "hcsr04", .channels = short_range, .summary = "2 cm to 4 m"},
                            {.name = "us015", .channels = short_range, .summary = "2 cm to 4 m"},
                            {.name = "jsnsr04t", .channels = long_range, .summary = "waterproof, 20 cm to 6 m"}};

constexpr OptionSpec options[] = {
    {.key = "trigger_line", .type = OptionType::line, .summary = "GPIO line of the pin Trig", .required = true},
    {.key = "echo_line", .type = OptionType::line, .summary = "GPIO line of the pin Echo", .required = true},
    {.key = "air_temperature_c",
     .type = OptionType::number,
     .summary = "the speed of sound grows by 0.18 % with each degree",
     .fallback = "20",
     .min = -40,
     .max = 85},
};

constexpr auto pulse = 12us;     // "at least 10 µs"
constexpr auto patience = 60ms;  // "over 60 ms measurement cycle"; without an obstacle the echo lasts 38 ms

/// Of an ideal gas with the value of dry air at 0 °C, in m/s.
double speed_of_sound(double celsius) { return 331.3 * std::sqrt(1 + celsius / 273.15); }

/// Sends a burst and measures how long it travels, there and back.
/// Worker only.
class HcSr04 final : public Sensor {
 public:
  HcSr04(TimedLines& lines, Lines where, const Model& model, double speed)
      : lines_(lines), where_(std::move(where)), model_(model), speed_(speed) {}
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(model_.channels); }

  Result<> read(Samples& samples) override {
    B2M_ASSIGN(const auto width, lines_.echo(where_.at("trigger_line"), where_.at("echo_line"), pulse, patience));
    const double distance = std::chrono::duration<double>(width).count() * speed_ / 2;
    if (distance > model_.channels[0].range.high) return fail(Errc::out_of_range, "nothing is in reach");
    samples.set(0, distance);
    return {};
  }

 private:
  TimedLines& lines_;
  Lines where_;
  const Model& model_;
  double speed_;
};

std::unique_ptr<Sensor> make(const DriverContext& context) {
  return std::make_unique<HcSr04>(*context.timed_lines, context.lines, models[context.model],
                                  speed_of_sound(context.options.number("air_temperature_c")));
}

}  // namespace

B2M_DRIVER(hcsr04) = {
    .name = "hcsr04",
    .summary = "HC-SR04 and compatible ultrasonic rangers",
    .datasheet = "Elecfreaks, HC-SR04 user guide; JSN-SR04T-2.0",
    .wiring =
        "VCC 5 V. ECHO gives 5 V too, which harms the board: divide it by 1 kΩ in line and 2 kΩ to "
        "ground. JSN-SR04T likewise",
    .bus = BusKind::timed_lines,
    .models = models,
    .channels = short_range,
    .options = options,
    .every = 1s,
    .every_min = 100ms,
    .make_sensor = make,
    .example = R"({"driver": "hcsr04", "trigger_line": "PC9", "echo_line": "PC11"})",
};

}  // namespace b2m
