// A stepper motor on four GPIO lines: valve, shutter, pointer. Driver chips: ST, ULN2001 to ULN2004 datasheet; ST, L298
// datasheet, which has the sequences of both ways to step. Motor of the common set: Kiatronics, 28BYJ-48 datasheet.
// Supported: wave, full and half steps at a constant rate, a position counted from the start, currents off when idle.
// Not supported: acceleration, end switches, microsteps, drivers with step and direction inputs.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <memory>
#include <optional>
#include <span>

#include "drivers/api/driver.hpp"

namespace b2m {
namespace {

/// Which of the four lines carry current; bit 0 is line_1.
using Pattern = std::uint8_t;

constexpr Pattern wave_steps[] = {0b0001, 0b0010, 0b0100, 0b1000};
constexpr Pattern full_steps[] = {0b0011, 0b0110, 0b1100, 0b1001};
constexpr Pattern half_steps[] = {0b0001, 0b0011, 0b0010, 0b0110, 0b0100, 0b1100, 0b1000, 0b1001};

constexpr std::array<std::string_view, 4> line_keys{"line_1", "line_2", "line_3", "line_4"};
constexpr std::string_view modes[] = {"half", "full", "wave"};

// Some thousand turns of a geared motor; far from where a double no longer holds each step.
constexpr double most_steps = 10'000'000;

constexpr OptionSpec options[] = {
    {.key = line_keys[0], .type = OptionType::line, .summary = "GPIO line of the first coil", .required = true},
    {.key = line_keys[1], .type = OptionType::line, .summary = "GPIO line of the second coil", .required = true},
    {.key = line_keys[2], .type = OptionType::line, .summary = "GPIO line of the third coil", .required = true},
    {.key = line_keys[3], .type = OptionType::line, .summary = "GPIO line of the fourth coil", .required = true},
    {.key = "max_steps",
     .type = OptionType::integer,
     .summary = "upper end of the way, in steps from where it stands at the start; ON and 100%",
     .required = true,
     .min = 1,
     .max = most_steps},
    {.key = "min_steps",
     .type = OptionType::integer,
     .summary = "lower end of the way",
     .fallback = "0",
     .min = -most_steps,
     .max = 0},
    {.key = "step",
     .type = OptionType::choice,
     .summary = "half has twice as many steps to a turn, full the most force, wave the least current",
     .fallback = "half",
     .choices = modes},
    {.key = "steps_per_second",
     .type = OptionType::number,
     .summary = "at most; a motor that is driven too fast hums and stands still",
     .fallback = "200",
     .min = 0.1,
     .max = 1000},
    {.key = "hold",
     .type = OptionType::boolean,
     .summary = "keep the current on while it stands, for a load that would turn it back; the motor gets warm",
     .fallback = "false"},
};

std::span<const Pattern> patterns_of(const std::string& mode) {
  if (mode == "wave") return wave_steps;
  if (mode == "full") return full_steps;
  return half_steps;
}

OutputSpec output_of(const Options& given) {
  return {.kind = ActuatorKind::range,
          .range = {static_cast<double>(given.integer("min_steps")), static_cast<double>(given.integer("max_steps"))},
          .unit = "steps"};
}

struct Settings {
  std::array<LineId, 4> lines;
  std::span<const Pattern> patterns;
  Range range;
  Progress::Duration interval;
  bool hold;
};

/// Worker only.
class Stepper final : public Actuator {
 public:
  Stepper(GpioPort& gpio, Settings settings) : gpio_(gpio), settings_(std::move(settings)) {}

  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override;
  Result<ActuatorState> apply(const ActuatorState& target) override;
  Result<Progress> advance() override;
  Result<std::optional<ActuatorState>> halt() override;

 private:
  [[nodiscard]] Result<std::int64_t> steps_of(const ActuatorState& state) const;
  [[nodiscard]] Pattern pattern() const;
  [[nodiscard]] Pattern idle() const { return settings_.hold ? pattern() : Pattern{0}; }
  Result<> take_lines();
  Result<> energise(Pattern wanted);

