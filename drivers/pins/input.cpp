// A GPIO line as an input: door contact, PIR detector, key, level switch. Linux,
// Documentation/userspace-api/gpio/chardev.rst. Supported: both edges, bias, debouncing. Not supported: counting (a
// driver of its own), analog levels.
#include <memory>

#include "drivers/api/driver.hpp"

namespace b2m {
namespace {

constexpr ChannelSpec channel_table[] = {{"state", Quantity::state, {0, 1}, "1 while the line is active"}};

constexpr std::string_view pulls[] = {"as_is", "none", "up", "down"};
constexpr OptionSpec options[] = {
    {.key = "pull",
     .type = OptionType::choice,
     .summary = "the chip's own resistor: as it is found, none, to the supply, to ground",
     .fallback = "as_is",
     .choices = pulls},
    {.key = "debounce",
     .type = OptionType::duration,
     .summary = "how long a level must last to count",
     .fallback = "5ms",
     .min = 0,
     .max = 10},
};

/// Tells the level found at the start and every change.
/// Loop only. Pure.
class Input final : public EdgeSensor {
 public:
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  bool on_level(bool active, TimePoint, Samples& samples) override {
    samples.set(0, active ? 1.0 : 0.0);
    return true;
  }
};

std::unique_ptr<EdgeSensor> make(const DriverContext&) { return std::make_unique<Input>(); }

}  // namespace

B2M_DRIVER(input) = {
    .name = "input",
    .summary = "a GPIO line as an input: contact, key, detector",
    .datasheet = "Linux, Documentation/userspace-api/gpio/chardev.rst",
    .wiring =
        "a contact between the line and ground wants `active_low` and a pull-up; no line takes more "
        "than 3.3 V",
    .bus = BusKind::gpio,
    .channels = channel_table,
    .options = options,
    .make_edge_sensor = make,
    .example = R"({"driver": "input", "line": "PC12", "active_low": true, "pull": "up"})",
};

}  // namespace b2m
