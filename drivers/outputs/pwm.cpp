// A PWM channel of the kernel: lamp, fan, valve by percent. Linux, Documentation/driver-api/pwm.rst.
// Supported: any frequency that the chip can make, inverted by active_low. Not supported: capture.
#include <cmath>
#include <memory>

#include "drivers/engine/kernel_pwm.hpp"
#include "drivers/engine/level.hpp"

namespace b2m {
namespace {

constexpr OptionSpec options[] = {
    pwm_options::chip,
    pwm_options::channel,
    {.key = "frequency_hz",
     .type = OptionType::number,
     .summary = "of the pulses: some 1000 for a lamp, 25000 for a fan of four wires, below 10 for a solid-state relay",
     .fallback = "1000",
     .min = 0.1,
     .max = 1e6},
    pwm_options::active_low,
};

/// Worker only.
class Pwm final : public Actuator {
 public:
  Pwm(KernelPwm channel, std::chrono::nanoseconds period) : channel_(std::move(channel)), period_(period) {}

  Result<Progress> prepare() override { return channel_.prepare(period_); }

  Result<ActuatorState> init(const std::optional<ActuatorState>& initial) override {
    if (initial) return apply(*initial);
    B2M_ASSIGN(const auto found, channel_.pulse());
    if (found.period.count() == 0) return 0.0;
    return tidy(100.0 * static_cast<double>(found.active.count()) / static_cast<double>(found.period.count()));
  }

  Result<ActuatorState> apply(const ActuatorState& target) override {
    B2M_ASSIGN(const double percent, percent_of(target));
    const auto active = std::llround(static_cast<double>(period_.count()) * percent / 100);
    B2M_TRY(channel_.set_pulse({period_, std::chrono::nanoseconds(active)}));
    return percent;
  }

 private:
  KernelPwm channel_;
  std::chrono::nanoseconds period_;
};

std::unique_ptr<Actuator> make(const DriverContext& context) {
  return std::make_unique<Pwm>(KernelPwm(context), pwm_period(context.options.number("frequency_hz")));
}

}  // namespace

B2M_DRIVER(pwm) = {
    .name = "pwm",
    .summary = "a PWM channel of the kernel, in percent: lamp, fan, valve",
    .datasheet = "Linux, Documentation/driver-api/pwm.rst",
    .wiring = "the pin drives the gate of a transistor or the control wire of a fan, never the load itself",
    .bus = BusKind::files,
    .options = options,
    .make_actuator = make,
    .output = {.kind = ActuatorKind::range},
    .example = R"({"driver": "pwm", "chip": "300a000.pwm", "channel": 1, "frequency_hz": 1000})",
};

}  // namespace b2m
