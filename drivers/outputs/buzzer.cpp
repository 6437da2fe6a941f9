// A passive buzzer, or a small loudspeaker, on a PWM channel of the kernel: Linux, Documentation/driver-api/pwm.rst.
// Supported: tones, as a square wave. Not supported: loudness, melodies. An active buzzer, which has its own tone, is a
// `switch`.
#include <cmath>
#include <memory>

#include "drivers/engine/kernel_pwm.hpp"
#include "drivers/engine/level.hpp"

namespace b2m {
namespace {

constexpr OptionSpec options[] = {
    pwm_options::chip,
    pwm_options::channel,
    {.key = "tone_hz",
     .type = OptionType::number,
     .summary = "the tone of ON, which is the highest that it takes; most buzzers are loudest between 2000 and 4000",
     .fallback = "2700",
     .min = 20,
     .max = 20000},
    pwm_options::active_low,
};

constexpr std::string_view unit = "Hz";
constexpr double lowest_hz = 1;  // below, nothing is heard but clicks
constexpr double default_tone_hz = 2700;

OutputSpec output_of(const Options& given) {
  return {.kind = ActuatorKind::range, .range = {0, given.number("tone_hz")}, .unit = unit};
}

/// Worker only.
class Buzzer final : public Actuator {
 public:
  Buzzer(KernelPwm channel, double tone_hz) : channel_(std::move(channel)), tone_hz_(tone_hz) {}

  Result<Progress> prepare() override { return channel_.prepare(pwm_period(tone_hz_)); }

  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override {
    if (initial) return apply(*initial);
    B2M_ASSIGN(const auto found, channel_.pulse());
    if (found.active.count() == 0) return 0.0;
    return tidy(1e9 / static_cast<double>(found.period.count()));
  }

  Result<ActuatorState> apply(const ActuatorState& target) override {
    B2M_ASSIGN(const double tone, level_of(target, {0, tone_hz_}, unit));
    if (tone != 0 && tone < lowest_hz) return fail(Errc::out_of_range, "a tone has at least 1 Hz; 0 is silence");
    const auto period = pwm_period(tone == 0 ? tone_hz_ : tone);
    B2M_TRY(channel_.set_pulse({period, tone == 0 ? std::chrono::nanoseconds(0) : period / 2}));
    return tone;
  }

 private:
  KernelPwm channel_;
  double tone_hz_;
};

std::unique_ptr<Actuator> make(const DriverContext& context) {
  return std::make_unique<Buzzer>(KernelPwm(context), context.options.number("tone_hz"));
}

}  // namespace

B2M_DRIVER(buzzer) = {
    .name = "buzzer",
    .summary = "a passive buzzer on a PWM channel of the kernel, by the tone's frequency",
    .datasheet = "Linux, Documentation/driver-api/pwm.rst",
    .wiring =
        "a passive buzzer, which only clicks on a battery; an active one, which sounds, is a `switch`. What "
        "draws more than a few mA wants a transistor",
    .bus = BusKind::files,
    .options = options,
    .make_actuator = make,
    .output = {.kind = ActuatorKind::range, .range = {0, default_tone_hz}, .unit = unit},
    .output_of = output_of,
    .example = R"({"driver": "buzzer", "chip": "300a000.pwm", "channel": 3, "tone_hz": 2700})",
};

}  // namespace b2m
