// A GPIO line as an input: door contact, PIR detector, key, level switch. Linux,
// Documentation/userspace-api/gpio/chardev.rst. Supported: both edges, bias, debouncing, reading now and then where the
// chip has no interrupts. Not supported: counting (`counter`), gestures (`button`), analog levels.
#include <memory>
#include <utility>

#include "drivers/api/driver.hpp"
#include "drivers/engine/input_options.hpp"

namespace b2m {
namespace {

constexpr ChannelSpec channel_table[] = {{"state", Quantity::state, {0, 1}, "1 while the line is active"}};

constexpr OptionSpec options[] = {input_options::pull, input_options::debounce("5ms"), input_options::poll,
                                  input_options::interrupt_line};

/// Tells the level found at the start and every change.
/// Loop only. Pure.
class Input final : public EdgeSensor {
 public:
  explicit Input(std::chrono::nanoseconds debounce) : debounce_(debounce) {}
  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  [[nodiscard]] std::vector<LineUse> lines() const override { return {{.debounce = debounce_}}; }
  EdgeNews start(const std::vector<bool>& levels, TimePoint /*now*/) override {
    active_ = levels[0];
    return {.changed = true};
  }
  EdgeNews on_change(const LineChange& change) override {
    return {.changed = std::exchange(active_, change.active) != change.active};
  }
  void measure(TimePoint /*now*/, Samples& samples) override { samples.set(0, active_ ? 1.0 : 0.0); }

 private:
  std::chrono::nanoseconds debounce_;
  bool active_ = false;
};

std::unique_ptr<EdgeSensor> make(const DriverContext& context) {
  return std::make_unique<Input>(context.options.duration("debounce"));
}

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
    .expander_lines = true,
    .example = R"({"driver": "input", "line": "PC12", "active_low": true, "pull": "up"})",
};

}  // namespace b2m