  GpioPort& gpio_;
  Settings settings_;
  std::array<std::unique_ptr<OutputLine>, 4> lines_;
  std::optional<Pattern> energised_;  ///< none: unknown
  std::optional<std::int64_t> position_;
  std::int64_t goal_ = 0;
};

/// Nothing tells where the motor stands: at the first start the initial state is taken for it. After a failure the
/// steps counted so far are.
Result<ActuatorState> Stepper::init(const std::optional<ActuatorState>& initial) {
  std::int64_t steps = position_.value_or(0);
  if (initial) {
    B2M_ASSIGN(steps, steps_of(*initial));
  }
  if (!position_) position_ = steps;
  goal_ = steps;
  energised_.reset();
  if (lines_.back() && energise(idle())) return static_cast<double>(goal_);
  B2M_TRY(take_lines());
  B2M_TRY(energise(idle()));
  return static_cast<double>(goal_);
}

Result<ActuatorState> Stepper::apply(const ActuatorState& target) {
  if (!lines_.back() || !position_) return fail(Errc::not_ready, "the lines are not held yet");
  B2M_ASSIGN(goal_, steps_of(target));
  return static_cast<double>(goal_);
}

/// The last step has its full time too before the current goes off.
Result<Progress> Stepper::advance() {
  if (*position_ == goal_) {
    B2M_TRY(energise(idle()));
    return Progress::done();
  }
  *position_ += goal_ > *position_ ? 1 : -1;
  B2M_TRY(energise(pattern()));
  return Progress::again_after(settings_.interval);
}

Result<std::optional<ActuatorState>> Stepper::halt() {
  if (!lines_.back() || !position_) return std::nullopt;
  goal_ = *position_;
  B2M_TRY(energise(idle()));
  return static_cast<double>(goal_);
}

Result<std::int64_t> Stepper::steps_of(const ActuatorState& state) const {
  if (const bool* on = std::get_if<bool>(&state)) return *on ? std::llround(settings_.range.high) : 0;
  const double* steps = std::get_if<double>(&state);
  if (steps == nullptr) return fail(Errc::unsupported, "a stepper takes a number of steps");
  if (!settings_.range.contains(*steps))
    return fail(Errc::out_of_range,
                fmt::format("{} is not from {} to {} steps", *steps, settings_.range.low, settings_.range.high));
  return std::llround(*steps);
}

Pattern Stepper::pattern() const {
  const auto count = static_cast<std::int64_t>(settings_.patterns.size());
  return settings_.patterns[static_cast<std::size_t>((*position_ % count + count) % count)];
}

/// Each line together with its level; a line that an earlier process left may have another one until it is set.
Result<> Stepper::take_lines() {
  for (auto& line : lines_) line.reset();
  for (std::size_t i = 0; i < lines_.size(); ++i) {
    B2M_ASSIGN(lines_[i], gpio_.request_output(settings_.lines[i], {.initial = (idle() >> i & 1) != 0}));
  }
  return {};
}

/// Off before on, so that no two coils carry current that should not.
Result<> Stepper::energise(Pattern wanted) {
  if (energised_ == wanted) return {};
  for (const bool on : {false, true}) {
    for (std::size_t i = 0; i < lines_.size(); ++i) {
      const bool level = (wanted >> i & 1) != 0;
      const bool known = energised_ && (*energised_ >> i & 1) == (wanted >> i & 1);
      if (level != on || known) continue;
      if (auto set = lines_[i]->set(level); !set) {
        energised_.reset();
        return set;
      }
    }
  }
  energised_ = wanted;
  return {};
}

std::unique_ptr<Actuator> make(const DriverContext& context) {
  const auto& given = context.options;
  Settings settings{.lines = {},
                    .patterns = patterns_of(given.text("step")),
                    .range = output_of(given).range,
                    .interval = Progress::Duration(std::llround(1e6 / given.number("steps_per_second"))),
                    .hold = given.flag("hold")};
  for (std::size_t i = 0; i < line_keys.size(); ++i)
    settings.lines.at(i) = context.lines.at(std::string(line_keys.at(i)));
  return std::make_unique<Stepper>(*context.gpio, std::move(settings));
}

}  // namespace

B2M_DRIVER(stepper) = {
    .name = "stepper",
    .summary = "a stepper motor on four lines, in steps: valve, shutter, pointer",
    .datasheet = "ST, ULN2001, ULN2002, ULN2003, ULN2004 datasheet; ST, L298 datasheet; Kiatronics, 28BYJ-48 datasheet",
    .wiring =
        "ULN2003 board with 28BYJ-48: IN1 to IN4 are line_1 to line_4; half steps make 4076 to a turn. L298N with a "
        "motor of two coils: IN1, IN3, IN2, IN4 are line_1 to line_4. The motor has a supply of its own, its ground "
        "joined to the board's",
    .bus = BusKind::gpio_lines,
    .options = options,
    .make_actuator = make,
    .output = {.kind = ActuatorKind::range, .range = {-most_steps, most_steps}, .unit = "steps"},
    .output_of = output_of,
    .example =
        R"({"driver": "stepper", "line_1": "PC8", "line_2": "PC9", "line_3": "PC10", "line_4": "PC11", "max_steps": 4076})",
};

}  // namespace b2m
