// A push button on a GPIO line: what somebody does with it, as events. Supported: press, double, triple, long, repeat
// while it is held, release after that; its level as a channel. Not supported: buttons that share lines in a matrix.
#include <array>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/input_options.hpp"

namespace b2m {
namespace {

using Nanoseconds = std::chrono::nanoseconds;

constexpr ChannelSpec channel_table[] = {{"state", Quantity::state, {0, 1}, "1 while it is held down"}};

constexpr std::string_view press = "press";
constexpr std::string_view long_press = "long";
constexpr std::string_view repeat = "repeat";
constexpr std::string_view release = "release";
constexpr std::array event_names{press,  std::string_view("double"), std::string_view("triple"), long_press, repeat,
                                 release};

constexpr OptionSpec options[] = {
    input_options::pull,
    input_options::debounce("15ms"),
    input_options::poll,
    input_options::interrupt_line,
    {.key = "multi_press",
     .type = OptionType::duration,
     .summary =
         "two presses with at most this between them are a double, three a triple; 0s: there are only single ones, "
         "which are told without waiting",
     .fallback = "300ms",
     .min = 0,
     .max = 10},
    {.key = "long_press",
     .type = OptionType::duration,
     .summary = "held down this long, it is a long press, at whose end a release is told; 0s: there are none",
     .fallback = "800ms",
     .min = 0,
     .max = 60},
    {.key = "repeat",
     .type = OptionType::duration,
     .summary = "after a long press, a repeat each time that this has gone by, until it is released; 0s: never",
     .fallback = "0s",
     .min = 0,
     .max = 60},
};

/// An event is told as soon as it can be nothing else. Pure. Loop only.
class Button final : public EdgeSensor {
 public:
  explicit Button(const Options& given)
      : debounce_(given.duration("debounce")),
        multi_press_(given.duration("multi_press")),
        long_press_(given.duration("long_press")),
        repeat_(given.duration("repeat")) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  [[nodiscard]] std::vector<LineUse> lines() const override { return {{.debounce = debounce_}}; }

  /// A button that is found held down has no story; it begins with the next press.
  EdgeNews start(const std::vector<bool>& levels, TimePoint /*now*/) override {
    held_ = levels[0];
    phase_ = held_ ? Phase::ignored : Phase::up;
    presses_ = 0;
    due_.reset();
    return {.changed = true};
  }

  EdgeNews on_change(const LineChange& change) override {
    if (change.active == held_) return {};
    held_ = change.active;
    EdgeNews news{.changed = true};
    if (held_) {
      go_down(change.time, news);
    } else {
      go_up(change.time, news);
    }
    return news;
  }

  [[nodiscard]] std::optional<TimePoint> next_due() const override { return due_; }

  EdgeNews on_time(TimePoint now) override {
    EdgeNews news;
    if (!due_ || now < *due_) return news;
    const auto due = *std::exchange(due_, std::nullopt);
    if (phase_ == Phase::up) {
      tell_presses(due, news);
    } else if (phase_ == Phase::down) {
      tell_presses(due, news);  // those before the one that became a long one
      tell(long_press, due, news);
      phase_ = Phase::held_long;
      if (repeat_.count() != 0) due_ = due + repeat_;
    } else if (phase_ == Phase::held_long) {
      tell(repeat, due, news);
      const auto missed = (now - due) / repeat_;  // a late clock tells one, not many at once
      due_ = due + (missed + 1) * repeat_;
    }
    return news;
  }

  void measure(TimePoint /*now*/, Samples& samples) override { samples.set(0, held_ ? 1.0 : 0.0); }

 private:
  enum class Phase : std::uint8_t {
    up,
    down,       ///< may become a long press
    held_long,  ///< is one
    ignored,    ///< told already, or found held down
  };
  static constexpr unsigned most_presses = 3;

  void go_down(TimePoint time, EdgeNews& news) {
    due_.reset();
    phase_ = Phase::down;
    if (long_press_.count() != 0) {
      due_ = time + long_press_;
    } else if (multi_press_.count() == 0) {
      tell(press, time, news);
      phase_ = Phase::ignored;
    }
  }

  void go_up(TimePoint time, EdgeNews& news) {
    due_.reset();
    const auto phase = std::exchange(phase_, Phase::up);
    if (phase == Phase::held_long) tell(release, time, news);
    if (phase != Phase::down) return;
    ++presses_;
    if (multi_press_.count() == 0 || presses_ == most_presses) return tell_presses(time, news);
    due_ = time + multi_press_;
  }

  /// The presses gathered; none is none.
  void tell_presses(TimePoint time, EdgeNews& news) {
    if (presses_ > 0) tell(event_names[presses_ - 1], time, news);
    presses_ = 0;
  }
  static void tell(std::string_view event, TimePoint time, EdgeNews& news) { news.events.push_back({event, time}); }

  Nanoseconds debounce_;
  Nanoseconds multi_press_;
  Nanoseconds long_press_;
  Nanoseconds repeat_;
  Phase phase_ = Phase::up;
  bool held_ = false;
  unsigned presses_ = 0;  ///< short ones since the last event
  std::optional<TimePoint> due_;
};

std::unique_ptr<EdgeSensor> make(const DriverContext& context) { return std::make_unique<Button>(context.options); }

}  // namespace

B2M_DRIVER(button) = {
    .name = "button",
    .summary = "push button: press, double, triple, long, repeat and release as events",
    .datasheet = "Linux, Documentation/userspace-api/gpio/chardev.rst",
    .bus = BusKind::gpio,
    .channels = channel_table,
    .options = options,
    .events = event_names,
    .make_edge_sensor = make,
    .expander_lines = true,
    .example = R"({"driver": "button", "line": "PC12", "active_low": true, "pull": "up"})",
};

}  // namespace b2m
