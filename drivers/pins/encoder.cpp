// Incremental encoders: rotary knobs (KY-040, Alps EC11) and shaft encoders, two lines 90° apart. Alps Alpine, EC11
// series data sheet (output signal format). Supported: steps of a full, half or quarter cycle, position and what
// changed since the last message, a position that a command sets and that may outlive the daemon. Contacts need no
// debouncing: a bounce goes there and back. Not supported: an index line; the knob's push button is a `button` of its
// own.
#include <array>
#include <cstdlib>
#include <memory>

#include "drivers/api/driver.hpp"
#include "drivers/engine/input_options.hpp"

namespace b2m {
namespace {

constexpr ChannelSpec channel_table[] = {
    {"position", Quantity::count, {-1e15, 1e15}, "steps; clockwise is up when `line` changes first"},
    {"delta", Quantity::count, {-1e6, 1e6}, "steps since the last message"},
};

constexpr std::string_view step_names[] = {"full", "half", "quarter"};

constexpr OptionSpec options[] = {
    {.key = "second_line",
     .type = OptionType::line,
     .summary = "GPIO line of the second contact, in any spelling of `line`",
     .required = true},
    input_options::pull,
    input_options::poll,
    {.key = "steps",
     .type = OptionType::choice,
     .summary = "a step is a full cycle of both lines (most knobs: one detent), half of one, or each edge",
     .fallback = "full",
     .choices = step_names},
    {.key = "reverse", .type = OptionType::boolean, .summary = "the other way round is up", .fallback = "false"},
    {.key = "min_interval",
     .type = OptionType::duration,
     .summary = "shortest time from message to message while it turns; the last position is always told",
     .fallback = "100ms",
     .min = 0,
     .max = 60},
    {.key = "keep", .type = OptionType::boolean, .summary = "the position outlives the daemon", .fallback = "false"},
};

/// The quarter steps from one pair of levels to the next: Gray code, so that one line changes at a time. Rows and
/// columns are `line` × 2 + `second_line`; a change of both says nothing about the direction.
constexpr int quarter_steps[4][4] = {
    {0, -1, 1, 0},
    {1, 0, 0, -1},
    {-1, 0, 0, 1},
    {0, 1, -1, 0},
};

/// Pure. Loop only.
class Encoder final : public EdgeSensor {
 public:
  explicit Encoder(const Options& given)
      : quarters_per_step_(given.text("steps") == "full"   ? 4
                           : given.text("steps") == "half" ? 2
                                                           : 1),
        direction_(given.flag("reverse") ? -1 : 1),
        min_interval_(given.duration("min_interval")),
        keep_(given.flag("keep")) {}

  [[nodiscard]] std::vector<Channel> channels() const override { return to_channels(channel_table); }
  [[nodiscard]] std::vector<LineUse> lines() const override { return {{}, {.option = "second_line"}}; }

  EdgeNews start(const std::vector<bool>& levels, TimePoint now) override {
    levels_ = {levels[0], levels[1]};
    quarters_ = 0;
    tell_at_.reset();
    return tell(now);
  }

  EdgeNews on_change(const LineChange& change) override {
    const auto before = code();
    levels_.at(change.line) = change.active;
    quarters_ += quarter_steps[before][code()];
    const int steps = take_steps();
    if (steps == 0) return {};
    position_ += direction_ * steps;
    if (tell_at_) return {};
    if (!told_at_ || change.time >= *told_at_ + min_interval_) return tell(change.time);
    tell_at_ = *told_at_ + min_interval_;
    return {};
  }

  [[nodiscard]] std::optional<TimePoint> next_due() const override { return tell_at_; }
  EdgeNews on_time(TimePoint now) override { return tell(now); }

  void measure(TimePoint /*now*/, Samples& samples) override {
    samples.set(0, position_);
    samples.set(1, position_ - told_);
    told_ = position_;
  }

  [[nodiscard]] std::optional<KeepRule> keep_rule() const override {
    if (!keep_) return std::nullopt;
    return KeepRule{.step = 1, .at_most = std::chrono::seconds(10), .at_least = std::chrono::seconds(10)};
  }
  [[nodiscard]] double total() const override { return position_; }
  void set_total(double value) override { position_ = told_ = value; }

 private:
  [[nodiscard]] std::size_t code() const { return (levels_[0] ? 2U : 0U) + (levels_[1] ? 1U : 0U); }

  /// Whole steps, counted where the part rests: there a quarter that was missed or seen twice is put right.
  int take_steps() {
    const bool rests = quarters_per_step_ == 1 || code() == 0 || (quarters_per_step_ == 2 && code() == 3);
    if (!rests) return 0;
    const int more_than_half = quarters_per_step_ / 2 + 1;
    const int steps = quarters_ / quarters_per_step_ +
                      (std::abs(quarters_ % quarters_per_step_) >= more_than_half ? (quarters_ > 0 ? 1 : -1) : 0);
    quarters_ = 0;
    return steps;
  }

  EdgeNews tell(TimePoint now) {
    tell_at_.reset();
    told_at_ = now;
    return {.changed = true};
  }

  int quarters_per_step_;
  int direction_;
  std::chrono::nanoseconds min_interval_;
  bool keep_;
  std::array<bool, 2> levels_{};
  int quarters_ = 0;  ///< since the part last rested
  double position_ = 0;
  double told_ = 0;
  std::optional<TimePoint> told_at_;
  std::optional<TimePoint> tell_at_;
};

std::unique_ptr<EdgeSensor> make(const DriverContext& context) { return std::make_unique<Encoder>(context.options); }

}  // namespace

B2M_DRIVER(encoder) = {
    .name = "encoder",
    .summary = "rotary or linear encoder of two lines: position and change",
    .datasheet = "Alps Alpine, EC11 series data sheet",
    .bus = BusKind::gpio,
    .channels = channel_table,
    .options = options,
    .settable = true,
    .make_edge_sensor = make,
    .example = R"({"driver": "encoder", "line": "PC12", "second_line": "PC7", "active_low": true, "pull": "up"})",
};

}  // namespace b2m
