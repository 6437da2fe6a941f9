// A LED of the kernel: Linux, Documentation/leds/leds-class.rst and Documentation/ABI/testing/sysfs-class-led.
// Supported: brightness by percent; a trigger of the kernel ("heartbeat", "timer") as what ON does. Not supported: the
// parameters of triggers, colours of multicolour LEDs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "drivers/engine/attribute.hpp"
#include "drivers/engine/level.hpp"

namespace b2m {
namespace {

constexpr DeviceClass leds{.what = "LED",
                           .root = "/sys/class/leds",
                           .prefix = "",
                           .attribute = "name",
                           .missing = "the kernel shows no LED; a free line is driven by a `switch`"};

constexpr std::string_view no_trigger = "none";
constexpr double full = 100;

constexpr OptionSpec options[] = {
    {.key = "led",
     .type = OptionType::text,
     .summary = "its name in /sys/class/leds, \"green:status\"",
     .required = true},
    {.key = "trigger",
     .type = OptionType::text,
     .summary = "what ON hands the LED over to, \"heartbeat\", \"timer\" …; other brightnesses shine steadily",
     .fallback = "none"},
};

/// What the file `trigger` lists, "none [timer] heartbeat": all, and the one in effect.
struct Triggers {
  std::vector<std::string> all;
  std::string active;
};

Triggers parse_triggers(std::string_view text) {
  Triggers triggers;
  while (!text.empty()) {
    auto word = text.substr(0, text.find_first_of(" \n"));
    text.remove_prefix(std::min(text.size(), word.size() + 1));
    if (word.empty()) continue;
    const bool active = word.front() == '[' && word.back() == ']';
    if (active) word = word.substr(1, word.size() - 2);
    if (active) triggers.active = word;
    triggers.all.emplace_back(word);
  }
  return triggers;
}

/// Worker only.
class Led final : public Actuator {
 public:
  Led(AttributeFiles& files, std::string name, std::string trigger)
      : files_(files), name_(std::move(name)), trigger_(std::move(trigger)) {}

  Result<Progress> prepare() override {
    B2M_ASSIGN(directory_, find_device(files_, leds, name_));
    B2M_ASSIGN(brightest_, read_attribute(files_, directory_ + "/max_brightness"));
    if (!(brightest_ >= 1)) return fail(Errc::unsupported, fmt::format("{} has no brightness", name_));
    B2M_TRY(check_trigger());
    return Progress::done();
  }

  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override {
    if (initial) return apply(*initial);
    B2M_ASSIGN(const auto triggers, read_triggers());
    if (trigger_ != no_trigger && triggers.active == trigger_) return full;
    B2M_ASSIGN(const double level, read_attribute(files_, directory_ + "/brightness"));
    return tidy(100 * level / brightest_);
  }

  Result<ActuatorState> apply(const ActuatorState& target) override {
    B2M_ASSIGN(const double percent, percent_of(target));
    const double level = level_for(percent);
    const bool handed_over = percent == full && trigger_ != no_trigger;
    // Whatever trigger has it now, were it the right one, would overrule the brightness.
    B2M_TRY(set_trigger(no_trigger));
    B2M_TRY(files_.write(directory_ + "/brightness", fmt::format("{:.0f}", level)));
    if (handed_over) B2M_TRY(set_trigger(trigger_));
    constexpr double fine_steps = 100;
    return brightest_ >= fine_steps ? percent : tidy(100 * level / brightest_);
  }

 private:
  /// What is not dark shines, also where the LED has one level alone.
  [[nodiscard]] double level_for(double percent) const {
    return percent == 0 ? 0 : std::max(1.0, std::round(brightest_ * percent / 100));
  }

  Result<Triggers> read_triggers() {
    B2M_ASSIGN(const std::string text, files_.read(directory_ + "/trigger"));
    return parse_triggers(text);
  }

  /// An unnecessary write would let the LED go dark for a moment.
  Result<> set_trigger(std::string_view wanted) {
    B2M_ASSIGN(const auto triggers, read_triggers());
    return triggers.active == wanted ? Result<>() : files_.write(directory_ + "/trigger", wanted);
  }

  Result<> check_trigger() {
    B2M_ASSIGN(const auto triggers, read_triggers());
    if (std::find(triggers.all.begin(), triggers.all.end(), trigger_) != triggers.all.end()) return {};
    return fail(Errc::unsupported, fmt::format("this kernel has no LED trigger \"{}\"; it has: {}", trigger_,
                                               fmt::join(triggers.all, ", ")));
  }

  AttributeFiles& files_;
  std::string name_;
  std::string trigger_;
  std::string directory_;
  double brightest_ = 0;
};

std::unique_ptr<Actuator> make(const DriverContext& context) {
  return std::make_unique<Led>(*context.files, context.options.text("led"), context.options.text("trigger"));
}

}  // namespace

B2M_DRIVER(led) = {
    .name = "led",
    .summary = "a LED of the kernel, in percent: the board's own, or one of an overlay",
    .datasheet = "Linux, Documentation/leds/leds-class.rst",
    .bus = BusKind::files,
    .options = options,
    .make_actuator = make,
    .output = {.kind = ActuatorKind::range, .light = true},
    .example = R"({"driver": "led", "led": "green:status"})",
};

}  // namespace b2m
